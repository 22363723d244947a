#ifndef CBOARD_GPIO_H
#define CBOARD_GPIO_H

#include <stdint.h>

/* The thinnest bridge to libgpiod, the same for its versions 1.6 and 2.x.
 * A function returns a value >= 0, or -errno. A line is requested alone and has its own descriptor. */

/* What the kernel says about a line. Texts are cut to their room and end in 0; empty is none. */
typedef struct {
  char label[64];    /* of its chip */
  char name[64];
  char consumer[64]; /* who has it, if anyone */
  uint32_t offset;
  int used;
  int output;
} cboard_gpio_line;

/* A chip to ask about; NULL with *error = -errno. */
typedef struct cboard_gpio_chip cboard_gpio_chip;
cboard_gpio_chip *cboard_gpio_chip_open(const char *path, int *error);
void cboard_gpio_chip_close(cboard_gpio_chip *chip);
int cboard_gpio_chip_count(cboard_gpio_chip *chip);
int cboard_gpio_chip_line(cboard_gpio_chip *chip, uint32_t offset, cboard_gpio_line *line);

/* A line that this process has. */
typedef struct cboard_gpio_request cboard_gpio_request;

/* Requests line `offset` of the chip at `path`, logically inverted with `active_low`.
 * With `output` it is driven to `value` from the start. Without, edges both ways become events, and the
 * kernel debounces by `debounce_us` if it can; *debounced says whether it does (1.6 never asks it to). */
cboard_gpio_request *cboard_gpio_request_line(const char *path, uint32_t offset, const char *consumer,
                                              int active_low, int output, int value,
                                              uint32_t debounce_us, int *debounced, int *error);
void cboard_gpio_release(cboard_gpio_request *request);

/* The logical level, 0 or 1. */
int cboard_gpio_get(cboard_gpio_request *request);
int cboard_gpio_set(cboard_gpio_request *request, int value);

/* Of an input: readable when an event waits. */
int cboard_gpio_descriptor(cboard_gpio_request *request);

/* Takes one event of an input, blocking until there is one: 1 to on, 0 to off, by the logical level;
 * its time on CLOCK_MONOTONIC (on CLOCK_REALTIME before Linux 5.7). */
int cboard_gpio_read(cboard_gpio_request *request, uint64_t *nanoseconds);

/* The interface this was compiled for: 1 or 2. */
int cboard_gpio_api(void);

#endif
