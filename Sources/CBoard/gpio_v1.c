#include "gpio.h"

#if CBOARD_GPIO_API == 1

#include <stdlib.h>

struct cboard_gpio_request {
  struct gpiod_chip *chip;
  struct gpiod_line *line;
};

int cboard_gpio_api(void) { return 1; }

cboard_gpio_chip *cboard_gpio_chip_open(const char *path, int *error) {
  struct gpiod_chip *chip = gpiod_chip_open(path);
  if (!chip) *error = cboard_gpio_failure();
  return (cboard_gpio_chip *)chip;
}

void cboard_gpio_chip_close(cboard_gpio_chip *chip) { gpiod_chip_close((struct gpiod_chip *)chip); }

int cboard_gpio_chip_count(cboard_gpio_chip *chip) {
  return (int)gpiod_chip_num_lines((struct gpiod_chip *)chip);
}

int cboard_gpio_chip_line(cboard_gpio_chip *chip, uint32_t offset, cboard_gpio_line *found) {
  struct gpiod_line *line = gpiod_chip_get_line((struct gpiod_chip *)chip, offset);
  if (!line) return cboard_gpio_failure();
  cboard_gpio_copy(found->label, gpiod_chip_label((struct gpiod_chip *)chip));
  cboard_gpio_copy(found->name, gpiod_line_name(line));
  cboard_gpio_copy(found->consumer, gpiod_line_consumer(line));
  found->offset = offset;
  found->used = gpiod_line_is_used(line);
  found->output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT;
  return 0;
}

cboard_gpio_request *cboard_gpio_request_line(const char *path, uint32_t offset, const char *consumer,
                                              int active_low, int output, int value,
                                              uint32_t debounce_us, int *debounced, int *error) {
  (void)debounce_us;
  *debounced = 0;
  cboard_gpio_request *request = calloc(1, sizeof *request);
  if (!request) {
    *error = -ENOMEM;
    return NULL;
  }
  struct gpiod_line_request_config config = {
      .consumer = consumer,
      .request_type = output ? GPIOD_LINE_REQUEST_DIRECTION_OUTPUT : GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES,
      .flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
  };
  request->chip = gpiod_chip_open(path);
  if (request->chip) request->line = gpiod_chip_get_line(request->chip, offset);
  if (!request->line || gpiod_line_request(request->line, &config, value) != 0) {
    *error = cboard_gpio_failure();
    if (request->chip) gpiod_chip_close(request->chip);
    free(request);
    return NULL;
  }
  return request;
}

void cboard_gpio_release(cboard_gpio_request *request) {
  gpiod_line_release(request->line);
  gpiod_chip_close(request->chip);
  free(request);
}

int cboard_gpio_get(cboard_gpio_request *request) {
  int value = gpiod_line_get_value(request->line);
  return value < 0 ? cboard_gpio_failure() : value;
}

int cboard_gpio_set(cboard_gpio_request *request, int value) {
  return gpiod_line_set_value(request->line, value) < 0 ? cboard_gpio_failure() : 0;
}

int cboard_gpio_descriptor(cboard_gpio_request *request) {
  int fd = gpiod_line_event_get_fd(request->line);
  return fd < 0 ? cboard_gpio_failure() : fd;
}

int cboard_gpio_read(cboard_gpio_request *request, uint64_t *nanoseconds) {
  struct gpiod_line_event event;
  if (gpiod_line_event_read(request->line, &event) < 0) return cboard_gpio_failure();
  *nanoseconds = (uint64_t)event.ts.tv_sec * 1000000000u + (uint64_t)event.ts.tv_nsec;
  return event.event_type == GPIOD_LINE_EVENT_RISING_EDGE;
}

#endif
