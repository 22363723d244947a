#define _GNU_SOURCE
#include "cboard.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int address_of(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  if (length >= sizeof address->sun_path) return -ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length + 1);
  return 0;
}

int cboard_socket_connect(const char *path) {
  struct sockaddr_un address;
  int result = address_of(path, &address);
  if (result < 0) return result;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  result = -errno;
  close(fd);
  return result;
}

/* Takes the name of a socket that nobody listens at any more out of the way. */
static int clear_stale(const char *path) {
  struct stat found;
  if (lstat(path, &found) != 0) return errno == ENOENT ? 0 : -errno;
  if (!S_ISSOCK(found.st_mode)) return -EEXIST;
  int fd = cboard_socket_connect(path);
  if (fd >= 0 || fd == -EAGAIN) {
    if (fd >= 0) close(fd);
    return -EADDRINUSE;
  }
  if (fd != -ECONNREFUSED) return fd;
  return unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
}

int cboard_socket_listen(const char *path, unsigned mode) {
  struct sockaddr_un address;
  int result = address_of(path, &address);
  if (result == 0) result = clear_stale(path);
  if (result < 0) return result;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  /* Nobody can connect before listen(), so the rights are right when somebody can. */
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) {
    if (chmod(path, (mode_t)mode) == 0 && listen(fd, 4) == 0) return fd;
    result = -errno;
    unlink(path);
  } else {
    result = -errno;
  }
  close(fd);
  return result;
}

int cboard_socket_accept(int fd) {
  int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return client >= 0 ? client : -errno;
}
