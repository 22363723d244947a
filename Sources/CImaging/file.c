#define _POSIX_C_SOURCE 200809L
#include "CImaging.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int cim_file_open(const char *path, int *descriptor, uint64_t *byte_count, cim_file_kind *kind) {
  int fd;
  do fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return errno;
  struct stat status;
  if (fstat(fd, &status) != 0) {
    int error = errno;
    close(fd);
    return error;
  }
  *descriptor = fd;
  *byte_count = status.st_size > 0 ? (uint64_t)status.st_size : 0;
  *kind = S_ISREG(status.st_mode)   ? CIM_REGULAR_FILE
          : S_ISDIR(status.st_mode) ? CIM_DIRECTORY
                                    : CIM_OTHER_KIND;
  return 0;
}

void cim_file_close(int descriptor) { close(descriptor); }

long cim_file_peek(int descriptor, uint8_t *out, size_t count) {
  ssize_t got;
  do got = pread(descriptor, out, count, 0);
  while (got < 0 && errno == EINTR);
  return got < 0 ? -(long)errno : (long)got;
}

void cim_error_text(int error, char *out, size_t count) {
  if (strerror_r(error, out, count) != 0 && count > 0) out[0] = 0;
}
