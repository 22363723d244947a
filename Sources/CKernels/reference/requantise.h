/* The rule by which an accumulator becomes a byte, for every scalar loop. */
#ifndef KRN_REQUANTISE_H
#define KRN_REQUANTISE_H

#include "../include/CKernels.h"

/* The integer nearest to x, half to even, in a float; |x| <= 2^22 (adding 1.5 * 2^23 leaves no bits
 * for a fraction, so the sum's own rounding does it). */
static inline float krn_round_even(float x) {
  const float magic = 12582912.0f;
  return (x + magic) - magic;
}

/* x rounded half to even, plus the zero point, limited. Limiting first (to integers) changes
 * nothing but keeps the conversion in range. */
static inline int8_t krn_byte_of(float x, krn_output_s8 output) {
  float low = (float)(output.low - output.zero_point);
  float high = (float)(output.high - output.zero_point);
  float limited = x < low ? low : x > high ? high : x;
  return (int8_t)((int32_t)krn_round_even(limited) + output.zero_point);
}

static inline int8_t krn_requantise(int32_t accumulator, float scale, krn_output_s8 output) {
  return krn_byte_of((float)accumulator * scale, output);
}

/* A byte as it lies in memory under `flip`, or the byte that lies there. */
static inline int8_t krn_flip(int8_t byte, int8_t flip) { return (int8_t)(byte ^ flip); }

/* accumulator + x * y modulo 2^32 */
static inline int32_t krn_mac_s8(int32_t accumulator, int8_t x, int8_t y) {
  return (int32_t)((uint32_t)accumulator + (uint32_t)((int32_t)x * y));
}

#endif
