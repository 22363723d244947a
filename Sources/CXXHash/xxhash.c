#include "CXXHash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static XXH3_state_t *state(struct xxh_sum *sum) { return (XXH3_state_t *)sum; }

struct xxh_sum *xxh_begin(void) {
  XXH3_state_t *made = XXH3_createState();
  if (made) XXH3_64bits_reset(made);
  return (struct xxh_sum *)made;
}

void xxh_add(struct xxh_sum *sum, const void *bytes, size_t count) {
  XXH3_64bits_update(state(sum), bytes, count);
}

uint64_t xxh_value(const struct xxh_sum *sum) { return XXH3_64bits_digest((const XXH3_state_t *)sum); }

void xxh_end(struct xxh_sum *sum) { XXH3_freeState(state(sum)); }
