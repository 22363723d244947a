#ifndef CBOARD_H
#define CBOARD_H

#include <stddef.h>
#include <stdint.h>

#include "cboard_event.h"
#include "cboard_gpio.h"

/* The thinnest bridge to termios, pseudo terminals, child processes, V4L2, password hashes and the kernel's clock state.
 * Each function returns a value >= 0, or -errno. Nothing here allocates or keeps state. */

/* How many speeds cboard_serial_speed(index) knows. */
size_t cboard_serial_speed_count(void);

/* Bits per second of speed number `index`, ascending; 0 past the end. */
uint32_t cboard_serial_speed(size_t index);

/* How the two ends of a line keep each other from sending too fast. */
enum { CBOARD_FLOW_NONE = 0, CBOARD_FLOW_HARDWARE = 1, CBOARD_FLOW_SOFTWARE = 2 };

/* Opens a terminal device raw, 8N1, non-blocking, close-on-exec, without becoming its controlling
 * process; modem lines are ignored. `flow_control` is one of CBOARD_FLOW_: none, RTS/CTS, XON/XOFF.
 * Speed, raw mode and flow control are read back: -ENOTSUP says that the driver did not take them.
 * -EINVAL: not a speed of the table. -ENOTTY: not a terminal. */
int cboard_serial_open(const char *path, uint32_t bits_per_second, int flow_control);

/* Opens a pseudo terminal, raw on the slave side; the master is non-blocking, both close on exec.
 * The slave's path, with its closing 0, goes to `path`. */
int cboard_pty_open(int *master, int *slave, char *path, size_t capacity);

/* Hashes `secret` with libcrypt's yescrypt of `cost` and a random salt; the hash with its closing 0 goes
 * to `hash`. Takes 1 MiB << (cost - 1), for as long as it runs. -ERANGE: `capacity` is too small. */
int cboard_secret_hash(const char *secret, unsigned cost, char *hash, size_t capacity);

/* 1: `secret` has the hash `hash` (any kind that libcrypt knows); 0: it has not. The comparison takes as
 * long for a wrong secret as for the right one. */
int cboard_secret_matches(const char *secret, const char *hash);

/* Listens at the Unix socket `path`, whose rights are `mode`; a name that a dead process left is replaced.
 * -EADDRINUSE: somebody listens there. -EEXIST: it is something else than a socket. */
int cboard_socket_listen(const char *path, unsigned mode);

/* The next client of the listening `fd`; -EAGAIN when there is none. */
int cboard_socket_accept(int fd);

/* Connects to the Unix socket `path`. These three are non-blocking and closed on exec. */
int cboard_socket_connect(const char *path);

/* Gives back what a process that rests does not need: free pieces of the heap, and the mapped pages of the program and
 * its libraries that nobody writes (code, constants). They are read again from the page cache when they are used:
 * about a microsecond for 16 of them. Returns the bytes of address space looked at. */
size_t cboard_release_idle_memory(void);

/* 1: the kernel's clock is disciplined by a time source; 0: it is not. */
int cboard_clock_is_synchronised(void);

/* 1: some process has the file behind the read-only descriptor `fd` open for writing; 0: none has.
 * -errno where the file system or the caller's rights do not allow a lease, which is how it asks. */
int cboard_is_being_written(int fd);

/* A pipe, read from ends[0] and written to ends[1]; both block, close on exec and are above 2. It holds
 * `capacity` bytes, rounded up to a page, where the kernel allows that; 0: as many as is usual. */
int cboard_pipe(int ends[2], int capacity);

/* Two joined sockets; both block, close on exec and are above 2. */
int cboard_socket_pair(int ends[2]);

/* Sends what the socket takes at once, without SIGPIPE when the other end is gone; the count sent. */
ptrdiff_t cboard_send(int fd, const void *bytes, size_t count);

/* Starts words[0], looked up in PATH, with its words (the last is NULL) as the leader of a process
 * group of its own, with the three descriptors as its standard ones (in < 0: /dev/null) and no other,
 * and with every signal as the system has it. The process number; it equals the group's. */
int cboard_child_start(char *const words[], int in, int out, int err);

/* 1: the child has ended, with this status, or by this signal when *by_signal is not 0; 0: it runs.
 * It stays known to the system, so that its number is not given to another. */
int cboard_child_has_ended(int child, int *status, int *by_signal);

/* Lets the system forget a child that has ended: 1 when it did, 0 when the child still runs. */
int cboard_child_forget(int child);

enum { CBOARD_CAMERA_BUFFERS = 8 };

/* An open V4L2 camera; the caller owns the memory and touches nothing but to read. */
typedef struct cboard_camera {
  int fd;
  uint32_t format, width, height, bytes_per_line;
  uint32_t buffer_count;
  uintptr_t starts[CBOARD_CAMERA_BUFFERS];
  size_t lengths[CBOARD_CAMERA_BUFFERS];
  char card[33];
} cboard_camera;

/* One filled buffer; `bytes` stays valid until it is given back. */
typedef struct cboard_camera_frame {
  uint32_t index;
  const uint8_t *bytes;
  size_t count;
  /* CLOCK_MONOTONIC of its beginning or end, as the driver has it; 0 when it does not say. */
  uint64_t nanoseconds;
  int is_damaged;
} cboard_camera_frame;

/* -ENOTTY: not a V4L2 device. -ENOTSUP: one that cannot capture or not stream (`card` is set). */
int cboard_camera_open(const char *path, cboard_camera *camera);

/* Format number `index` that the camera offers, as a four-character code; -EINVAL past the end. */
int cboard_camera_offers(const cboard_camera *camera, uint32_t index, uint32_t *format);

/* Asks for a format, size and rate (0: as it is); what was got is in `camera` and may differ. */
int cboard_camera_set(
    cboard_camera *camera, uint32_t format, uint32_t width, uint32_t height, uint32_t rate);

/* Maps buffers, queues them and starts the stream. */
int cboard_camera_start(cboard_camera *camera);

/* Takes the oldest filled buffer; -EAGAIN: none. */
int cboard_camera_take(cboard_camera *camera, cboard_camera_frame *frame);

/* Gives a buffer back to be filled. */
int cboard_camera_give(const cboard_camera *camera, uint32_t index);

/* Unmaps and closes; may be called twice. */
void cboard_camera_close(cboard_camera *camera);

#endif
