#if defined(__aarch64__)
#include "neon.h"

#include "../variants.h"

/* SDOT by lane, four products a 32-bit lane, tiles of up to 4 rows by 16 outputs, sixteen k a step.
 *
 * Packed: panels of 16 outputs, outputs past the end zero. A panel is bias, scale, then for each
 * four k the four weights of each output side by side. What is left of depth after whole steps are
 * as many fours as it takes, the last of them first; they end with the row, and their weights of k
 * already taken (or before the row) are zero. */

enum { ROWS = 4, WIDTH = 16, STEP = 16 };

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

static size_t panel_bytes(size_t depth) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + (depth + 3) / 4 * 4);
}

size_t krn_gemm_s8_packed_size__dotprod(size_t outputs, size_t depth) {
  return (outputs + WIDTH - 1) / WIDTH * panel_bytes(depth);
}

/* Where weight k of output i is in its panel's weights. */
static size_t position(size_t depth, size_t k, size_t i) {
  size_t whole = depth / STEP * STEP, from_end = depth - 1 - k;
  size_t four = k < whole ? k / 4 : whole / 4 + from_end / 4;
  return four * 4 * WIDTH + 4 * i + (k < whole ? k % 4 : 3 - from_end % 4);
}

void krn_gemm_s8_pack__dotprod(size_t outputs, size_t depth, const int8_t *weights,
                               const int32_t *bias, const float *scale, void *packed) {
  memset(packed, 0, krn_gemm_s8_packed_size__dotprod(outputs, depth));
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

/* Four k of every row: lane `q` of each row's sixteen, with the weights at `at`. */
#define FOUR(q, at)                                                                                \
  {                                                                                                \
    int8x16_t y[4];                                                                                \
    for (size_t v = 0; v < 4; v++) y[v] = vld1q_s8((at) + 16 * v);                                 \
    for (size_t m = 0; m < rows; m++)                                                              \
      for (size_t v = 0; v < 4; v++) sum[m][v] = vdotq_laneq_s32(sum[m][v], y[v], x[m], q);        \
  }

/* `rows` is a constant after inlining. */
DOTPROD KRN_NEON_INLINE void tile(const size_t rows, const krn_gemm_s8_job *job, size_t top,
                                  const void *panel, size_t n, const krn_output_neon *o) {
  const int32_t *bias = panel;
  const float *scale = (const float *)(bias + WIDTH);
  const int8_t *w = (const int8_t *)(scale + WIDTH);
  const int8_t *a[ROWS];
  const size_t depth = job->depth, whole = depth / STEP * STEP;
  int32x4_t sum[ROWS][4];
  for (size_t m = 0; m < rows; m++) {
    a[m] = job->a + (top + m) * job->a_stride;
    for (size_t v = 0; v < 4; v++) sum[m][v] = vld1q_s32(bias + 4 * v);
  }
  for (size_t k = 0; k < whole; k += STEP, w += STEP * WIDTH) {
    KRN_LOOP("gemm_s8 dotprod", rows);
    int8x16_t x[ROWS];
    for (size_t m = 0; m < rows; m++) x[m] = vld1q_s8(a[m] + k);
    FOUR(0, w) FOUR(1, w + 4 * WIDTH) FOUR(2, w + 8 * WIDTH) FOUR(3, w + 12 * WIDTH)
  }
  if (depth > whole) {
    int8x16_t x[ROWS];
    for (size_t m = 0; m < rows; m++) x[m] = krn_load_end_neon(a[m], depth);
    FOUR(3, w)
    if (depth - whole > 4) FOUR(2, w + 4 * WIDTH)
    if (depth - whole > 8) FOUR(1, w + 8 * WIDTH)
    if (depth - whole > 12) FOUR(0, w + 12 * WIDTH)
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
