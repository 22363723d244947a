/* What the GEMM kernels share whose instructions take GROUP neighbouring k at once; GROUP, which
 * divides STEP, is defined before this is included. Tiles are of up to 4 rows by 16 outputs.
 *
 * Packed: panels of 16 outputs, outputs past the end zero. A panel is bias, scale, then for each
 * GROUP of k the weights of each output side by side. What is left of depth after whole steps are
 * as many groups as it takes, the last of them first; they end with the row, and their weights of k
 * already taken (or before the row) are zero. */
#ifndef KRN_GEMM_S8_GROUPS_H
#define KRN_GEMM_S8_GROUPS_H

#include "neon.h"

enum { ROWS = 4, WIDTH = 16, STEP = 16 };

static inline size_t panel_bytes(size_t depth) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + (depth + GROUP - 1) / GROUP * GROUP);
}

static inline size_t packed_size(size_t outputs, size_t depth) {
  return (outputs + WIDTH - 1) / WIDTH * panel_bytes(depth);
}

static inline void pack(size_t outputs, size_t depth, const int8_t *weights, const int32_t *bias,
                        const float *scale, void *packed) {
  const size_t whole = depth / STEP * STEP;
  memset(packed, 0, packed_size(outputs, depth));
  for (size_t n = 0; n < outputs; n++, weights += depth) {
    int32_t *panel_bias = (int32_t *)((char *)packed + n / WIDTH * panel_bytes(depth));
    float *panel_scale = (float *)(panel_bias + WIDTH);
    int8_t *w = (int8_t *)(panel_scale + WIDTH) + n % WIDTH * GROUP;
    panel_bias[n % WIDTH] = bias[n];
    panel_scale[n % WIDTH] = scale[n];
    for (size_t k = 0; k < whole; k += GROUP, w += GROUP * WIDTH) memcpy(w, weights + k, GROUP);
    for (size_t end = depth; end > whole; w += GROUP * WIDTH) {
      size_t count = end - whole < GROUP ? end - whole : GROUP;
      memcpy(w + GROUP - count, weights + end - count, count);
      end -= count;
    }
  }
}

/* The functions of a variant. The kernel walks a job by blocks of rows that stay in the first cache,
 * and each by panels, and each by tiles. `tile` is defined by then. */
#define GEMM_S8(target, variant)                                                                   \
  size_t krn_gemm_s8_packed_size__##variant(size_t outputs, size_t depth) {                        \
    return packed_size(outputs, depth);                                                            \
  }                                                                                                \
  void krn_gemm_s8_pack__##variant(size_t outputs, size_t depth, const int8_t *weights,            \
                                   const int32_t *bias, const float *scale, void *packed) {        \
    pack(outputs, depth, weights, bias, scale, packed);                                            \
  }                                                                                                \
  target void krn_gemm_s8__##variant(const krn_gemm_s8_job *job) {                                 \
    krn_output_neon o = krn_output_neon_of(job->output);                                           \
    size_t block = krn_block_rows_neon(job->depth, ROWS);                                          \
    for (size_t top = 0; top < job->rows; top += block) {                                          \
      size_t end = job->rows - top < block ? job->rows : top + block;                              \
      for (size_t n = 0; n < job->outputs; n += WIDTH) {                                           \
        const char *panel = (const char *)job->packed + n / WIDTH * panel_bytes(job->depth);       \
        size_t m = top;                                                                            \
        for (; m + ROWS <= end; m += ROWS) tile(ROWS, job, m, panel, n, &o);                       \
        if (end - m == 3) tile(3, job, m, panel, n, &o);                                           \
        if (end - m == 2) tile(2, job, m, panel, n, &o);                                           \
        if (end - m == 1) tile(1, job, m, panel, n, &o);                                           \
      }                                                                                            \
    }                                                                                              \
  }

#endif
