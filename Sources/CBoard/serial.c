#define _GNU_SOURCE
#include "cboard.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

static const struct {
  uint32_t bits_per_second;
  speed_t code;
} speeds[] = {
    {9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},   {115200, B115200},
    {230400, B230400}, {460800, B460800}, {500000, B500000}, {576000, B576000}, {921600, B921600},
};

size_t cboard_serial_speed_count(void) { return sizeof speeds / sizeof speeds[0]; }

uint32_t cboard_serial_speed(size_t index) {
  return index < cboard_serial_speed_count() ? speeds[index].bits_per_second : 0;
}

static int configure(int fd, speed_t code, int flow_control) {
  struct termios wanted, found;
  if (tcgetattr(fd, &wanted) != 0) return -errno;
  cfmakeraw(&wanted);
  wanted.c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | CRTSCTS | HUPCL);
  wanted.c_cflag |= CS8 | CREAD | CLOCAL;
  wanted.c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY);
  if (flow_control == CBOARD_FLOW_HARDWARE) wanted.c_cflag |= CRTSCTS;
  if (flow_control == CBOARD_FLOW_SOFTWARE) wanted.c_iflag |= IXON | IXOFF;
  wanted.c_cc[VSTART] = 0x11;
  wanted.c_cc[VSTOP] = 0x13;
  wanted.c_cc[VMIN] = 1;
  wanted.c_cc[VTIME] = 0;
  if (cfsetispeed(&wanted, code) != 0 || cfsetospeed(&wanted, code) != 0) return -errno;
  if (tcsetattr(fd, TCSANOW, &wanted) != 0) return -errno;
  /* tcsetattr succeeds when it could do any part of what was asked. */
  if (tcgetattr(fd, &found) != 0) return -errno;
  if (cfgetospeed(&found) != code || (found.c_lflag & (ICANON | ECHO | ISIG)) != 0 ||
      (found.c_oflag & OPOST) != 0 ||
      (flow_control == CBOARD_FLOW_HARDWARE && !(found.c_cflag & CRTSCTS)) ||
      (flow_control == CBOARD_FLOW_SOFTWARE && (found.c_iflag & (IXON | IXOFF)) != (IXON | IXOFF)))
    return -ENOTSUP;
  return 0;
}

int cboard_serial_open(const char *path, uint32_t bits_per_second, int flow_control) {
  size_t index = 0;
  while (index < cboard_serial_speed_count() && speeds[index].bits_per_second != bits_per_second)
    index++;
  if (index == cboard_serial_speed_count()) return -EINVAL;

  int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -errno;
  int result = isatty(fd) ? configure(fd, speeds[index].code, flow_control) : -ENOTTY;
  if (result < 0) {
    close(fd);
    return result;
  }
  return fd;
}
