#ifndef CXXHASH_H
#define CXXHASH_H

#include <stddef.h>
#include <stdint.h>

/* The bridge to xxHash: XXH3 with 64 bits, of bytes that come piece by piece. Its header brings the code along, so that
   nothing is linked. */

struct xxh_sum;

/* A sum of nothing yet; NULL without memory. */
struct xxh_sum *xxh_begin(void);
/* Adds `count` bytes. */
void xxh_add(struct xxh_sum *sum, const void *bytes, size_t count);
/* The sum so far. */
uint64_t xxh_value(const struct xxh_sum *sum);
void xxh_end(struct xxh_sum *sum);

#endif
