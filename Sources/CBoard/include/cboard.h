#ifndef CBOARD_H
#define CBOARD_H

#include <stddef.h>
#include <stdint.h>

#include "cboard_event.h"
#include "cboard_gpio.h"

/* The thinnest bridge to termios, pseudo terminals and the kernel's clock state.
 * Each function returns a value >= 0, or -errno. Nothing here allocates or keeps state. */

/* How many speeds cboard_serial_speed(index) knows. */
size_t cboard_serial_speed_count(void);

/* Bits per second of speed number `index`, ascending; 0 past the end. */
uint32_t cboard_serial_speed(size_t index);

/* Opens a terminal device raw, 8N1, non-blocking, close-on-exec, without becoming its controlling
 * process; modem lines are ignored, and RTS/CTS are used when `hardware_flow_control` is not 0.
 * Speed and raw mode are read back: -ENOTSUP says that the driver did not take them.
 * -EINVAL: not a speed of the table. -ENOTTY: not a terminal. */
int cboard_serial_open(const char *path, uint32_t bits_per_second, int hardware_flow_control);

/* Opens a pseudo terminal, raw on the slave side; the master is non-blocking, both close on exec.
 * The slave's path, with its closing 0, goes to `path`. */
int cboard_pty_open(int *master, int *slave, char *path, size_t capacity);

/* 1: the kernel's clock is disciplined by a time source; 0: it is not. */
int cboard_clock_is_synchronised(void);

/* 1: some process has the file behind the read-only descriptor `fd` open for writing; 0: none has.
 * -errno where the file system or the caller's rights do not allow a lease, which is how it asks. */
int cboard_is_being_written(int fd);

#endif
