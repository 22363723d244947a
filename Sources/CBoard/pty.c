#define _GNU_SOURCE
#include "cboard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int open_slave(int master, char *path, size_t capacity) {
  if (grantpt(master) != 0 || unlockpt(master) != 0) return -errno;
  int failure = ptsname_r(master, path, capacity);
  if (failure != 0) return -failure;
  int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return -errno;
  struct termios settings;
  if (tcgetattr(slave, &settings) == 0) {
    cfmakeraw(&settings);
    if (tcsetattr(slave, TCSANOW, &settings) == 0) return slave;
  }
  int reason = errno;
  close(slave);
  return -reason;
}

int cboard_pty_open(int *master, int *slave, char *path, size_t capacity) {
  int opened = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (opened < 0) return -errno;
  int other = open_slave(opened, path, capacity);
  if (other < 0) {
    close(opened);
    return other;
  }
  *master = opened;
  *slave = other;
  return 0;
}
