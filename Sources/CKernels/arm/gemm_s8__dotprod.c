#if defined(__aarch64__)
#include "neon.h"

#include "../variants.h"

/* SDOT by lane, four products a 32-bit lane, tiles of up to 4 rows by 16 outputs.
 *
 * Packed: panels of 16 outputs, outputs past the end zero. A panel is bias, scale, then for each
 * four k the four weights of each output side by side; depth is rounded up to 16 with zeros. */

enum { ROWS = 4, WIDTH = 16, STEP = 16 };

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

static size_t padded(size_t depth) { return (depth + STEP - 1) / STEP * STEP; }

static size_t panel_bytes(size_t depth) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + padded(depth));
}

size_t krn_gemm_s8_packed_size__dotprod(size_t outputs, size_t depth) {
  return (outputs + WIDTH - 1) / WIDTH * panel_bytes(depth);
}

void krn_gemm_s8_pack__dotprod(size_t outputs, size_t depth, const int8_t *weights,
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
        w[k / 4 * 4 * WIDTH + 4 * i + k % 4] = real && k < depth ? weights[(n + i) * depth + k] : 0;
    }
  }
}

/* Four k of every row: lane `q` of each row's sixteen. */
#define FOUR(q)                                                                                    \
  {                                                                                                \
    int8x16_t weights[4];                                                                          \
    for (size_t v = 0; v < 4; v++) weights[v] = vld1q_s8(w + (q) * 4 * WIDTH + 16 * v);            \
    for (size_t m = 0; m < rows; m++)                                                              \
      for (size_t v = 0; v < 4; v++) sum[m][v] = vdotq_laneq_s32(sum[m][v], weights[v], x[m], q);  \
  }

/* `rows` is a constant after inlining. */
DOTPROD KRN_NEON_INLINE void tile(const size_t rows, const krn_gemm_s8_job *job, size_t top,
                                  const void *panel, size_t n, const krn_output_neon *o) {
  const int32_t *bias = panel;
  const float *scale = (const float *)(bias + WIDTH);
  const int8_t *w = (const int8_t *)(scale + WIDTH);
  const int8_t *a = job->a + top * job->a_stride;
  int32x4_t sum[ROWS][4];
  for (size_t m = 0; m < rows; m++)
    for (size_t v = 0; v < 4; v++) sum[m][v] = vld1q_s32(bias + 4 * v);
  for (size_t k = 0; k < job->depth; k += STEP, w += STEP * WIDTH) {
    int8x16_t x[ROWS];
    for (size_t m = 0; m < rows; m++)
      x[m] = krn_load_neon(a + m * job->a_stride + k, job->depth - k);
    FOUR(0) FOUR(1) FOUR(2) FOUR(3)
  }
  size_t count = job->outputs - n < WIDTH ? job->outputs - n : WIDTH;
  for (size_t m = 0; m < rows; m++) {
    for (size_t v = 0; v < 4; v++) sum[m][v] = krn_scale_neon(sum[m][v], vld1q_f32(scale + 4 * v));
    int8_t *out = job->out + (top + m) * job->out_stride + n;
    krn_store_neon(out, krn_bytes16_neon(sum[m], o), count);
  }
}

DOTPROD void krn_gemm_s8__dotprod(const krn_gemm_s8_job *job) {
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
