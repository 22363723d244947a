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

/* The output's parameters, spread over lanes. */
typedef struct {
  int16x8_t zero;
  int8x16_t low, high;
} krn_output_neon;

KRN_NEON_INLINE krn_output_neon krn_output_neon_of(krn_output_s8 output) {
  krn_output_neon o;
  o.zero = vdupq_n_s16((int16_t)output.zero_point);
  o.low = vdupq_n_s8(output.low);
  o.high = vdupq_n_s8(output.high);
  return o;
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

/* Rows of a product taken at a time, a multiple of `height`: they stay in the first cache while the
 * panels of weights pass over them. */
KRN_NEON_INLINE size_t krn_block_rows_neon(size_t depth, size_t height) {
  size_t rows = 16384 / depth / height * height;
  return rows > height ? rows : height;
}

#endif
