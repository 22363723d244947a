#if defined(__aarch64__)
#include "neon.h"

#include "../variants.h"

/* SMMLA: two rows of eight k by two outputs of eight k make four sums; tiles of up to 4 rows (two
 * pairs) by 16 outputs (eight pairs), sixteen k a step.
 *
 * Packed: panels of 16 outputs, outputs past the end zero. A panel is bias, scale, then for each
 * eight k the eight weights of each output side by side. What is left of depth after whole steps is
 * one or two eights, the last first; they end with the row, and their weights of k already taken
 * (or before the row) are zero. */

enum { ROWS = 4, WIDTH = 16, STEP = 16, PAIRS = WIDTH / 2 };

#define I8MM __attribute__((target("arch=armv8.2-a+i8mm")))

static size_t panel_bytes(size_t depth) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + (depth + 7) / 8 * 8);
}

size_t krn_gemm_s8_packed_size__i8mm(size_t outputs, size_t depth) {
  return (outputs + WIDTH - 1) / WIDTH * panel_bytes(depth);
}

/* Where weight k of output i is in its panel's weights. */
static size_t position(size_t depth, size_t k, size_t i) {
  size_t whole = depth / STEP * STEP, from_end = depth - 1 - k;
  size_t eight = k < whole ? k / 8 : whole / 8 + from_end / 8;
  return eight * 8 * WIDTH + 8 * i + (k < whole ? k % 8 : 7 - from_end % 8);
}

void krn_gemm_s8_pack__i8mm(size_t outputs, size_t depth, const int8_t *weights,
                            const int32_t *bias, const float *scale, void *packed) {
  memset(packed, 0, krn_gemm_s8_packed_size__i8mm(outputs, depth));
  for (size_t n = 0; n < outputs; n++) {
    int32_t *panel_bias = (int32_t *)((char *)packed + n / WIDTH * panel_bytes(depth));
    float *panel_scale = (float *)(panel_bias + WIDTH);
    int8_t *w = (int8_t *)(panel_scale + WIDTH);
    size_t i = n % WIDTH;
    panel_bias[i] = bias[n];
    panel_scale[i] = scale[n];
    for (size_t k = 0; k < depth; k++) w[position(depth, k, i)] = weights[n * depth + k];
  }
}

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

I8MM void krn_gemm_s8__i8mm(const krn_gemm_s8_job *job) {
  krn_output_neon o = krn_output_neon_of(job->output);
  size_t block = krn_block_rows_neon(job->depth, ROWS);
  for (size_t top = 0; top < job->rows; top += block) {
    size_t end = job->rows - top < block ? job->rows : top + block;
    for (size_t n = 0; n < job->outputs; n += WIDTH) {
      const char *panel = (const char *)job->packed + n / WIDTH * panel_bytes(job->depth);
      size_t m = top;
      for (; m + ROWS <= end; m += ROWS) tile(ROWS, job, m, panel, n, &o);
      if (end - m == 3) tile(3, job, m, panel, n, &o);
      if (end - m == 2) tile(2, job, m, panel, n, &o);
      if (end - m == 1) tile(1, job, m, panel, n, &o);
    }
  }
}
#endif
