/* How the GEMM kernels that read rows where they lie go through them. */
#ifndef KRN_GEMM_S8_ROWS_H
#define KRN_GEMM_S8_ROWS_H

#include <string.h>

#include "neon.h"

/* Multiplies `rows` rows of `depth` bytes, at least 16, `stride` bytes apart, by all panels of `job`. */
typedef void krn_gemm_block_fn(const krn_gemm_s8_job *job, size_t rows, size_t depth,
                               const int8_t *a, size_t stride, int8_t *out,
                               const krn_output_neon *o);

/* All rows of `job`, in blocks of whole tiles of `tile_rows` that take about `cache_bytes`. Those of less
 * than 16 bytes become rows of 16, zeros before them. */
static inline void krn_gemm_all_rows(const krn_gemm_s8_job *job, size_t tile_rows,
                                     size_t cache_bytes, krn_gemm_block_fn *block_of) {
  enum { LEAST = 16, SHORT_ROWS = 64 };
  const krn_output_neon o = krn_output_neon_of(job->output);
  const int is_short = job->depth < LEAST;
  int8_t ends[SHORT_ROWS][LEAST];
  if (is_short) memset(ends, 0, sizeof ends);
  const size_t block =
      is_short ? SHORT_ROWS : krn_block_rows_neon(cache_bytes, job->depth, tile_rows);
  for (size_t top = 0; top < job->rows; top += block) {
    const size_t rows = job->rows - top < block ? job->rows - top : block;
    const int8_t *a = job->a + top * job->a_stride;
    int8_t *out = job->out + top * job->out_stride;
    if (!is_short) {
      block_of(job, rows, job->depth, a, job->a_stride, out, &o);
      continue;
    }
    for (size_t m = 0; m < rows; m++)
      memcpy(ends[m] + LEAST - job->depth, a + m * job->a_stride, job->depth);
    block_of(job, rows, LEAST, ends[0], LEAST, out, &o);
  }
}

#endif
