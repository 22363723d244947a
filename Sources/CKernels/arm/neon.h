/* What the NEON kernels on signed bytes share. */
#ifndef KRN_NEON_H
#define KRN_NEON_H

#include <arm_neon.h>
#include <string.h>

#include "../include/CKernels.h"

#define KRN_NEON_INLINE static inline __attribute__((always_inline))

/* Names an inner loop in the assembly, with the multiply-adds of one round, for
 * Tests/kernels-mca.py; nothing in any other build. */
#ifdef KRN_MCA
#define KRN_LOOP(name, macs) __asm__ volatile("// KRN-LOOP " name " %0" ::"i"(macs))
#define KRN_LOOP_TEXT(name, macs) "// KRN-LOOP " name " " macs "\n"
#else
#define KRN_LOOP(name, macs) (void)0
#define KRN_LOOP_TEXT(name, macs)
#endif

/* Two vectors from `at` + `offset`, a constant, by one instruction even where they are at hand;
 * what is there never changes. */
#define KRN_LOAD_PAIR_NEON(x, y, at, offset)                                                       \
  __asm__ volatile("ldp %q0, %q1, [%2, %3]" : "=w"(x), "=w"(y) : "r"(at), "i"(offset))

/* The output's parameters, spread over lanes. */
typedef struct {
  int16x8_t zero;
  int8x16_t low, high;
  /* Whether near results need no more than krn_near16_neon: the zero point is even, and any byte
   * may come out. */
  int plain;
  float32x4_t rounder; /* 1.5 * 2^23 + zero point */
} krn_output_neon;

KRN_NEON_INLINE krn_output_neon krn_output_neon_of(krn_output_s8 output) {
  krn_output_neon o;
  o.zero = vdupq_n_s16((int16_t)output.zero_point);
  o.low = vdupq_n_s8(output.low);
  o.high = vdupq_n_s8(output.high);
  o.plain = output.low == -128 && output.high == 127 && output.zero_point % 2 == 0;
  o.rounder = vdupq_n_f32(12582912.0f + (float)output.zero_point);
  return o;
}

/* Whether sums of `count` products with these weights, `step` apart, cannot come to more than 32000
 * steps of the output: as 16-bit integers they keep their value, zero point added. */
static inline int krn_is_near_neon(size_t count, const int8_t *weights, size_t step, int32_t bias,
                                   float scale) {
  int64_t reach = bias < 0 ? -(int64_t)bias : bias;
  for (size_t i = 0; i < count; i++) {
    int64_t weight = weights[i * step];
    reach += 128 * (weight < 0 ? -weight : weight);
  }
  if (reach > INT64_C(1) << 31) reach = INT64_C(1) << 31; /* sums wrap */
  return (double)reach * (double)scale <= 32000;
}

/* Rounded half to even; out of range to the nearest integer there is. */
KRN_NEON_INLINE int32x4_t krn_scale_neon(int32x4_t accumulator, float32x4_t scale) {
  return vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(accumulator), scale));
}

/* Eight bytes, not yet limited. */
KRN_NEON_INLINE int8x8_t krn_bytes8_neon(int32x4_t first, int32x4_t second,
                                         const krn_output_neon *o) {
  int16x8_t words = vcombine_s16(vqmovn_s32(first), vqmovn_s32(second));
  return vqmovn_s16(vqaddq_s16(words, o->zero));
}

KRN_NEON_INLINE int8x16_t krn_bytes16_neon(const int32x4_t x[4], const krn_output_neon *o) {
  int8x16_t bytes = vcombine_s8(krn_bytes8_neon(x[0], x[1], o), krn_bytes8_neon(x[2], x[3], o));
  return vminq_s8(vmaxq_s8(bytes, o->low), o->high);
}

/* The same of near sums for a plain output. Adding 1.5 * 2^23 rounds to an integer, half to even
 * (the even zero point does not change which is even), and leaves it in the low bits. */
KRN_NEON_INLINE int16x8_t krn_near8_neon(int32x4_t x, int32x4_t y, float32x4_t x_scale,
                                         float32x4_t y_scale, float32x4_t rounder) {
  float32x4_t first = vaddq_f32(vmulq_f32(vcvtq_f32_s32(x), x_scale), rounder);
  float32x4_t second = vaddq_f32(vmulq_f32(vcvtq_f32_s32(y), y_scale), rounder);
  return vuzp1q_s16(vreinterpretq_s16_f32(first), vreinterpretq_s16_f32(second));
}

KRN_NEON_INLINE int8x16_t krn_near16_neon(const int32x4_t x[4], const float32x4_t scale[4],
                                          float32x4_t rounder) {
  int16x8_t low = krn_near8_neon(x[0], x[1], scale[0], scale[1], rounder);
  int16x8_t high = krn_near8_neon(x[2], x[3], scale[2], scale[3], rounder);
  return vqmovn_high_s16(vqmovn_s16(low), high);
}

/* Sums of 16 outputs to bytes; `near`: they are, and the output is plain. */
KRN_NEON_INLINE int8x16_t krn_finish16_neon(const int32x4_t x[4], const float32x4_t scale[4],
                                            int near, const krn_output_neon *o) {
  if (near) return krn_near16_neon(x, scale, o->rounder);
  int32x4_t whole[4];
  for (size_t v = 0; v < 4; v++) whole[v] = krn_scale_neon(x[v], scale[v]);
  return krn_bytes16_neon(whole, o);
}

/* The first `count` <= 16 bytes. */
KRN_NEON_INLINE void krn_store_neon(int8_t *out, int8x16_t bytes, size_t count) {
  if (count == 16) {
    vst1q_s8(out, bytes);
  } else if (count == 8) {
    vst1_s8(out, vget_low_s8(bytes));
  } else {
    int8_t all[16];
    vst1q_s8(all, bytes);
    memcpy(out, all, count);
  }
}

/* The 16 bytes that end with a row of `depth`; zeros before the row if that is shorter. */
KRN_NEON_INLINE int8x16_t krn_load_end_neon(const int8_t *row, size_t depth) {
  if (depth >= 16) return vld1q_s8(row + depth - 16);
  int8_t all[16] = {0};
  memcpy(all + 16 - depth, row, depth);
  return vld1q_s8(all);
}

/* Rows of a product taken at a time, a multiple of `height`: they take about `bytes` and stay in
 * the first cache while the panels of weights pass over them. */
KRN_NEON_INLINE size_t krn_block_rows_neon(size_t bytes, size_t depth, size_t height) {
  size_t rows = bytes / depth / height * height;
  return rows > height ? rows : height;
}

#endif
