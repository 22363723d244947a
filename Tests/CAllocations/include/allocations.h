/* Counts what is allocated: the test program's malloc stands before glibc's. */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include <stdint.h>

/* Allocations of this thread since it began; -1 where they cannot be counted (not glibc, or a
 * sanitizer has put its own malloc there). */
int64_t allocations_of_thread(void);

/* Allocations of all threads since the process began; -1 likewise. */
int64_t allocations_of_process(void);

#endif
