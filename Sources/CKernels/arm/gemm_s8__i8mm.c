#if defined(__aarch64__)
#define GROUP 8
#include "gemm_s8__groups.h"

#include "../variants.h"

/* SMMLA: two rows of eight k by two outputs of eight k make four sums; a tile is up to two pairs of
 * rows by eight pairs of outputs, sixteen k a step. */

enum { PAIRS = WIDTH / 2 };

#define I8MM __attribute__((target("arch=armv8.2-a+i8mm")))

/* The low or the high eight bytes of two rows. */
KRN_NEON_INLINE int8x16_t low_of(int8x16_t x, int8x16_t y) {
  return vreinterpretq_s8_s64(vtrn1q_s64(vreinterpretq_s64_s8(x), vreinterpretq_s64_s8(y)));
}
KRN_NEON_INLINE int8x16_t high_of(int8x16_t x, int8x16_t y) {
  return vreinterpretq_s8_s64(vtrn2q_s64(vreinterpretq_s64_s8(x), vreinterpretq_s64_s8(y)));
}

/* Eight k of every pair of rows, with the weights at `at`. */
#define EIGHT(half, at)                                                                            \
  {                                                                                                \
    int8x16_t z[ROWS / 2];                                                                         \
    for (size_t m = 0; m < rows; m += 2) z[m / 2] = half(x[m], x[m + 1 < rows ? m + 1 : m]);       \
    for (size_t v = 0; v < PAIRS; v++) {                                                           \
      int8x16_t y = vld1q_s8((at) + 16 * v);                                                       \
      for (size_t m = 0; m < rows; m += 2)                                                         \
        sum[m / 2][v] = vmmlaq_s32(sum[m / 2][v], z[m / 2], y);                                    \
    }                                                                                              \
  }

/* `rows` is a constant after inlining; an odd last row is taken twice. */
I8MM KRN_NEON_INLINE void tile(const size_t rows, const krn_gemm_s8_job *job, size_t top,
                               const void *panel, size_t n, const krn_output_neon *o) {
  const int32_t *bias = panel;
  const float *scale = (const float *)(bias + WIDTH);
  const int8_t *w = (const int8_t *)(scale + WIDTH);
  const int8_t *a[ROWS];
  const size_t depth = job->depth, whole = depth / STEP * STEP;
  int32x4_t sum[ROWS / 2][PAIRS];
  for (size_t m = 0; m < rows; m++) {
    a[m] = job->a + (top + m) * job->a_stride;
    for (size_t v = 0; v < PAIRS; v++) {
      int32x2_t two = vld1_s32(bias + 2 * v);
      sum[m / 2][v] = vcombine_s32(two, two);
    }
  }
  for (size_t k = 0; k < whole; k += STEP, w += STEP * WIDTH) {
    KRN_LOOP("gemm_s8 i8mm", rows * WIDTH * STEP);
    int8x16_t x[ROWS];
    for (size_t m = 0; m < rows; m++) x[m] = vld1q_s8(a[m] + k);
    EIGHT(low_of, w) EIGHT(high_of, w + 8 * WIDTH)
  }
  if (depth > whole) {
    int8x16_t x[ROWS];
    for (size_t m = 0; m < rows; m++) x[m] = krn_load_end_neon(a[m], depth);
    EIGHT(high_of, w)
    if (depth - whole > 8) EIGHT(low_of, w + 8 * WIDTH)
  }
  size_t count = job->outputs - n < WIDTH ? job->outputs - n : WIDTH;
  for (size_t m = 0; m < rows; m++) {
    int32x4_t real[4];
    for (size_t v = 0; v < 4; v++) {
      int64x2_t first = vreinterpretq_s64_s32(sum[m / 2][2 * v]);
      int64x2_t second = vreinterpretq_s64_s32(sum[m / 2][2 * v + 1]);
      int64x2_t row = m % 2 ? vtrn2q_s64(first, second) : vtrn1q_s64(first, second);
      real[v] = krn_scale_neon(vreinterpretq_s32_s64(row), vld1q_f32(scale + 4 * v));
    }
    int8_t *out = job->out + (top + m) * job->out_stride + n;
    krn_store_neon(out, krn_bytes16_neon(real, o), count);
  }
}

GEMM_S8(I8MM, i8mm)
#endif
