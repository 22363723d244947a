/* Families on fp32, with a fixed order of rounding.
 *
 * "Sixteen lanes": lane i takes the elements k = i, i + 16, i + 32 ... in that order, the last
 * round filled up with zeros; then lanes i and i + 8 are added, then i and i + 4, i + 2, i + 1.
 * Multiply-adds are fused where this says so and nowhere else. The processor rounds to nearest even
 * and keeps denormals. For finite values every variant gives the same bits.
 */
#ifndef KRN_F32_H
#define KRN_F32_H

#include "krn_cpu.h"

KRN_NONNULL_BEGIN

/* gemm_f32: out[m][n] = (sum over k of a[m][k] * w[n][k]) + bias[n]; the sum by fused multiply-add
 * in sixteen lanes, then the bias. Weights are fp32, or halves that are widened as they are read: best for
 * one row, because each row of `a` widens them anew. */
typedef struct {
  size_t rows, outputs, depth;
  const float *a; /* [rows][depth], rows a_stride elements apart */
  size_t a_stride;
  const float *KRN_NULLABLE weights;   /* [outputs][depth] without gaps; NULL: halves */
  const uint16_t *KRN_NULLABLE halves; /* the same in half precision, finite; NULL: weights */
  const float *KRN_NULLABLE bias; /* [outputs]; NULL: nothing is added */
  float *out;                     /* [rows][outputs], rows out_stride elements apart */
  size_t out_stride;
} krn_gemm_f32_job;

typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(const krn_gemm_f32_job *job);
} krn_gemm_f32_variant;

/* outer_f32: out[i][k] = fma(g[m][i], x[m][k], out[i][k]) for m = 0, 1, 2 ... in that order.
 * g[m][i] is g[m * g_row + i * g_column], so that g can be read transposed. */
typedef struct {
  size_t rows, outputs, depth; /* of m, i, k */
  const float *g;
  size_t g_row, g_column;
  const float *x; /* [rows][depth] without gaps */
  float *out;     /* [outputs][depth] without gaps */
} krn_outer_f32_job;

typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(const krn_outer_f32_job *job);
} krn_outer_f32_variant;

/* dwconv_f32: acc = bias[c]; acc = fma(row(p, t)[c], w[t][c], acc) for t = 0, 1, 2 ...; out[p][c] =
 * acc limited to low...high. row(p, t) = rows[p * row_step + t], as in dwconv_s8. */
typedef struct {
  size_t pixels, taps, channels;
  const float *KRN_NONNULL const *KRN_NONNULL rows;
  size_t row_step;
  const float *weights; /* [taps][channels] */
  const float *bias;    /* [channels] */
  float *out;           /* [pixels][channels], out_stride elements apart */
  size_t out_stride;
  float low, high; /* -inf and +inf for no limit */
} krn_dwconv_f32_job;

typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(const krn_dwconv_f32_job *job);
} krn_dwconv_f32_variant;

/* exp_f32, log_f32: out[i] = f(x[i]); `out` may be `x`. Within 2 units in the last place. */
typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(size_t count, const float *x, float *out);
} krn_map_f32_variant;

/* widen_f16: out[i] is the number whose half-precision bits are x[i], exactly; of numbers that are finite. */
typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(size_t count, const uint16_t *x, float *out);
} krn_widen_f16_variant;

/* softmax_f32: each row of x [rows][columns] becomes e / sum(e), e = exp(x - max of the row), the
 * sum in sixteen lanes. */
typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(size_t rows, size_t columns, float *x);
} krn_softmax_f32_variant;

/* The variants compiled in, fastest first; NULL past the last. */
const krn_gemm_f32_variant *KRN_NULLABLE krn_gemm_f32_variant_at(size_t index);
const krn_outer_f32_variant *KRN_NULLABLE krn_outer_f32_variant_at(size_t index);
const krn_dwconv_f32_variant *KRN_NULLABLE krn_dwconv_f32_variant_at(size_t index);
const krn_map_f32_variant *KRN_NULLABLE krn_exp_f32_variant_at(size_t index);
const krn_map_f32_variant *KRN_NULLABLE krn_log_f32_variant_at(size_t index);
const krn_widen_f16_variant *KRN_NULLABLE krn_widen_f16_variant_at(size_t index);
const krn_softmax_f32_variant *KRN_NULLABLE krn_softmax_f32_variant_at(size_t index);

KRN_NONNULL_END

#endif
