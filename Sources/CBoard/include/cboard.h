#ifndef CBOARD_H
#define CBOARD_H

#include <stddef.h>
#include <stdint.h>

/* The thinnest bridge to termios, pseudo terminals, password hashes and the kernel's clock state.
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

/* Connects to the Unix socket `path`. */
int cboard_socket_connect(const char *path);

/* A pair of sockets joined to each other. All sockets here are non-blocking and closed on exec. */
int cboard_socket_pair(int *one, int *other);

/* Writes to a socket without a signal when the other end is gone; the count, or -errno. */
int64_t cboard_send(int fd, const void *bytes, size_t count);

/* Opens a pipe that holds one page, both ends non-blocking and closed on exec. */
int cboard_short_pipe(int *read_end, int *write_end);

/* Starts the program `name`, looked up in PATH, with `input` and `output` as its standard input and output
 * and nothing else open but standard error, which goes nowhere. `arguments` ends with a null pointer and
 * begins with the name. The two descriptors are made blocking. Returns the process number. */
int cboard_start(const char *name, char *const arguments[], int input, int output);

/* 1: the kernel's clock is disciplined by a time source; 0: it is not. */
int cboard_clock_is_synchronised(void);

/* 1: some process has the file behind the read-only descriptor `fd` open for writing; 0: none has.
 * -errno where the file system or the caller's rights do not allow a lease, which is how it asks. */
int cboard_is_being_written(int fd);

#endif
