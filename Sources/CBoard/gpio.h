#ifndef CBOARD_GPIO_PRIVATE_H
#define CBOARD_GPIO_PRIVATE_H

#include <errno.h>
#include <gpiod.h>
#include <stdio.h>

#include "cboard_gpio.h"

/* Only the header of libgpiod 1.x has the number of lines of a bulk. */
#ifdef GPIOD_LINE_BULK_MAX_LINES
#define CBOARD_GPIO_API 1
#else
#define CBOARD_GPIO_API 2
#endif

/* Copies a text that may be absent into its room of 64 bytes. */
static inline void cboard_gpio_copy(char *room, const char *text) {
  snprintf(room, 64, "%s", text ? text : "");
}

/* -errno of a call that has just failed; libgpiod sets errno, but 0 must not pass for success. */
static inline int cboard_gpio_failure(void) { return errno > 0 ? -errno : -EIO; }

#endif
