#define _GNU_SOURCE
#include "cboard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Moves a descriptor above the three standard ones, so that handing it to a child cannot overwrite
 * another one; closes it when that fails. */
static int above_standard(int fd) {
  if (fd < 0 || fd > 2) return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  int reason = errno;
  close(fd);
  errno = reason;
  return moved;
}

static int above_standard_both(int ends[2]) {
  for (int i = 0; i < 2; i++) {
    ends[i] = above_standard(ends[i]);
    if (ends[i] < 0) {
      int reason = errno;
      if (ends[1 - i] >= 0) close(ends[1 - i]);
      return -reason;
    }
  }
  return 0;
}

int cboard_pipe(int ends[2], int capacity) {
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  /* Where the kernel refuses, the pipe is longer, and works all the same. */
  if (capacity > 0) (void)fcntl(ends[1], F_SETPIPE_SZ, capacity);
  return above_standard_both(ends);
}

int cboard_socket_pair(int ends[2]) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
  return above_standard_both(ends);
}

ptrdiff_t cboard_send(int fd, const void *bytes, size_t count) {
  ptrdiff_t sent = send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? -errno : sent;
}

static int set_attributes(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int failure = posix_spawnattr_setsigmask(attributes, &none);
  if (!failure) failure = posix_spawnattr_setsigdefault(attributes, &all);
  if (!failure) failure = posix_spawnattr_setpgroup(attributes, 0);
  if (!failure)
    failure = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return failure;
}

static int set_descriptors(posix_spawn_file_actions_t *actions, int in, int out, int err) {
  int failure = in >= 0 ? posix_spawn_file_actions_adddup2(actions, in, 0)
                        : posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
  if (!failure) failure = posix_spawn_file_actions_adddup2(actions, out, 1);
  if (!failure) failure = posix_spawn_file_actions_adddup2(actions, err, 2);
  if (!failure) failure = posix_spawn_file_actions_addclosefrom_np(actions, 3);
  return failure;
}

int cboard_child_start(char *const words[], int in, int out, int err) {
  posix_spawnattr_t attributes;
  int failure = posix_spawnattr_init(&attributes);
  if (failure) return -failure;
  posix_spawn_file_actions_t actions;
  failure = posix_spawn_file_actions_init(&actions);
  if (failure) {
    posix_spawnattr_destroy(&attributes);
    return -failure;
  }
  pid_t child = 0;
  failure = set_attributes(&attributes);
  if (!failure) failure = set_descriptors(&actions, in, out, err);
  if (!failure) failure = posix_spawnp(&child, words[0], &actions, &attributes, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failure ? -failure : child;
}

int cboard_child_has_ended(int child, int *status, int *by_signal) {
  siginfo_t info;
  info.si_pid = 0;
  int result;
  do result = waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT);
  while (result != 0 && errno == EINTR);
  if (result != 0) return -errno;
  if (info.si_pid == 0) return 0;
  *status = info.si_status;
  *by_signal = info.si_code != CLD_EXITED;
  return 1;
}

int cboard_child_forget(int child) {
  int result;
  do result = waitpid(child, NULL, WNOHANG);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result > 0;
}
