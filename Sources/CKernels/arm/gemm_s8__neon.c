#if defined(__aarch64__)
#include "neon.h"

#include "../variants.h"

/* SMLAL by lane on 16-bit values, tiles of up to 4 rows by 16 outputs.
 *
 * Packed: panels of 16 outputs, outputs past the end zero. A panel is bias, scale, then for each k
 * the 16 weights; depth is rounded up to 8 with zeros. */

enum { ROWS = 4, WIDTH = 16, STEP = 8 };

static size_t padded(size_t depth) { return (depth + STEP - 1) / STEP * STEP; }

static size_t panel_bytes(size_t depth) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + padded(depth));
}

size_t krn_gemm_s8_packed_size__neon(size_t outputs, size_t depth) {
  return (outputs + WIDTH - 1) / WIDTH * panel_bytes(depth);
}

void krn_gemm_s8_pack__neon(size_t outputs, size_t depth, const int8_t *weights,
                            const int32_t *bias, const float *scale, void *packed) {
  for (size_t n = 0; n < outputs; n += WIDTH) {
    int32_t *panel_bias = (int32_t *)((char *)packed + n / WIDTH * panel_bytes(depth));
    float *panel_scale = (float *)(panel_bias + WIDTH);
    int8_t *w = (int8_t *)(panel_scale + WIDTH);
    for (size_t i = 0; i < WIDTH; i++) {
      int real = n + i < outputs;
      panel_bias[i] = real ? bias[n + i] : 0;
      panel_scale[i] = real ? scale[n + i] : 0;
      for (size_t k = 0; k < padded(depth); k++)
        w[k * WIDTH + i] = real && k < depth ? weights[(n + i) * depth + k] : 0;
    }
  }
}

/* One k of every row: lane `k` of each row's eight. */
#define ONE(k)                                                                                     \
  {                                                                                                \
    int8x16_t bytes = vld1q_s8(w + (k) * WIDTH);                                                   \
    int16x8_t first = vmovl_s8(vget_low_s8(bytes)), second = vmovl_high_s8(bytes);                 \
    for (size_t m = 0; m < rows; m++) {                                                            \
      sum[m][0] = vmlal_laneq_s16(sum[m][0], vget_low_s16(first), x[m], k);                        \
      sum[m][1] = vmlal_high_laneq_s16(sum[m][1], first, x[m], k);                                 \
      sum[m][2] = vmlal_laneq_s16(sum[m][2], vget_low_s16(second), x[m], k);                       \
      sum[m][3] = vmlal_high_laneq_s16(sum[m][3], second, x[m], k);                                \
    }                                                                                              \
  }

/* `rows` is a constant after inlining. */
KRN_NEON_INLINE void tile(const size_t rows, const krn_gemm_s8_job *job, size_t top,
                          const void *panel, size_t n, const krn_output_neon *o) {
  const int32_t *bias = panel;
  const float *scale = (const float *)(bias + WIDTH);
  const int8_t *w = (const int8_t *)(scale + WIDTH);
  const int8_t *a = job->a + top * job->a_stride;
  int32x4_t sum[ROWS][4];
  for (size_t m = 0; m < rows; m++)
    for (size_t v = 0; v < 4; v++) sum[m][v] = vld1q_s32(bias + 4 * v);
  for (size_t k = 0; k < job->depth; k += STEP, w += STEP * WIDTH) {
    int16x8_t x[ROWS];
    for (size_t m = 0; m < rows; m++) {
      const int8_t *row = a + m * job->a_stride + k;
      x[m] = vmovl_s8(job->depth - k >= STEP ? vld1_s8(row)
                                             : vget_low_s8(krn_load_neon(row, job->depth - k)));
    }
    ONE(0) ONE(1) ONE(2) ONE(3) ONE(4) ONE(5) ONE(6) ONE(7)
  }
  size_t count = job->outputs - n < WIDTH ? job->outputs - n : WIDTH;
  for (size_t m = 0; m < rows; m++) {
    for (size_t v = 0; v < 4; v++) sum[m][v] = krn_scale_neon(sum[m][v], vld1q_f32(scale + 4 * v));
    int8_t *out = job->out + (top + m) * job->out_stride + n;
    krn_store_neon(out, krn_bytes16_neon(sum[m], o), count);
  }
}

void krn_gemm_s8__neon(const krn_gemm_s8_job *job) {
  krn_output_neon o = krn_output_neon_of(job->output);
  for (size_t n = 0; n < job->outputs; n += WIDTH) {
    const char *panel = (const char *)job->packed + n / WIDTH * panel_bytes(job->depth);
    size_t m = 0;
    for (; m + ROWS <= job->rows; m += ROWS) tile(ROWS, job, m, panel, n, &o);
    size_t left = job->rows - m;
    if (left == 3) tile(3, job, m, panel, n, &o);
    if (left == 2) tile(2, job, m, panel, n, &o);
    if (left == 1) tile(1, job, m, panel, n, &o);
  }
}
#endif
