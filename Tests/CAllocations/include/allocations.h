/* Counts what the calling thread allocates: the test program's malloc stands before glibc's. */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include <stdint.h>

/* Allocations of this thread since it began; -1 where they cannot be counted (not glibc, or a
 * sanitizer has put its own malloc there). */
int64_t allocations_of_thread(void);

#endif
