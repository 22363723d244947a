#include "gpio.h"

#if CBOARD_GPIO_API == 2

#include <stdlib.h>

struct cboard_gpio_request {
  struct gpiod_line_request *lines;
  struct gpiod_edge_event_buffer *events; /* NULL for an output */
  unsigned int offset;
};

int cboard_gpio_api(void) { return 2; }

cboard_gpio_chip *cboard_gpio_chip_open(const char *path, int *error) {
  struct gpiod_chip *chip = gpiod_chip_open(path);
  if (!chip) *error = cboard_gpio_failure();
  return (cboard_gpio_chip *)chip;
}

void cboard_gpio_chip_close(cboard_gpio_chip *chip) { gpiod_chip_close((struct gpiod_chip *)chip); }

int cboard_gpio_chip_count(cboard_gpio_chip *chip) {
  struct gpiod_chip_info *info = gpiod_chip_get_info((struct gpiod_chip *)chip);
  if (!info) return cboard_gpio_failure();
  int count = (int)gpiod_chip_info_get_num_lines(info);
  gpiod_chip_info_free(info);
  return count;
}

int cboard_gpio_chip_line(cboard_gpio_chip *chip, uint32_t offset, cboard_gpio_line *found) {
  struct gpiod_chip_info *info = gpiod_chip_get_info((struct gpiod_chip *)chip);
  if (!info) return cboard_gpio_failure();
  cboard_gpio_copy(found->label, gpiod_chip_info_get_label(info));
  gpiod_chip_info_free(info);
  struct gpiod_line_info *line = gpiod_chip_get_line_info((struct gpiod_chip *)chip, offset);
  if (!line) return cboard_gpio_failure();
  cboard_gpio_copy(found->name, gpiod_line_info_get_name(line));
  cboard_gpio_copy(found->consumer, gpiod_line_info_get_consumer(line));
  found->offset = offset;
  found->used = gpiod_line_info_is_used(line);
  found->output = gpiod_line_info_get_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT;
  gpiod_line_info_free(line);
  return 0;
}

/* Requests one line with `settings`; NULL with errno set. */
static struct gpiod_line_request *request_with(struct gpiod_chip *chip, unsigned int offset,
                                               struct gpiod_line_settings *settings,
                                               const char *consumer) {
  struct gpiod_line_request *lines = NULL;
  struct gpiod_line_config *line_config = gpiod_line_config_new();
  struct gpiod_request_config *config = gpiod_request_config_new();
  int failure = ENOMEM;
  if (line_config && config) {
    gpiod_request_config_set_consumer(config, consumer);
    if (gpiod_line_config_add_line_settings(line_config, &offset, 1, settings) == 0)
      lines = gpiod_chip_request_lines(chip, config, line_config);
    failure = errno;
  }
  if (config) gpiod_request_config_free(config);
  if (line_config) gpiod_line_config_free(line_config);
  errno = failure;
  return lines;
}

static struct gpiod_line_request *request_on(struct gpiod_chip *chip, unsigned int offset,
                                             const char *consumer, int active_low, int output,
                                             int value, uint32_t debounce_us, int *debounced) {
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  if (!settings) return NULL;
  gpiod_line_settings_set_active_low(settings, active_low != 0);
  if (output) {
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
    gpiod_line_settings_set_output_value(settings,
                                         value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
  } else {
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
    gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
    gpiod_line_settings_set_debounce_period_us(settings, debounce_us);
  }
  struct gpiod_line_request *lines = request_with(chip, offset, settings, consumer);
  *debounced = lines && !output && debounce_us > 0;
  if (!lines && !output && debounce_us > 0 && (errno == EINVAL || errno == ENOTSUP)) {
    gpiod_line_settings_set_debounce_period_us(settings, 0);
    lines = request_with(chip, offset, settings, consumer);
  }
  int failure = errno;
  gpiod_line_settings_free(settings);
  errno = failure;
  return lines;
}

cboard_gpio_request *cboard_gpio_request_line(const char *path, uint32_t offset, const char *consumer,
                                              int active_low, int output, int value,
                                              uint32_t debounce_us, int *debounced, int *error) {
  *debounced = 0;
  cboard_gpio_request *request = calloc(1, sizeof *request);
  struct gpiod_chip *chip = request ? gpiod_chip_open(path) : NULL;
  if (chip) {
    request->offset = offset;
    if (!output) request->events = gpiod_edge_event_buffer_new(1);
    if (output || request->events)
      request->lines =
          request_on(chip, offset, consumer, active_low, output, value, debounce_us, debounced);
  }
  if (chip && request->lines) {
    gpiod_chip_close(chip);
    return request;
  }
  *error = cboard_gpio_failure();
  if (chip) gpiod_chip_close(chip);
  if (request && request->events) gpiod_edge_event_buffer_free(request->events);
  free(request);
  return NULL;
}

void cboard_gpio_release(cboard_gpio_request *request) {
  gpiod_line_request_release(request->lines);
  if (request->events) gpiod_edge_event_buffer_free(request->events);
  free(request);
}

int cboard_gpio_get(cboard_gpio_request *request) {
  enum gpiod_line_value value = gpiod_line_request_get_value(request->lines, request->offset);
  return value == GPIOD_LINE_VALUE_ERROR ? cboard_gpio_failure() : value == GPIOD_LINE_VALUE_ACTIVE;
}

int cboard_gpio_set(cboard_gpio_request *request, int value) {
  enum gpiod_line_value level = value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
  int result = gpiod_line_request_set_value(request->lines, request->offset, level);
  return result < 0 ? cboard_gpio_failure() : 0;
}

int cboard_gpio_descriptor(cboard_gpio_request *request) {
  int fd = gpiod_line_request_get_fd(request->lines);
  return fd < 0 ? cboard_gpio_failure() : fd;
}

int cboard_gpio_read(cboard_gpio_request *request, uint64_t *nanoseconds) {
  if (gpiod_line_request_read_edge_events(request->lines, request->events, 1) < 1)
    return cboard_gpio_failure();
  struct gpiod_edge_event *event = gpiod_edge_event_buffer_get_event(request->events, 0);
  if (!event) return cboard_gpio_failure();
  *nanoseconds = gpiod_edge_event_get_timestamp_ns(event);
  return gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
}

#endif
