/* Halves as fp32 over sixteen lanes, for any instruction set that defines them. */
#include <string.h>

#include "../variants.h"

LANES_TARGET void LANES_NAME(krn_widen_f16)(size_t count, const uint16_t *x, float *out) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) lanes_store(out + i, lanes_load_halves(x + i));
  if (i < count) {
    uint16_t rest[16] = {0};
    memcpy(rest, x + i, (count - i) * sizeof *x);
    lanes_store_first(out + i, lanes_load_halves(rest), count - i);
  }
}
