/* Sixteen lanes of fp32 in NEON: four vectors of four. */
#ifndef KRN_LANES_NEON_H
#define KRN_LANES_NEON_H

#include "neon.h"

#define LANES_TARGET
#define LANES_INLINE KRN_NEON_INLINE
#define LANES_NAME(function) function##__neon

typedef struct {
  float32x4_t v[4];
} lanes;

typedef struct {
  int32x4_t v[4];
} lanes_int;

/* The same operation on each of the four vectors. */
#define LANES_EACH(type, expression)                                                               \
  type result;                                                                                     \
  for (int i = 0; i < 4; i++) result.v[i] = expression;                                            \
  return result

LANES_INLINE lanes lanes_set(float x) { LANES_EACH(lanes, vdupq_n_f32(x)); }

LANES_INLINE lanes lanes_load(const float *x) { LANES_EACH(lanes, vld1q_f32(x + 4 * i)); }

LANES_INLINE lanes lanes_load_halves(const uint16_t *x) {
  LANES_EACH(lanes, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(x + 4 * i))));
}

LANES_INLINE void lanes_store(float *out, lanes x) {
  for (int i = 0; i < 4; i++) vst1q_f32(out + 4 * i, x.v[i]);
}

/* The first `count` <= 16 elements, zeros after them. */
LANES_INLINE lanes lanes_load_first(const float *x, size_t count) {
  float all[16] = {0};
  memcpy(all, x, count * sizeof *x);
  return lanes_load(all);
}

LANES_INLINE void lanes_store_first(float *out, lanes x, size_t count) {
  float all[16];
  lanes_store(all, x);
  memcpy(out, all, count * sizeof *out);
}

LANES_INLINE lanes lanes_add(lanes x, lanes y) { LANES_EACH(lanes, vaddq_f32(x.v[i], y.v[i])); }

LANES_INLINE lanes lanes_subtract(lanes x, lanes y) {
  LANES_EACH(lanes, vsubq_f32(x.v[i], y.v[i]));
}

LANES_INLINE lanes lanes_multiply(lanes x, lanes y) {
  LANES_EACH(lanes, vmulq_f32(x.v[i], y.v[i]));
}

LANES_INLINE lanes lanes_divide(lanes x, lanes y) { LANES_EACH(lanes, vdivq_f32(x.v[i], y.v[i])); }

/* not a number where either is */
LANES_INLINE lanes lanes_least(lanes x, lanes y) { LANES_EACH(lanes, vminq_f32(x.v[i], y.v[i])); }

LANES_INLINE lanes lanes_most(lanes x, lanes y) { LANES_EACH(lanes, vmaxq_f32(x.v[i], y.v[i])); }

/* x * y + z, rounded once */
LANES_INLINE lanes lanes_fma(lanes x, lanes y, lanes z) {
  LANES_EACH(lanes, vfmaq_f32(z.v[i], x.v[i], y.v[i]));
}

/* Lanes i + (i + 8), then 4, 2, 1. */
LANES_INLINE float lanes_sum(lanes x) {
  float32x4_t four = vaddq_f32(vaddq_f32(x.v[0], x.v[2]), vaddq_f32(x.v[1], x.v[3]));
  float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

LANES_INLINE lanes_int lanes_bits(lanes x) { LANES_EACH(lanes_int, vreinterpretq_s32_f32(x.v[i])); }

LANES_INLINE lanes lanes_of_bits(lanes_int x) { LANES_EACH(lanes, vreinterpretq_f32_s32(x.v[i])); }

LANES_INLINE lanes lanes_of_int(lanes_int x) { LANES_EACH(lanes, vcvtq_f32_s32(x.v[i])); }

LANES_INLINE lanes_int lanes_int_set(int32_t x) { LANES_EACH(lanes_int, vdupq_n_s32(x)); }

LANES_INLINE lanes_int lanes_int_add(lanes_int x, lanes_int y) {
  LANES_EACH(lanes_int, vaddq_s32(x.v[i], y.v[i]));
}

LANES_INLINE lanes_int lanes_int_subtract(lanes_int x, lanes_int y) {
  LANES_EACH(lanes_int, vsubq_s32(x.v[i], y.v[i]));
}

LANES_INLINE lanes_int lanes_int_and(lanes_int x, lanes_int y) {
  LANES_EACH(lanes_int, vandq_s32(x.v[i], y.v[i]));
}

LANES_INLINE lanes_int lanes_int_halve(lanes_int x) {
  LANES_EACH(lanes_int, vshrq_n_s32(x.v[i], 1));
}

LANES_INLINE lanes_int lanes_int_from_exponent(lanes_int x) {
  LANES_EACH(lanes_int, vshrq_n_s32(x.v[i], 23));
}

LANES_INLINE lanes_int lanes_int_to_exponent(lanes_int x) {
  LANES_EACH(lanes_int, vshlq_n_s32(x.v[i], 23));
}

/* y where the comparison of x with the limit holds, else z */
LANES_INLINE lanes lanes_where_below(lanes x, lanes limit, lanes y, lanes z) {
  LANES_EACH(lanes, vbslq_f32(vcltq_f32(x.v[i], limit.v[i]), y.v[i], z.v[i]));
}

LANES_INLINE lanes lanes_where_above(lanes x, lanes limit, lanes y, lanes z) {
  LANES_EACH(lanes, vbslq_f32(vcgtq_f32(x.v[i], limit.v[i]), y.v[i], z.v[i]));
}

LANES_INLINE lanes lanes_where_equal(lanes x, lanes limit, lanes y, lanes z) {
  LANES_EACH(lanes, vbslq_f32(vceqq_f32(x.v[i], limit.v[i]), y.v[i], z.v[i]));
}

#endif
