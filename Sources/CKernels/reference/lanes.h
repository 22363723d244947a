/* The fixed order in which fp32 sums are made: sixteen lanes and one tree. */
#ifndef KRN_LANES_H
#define KRN_LANES_H

#include <stddef.h>

enum { KRN_LANES = 16 };

/* Adds lanes i and i + 8, then i + 4, i + 2, i + 1. */
static inline float krn_sum_lanes(float lanes[KRN_LANES]) {
  for (size_t half = KRN_LANES / 2; half >= 1; half /= 2)
    for (size_t i = 0; i < half; i++) lanes[i] = lanes[i] + lanes[i + half];
  return lanes[0];
}

#endif
