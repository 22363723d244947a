#include "cboard_event.h"

#include <errno.h>
#include <sys/eventfd.h>

int cboard_event_open(void) {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}
