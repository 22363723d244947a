/* Families on signed bytes.
 *
 * Requantisation is one rule everywhere: the int32 accumulator (sums wrap modulo 2^32) is converted
 * to fp32 (nearest even), multiplied by an fp32 scale (one rounding, never fused), rounded to an
 * integer (half to even), the output's zero point is added, and the result is limited to
 * low...high. Accumulators stay inside int32 where depth or taps are at most 32768 and |bias| at most
 * 2^30; beyond that they wrap, with every variant alike.
 */
#ifndef KRN_S8_H
#define KRN_S8_H

#include "krn_cpu.h"

KRN_NONNULL_BEGIN

/* How accumulators become bytes; low <= high, zero_point in -128...127. */
typedef struct {
  int32_t zero_point;
  int8_t low, high;
} krn_output_s8;

/* A flip, 0 or -128, is what bytes in memory are exclusive-ored with. Those that are flipped are the unsigned
 * x + 128 of a signed x, as some processors multiply them; rows of padding are the caller's to flip. Only
 * variants that say so take a flip other than 0. */

/* gemm_s8: out[m][n] = requantise(bias[n] + sum over k of a[m][k] * w[n][k], scale[n]) */
typedef struct {
  size_t rows, outputs, depth;
  const int8_t *a; /* [rows][depth], rows a_stride bytes apart */
  size_t a_stride;
  const void *packed; /* by the same variant, aligned to 64 */
  int8_t *out;        /* [rows][outputs], rows out_stride bytes apart; may not alias a */
  size_t out_stride;
  krn_output_s8 output;
  int8_t a_flip, out_flip;
} krn_gemm_s8_job;

typedef struct {
  const char *name;
  uint32_t cpu;
  int flips; /* whether it takes flipped bytes */
  /* bytes of packed weights, bias and scales */
  size_t (*packed_size)(size_t outputs, size_t depth);
  /* weights [outputs][depth]; bias with the zero point of `a` folded in: bias - za * sum of weights
   * */
  void (*pack)(size_t outputs, size_t depth, const int8_t *weights, const int32_t *bias,
               const float *scale, void *packed);
  void (*run)(const krn_gemm_s8_job *job);
} krn_gemm_s8_variant;

/* dwconv_s8: out[p][c] = requantise(bias[c] + sum over t of row(p, t)[c] * w[t][c], scale[c]) where
 * row(p, t) = rows[p * row_step + t] points to `channels` bytes. With row_step < taps neighbouring
 * pixels share pointers: window columns outer, window rows inner, row_step = stride * window
 * height. */
typedef struct {
  size_t pixels, taps, channels;
  const int8_t *KRN_NONNULL const *KRN_NONNULL rows;
  size_t row_step;
  const void *packed; /* by the same variant, aligned to 64 */
  int8_t *out;        /* [pixels][channels], out_stride bytes apart; may not alias any row */
  size_t out_stride;
  krn_output_s8 output;
  int8_t in_flip, out_flip;
} krn_dwconv_s8_job;

typedef struct {
  const char *name;
  uint32_t cpu;
  int flips; /* whether it takes flipped bytes */
  size_t (*packed_size)(size_t taps, size_t channels);
  /* weights [taps][channels]; bias with the zero point of the input folded in */
  void (*pack)(size_t taps, size_t channels, const int8_t *weights, const int32_t *bias,
               const float *scale, void *packed);
  void (*run)(const krn_dwconv_s8_job *job);
} krn_dwconv_s8_variant;

/* add_s8: out[i] = round(float(a[i] - a_zero) * a_scale + float(b[i] - b_zero) * b_scale) +
 * zero_point, limited; two products and one sum, each rounded to fp32, then half to even. a_scale
 * is scale of a / scale of out, finite times 255. `out` may be `a` or `b`. */
typedef struct {
  size_t count;
  const int8_t *a, *b;
  int8_t *out;
  int32_t a_zero, b_zero;
  float a_scale, b_scale;
  krn_output_s8 output;
} krn_add_s8_job;

typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(const krn_add_s8_job *job);
} krn_add_s8_variant;

/* fixadd_s8: out[i] = ((a[i] * a_multiplier + b[i] * b_multiplier + bias) >> shift) + zero_point,
 * limited; the shift keeps the sign. Exact: the caller keeps the sum inside int32, as multipliers of
 * 0...2^21, shift in 1...30 and bias = 2^(shift - 1) - a_zero * a_multiplier - b_zero * b_multiplier
 * do. `out` may be `a` or `b`. */
typedef struct {
  size_t count;
  const int8_t *a, *b;
  int8_t *out;
  int32_t a_multiplier, b_multiplier, bias;
  int32_t shift;
  krn_output_s8 output;
} krn_fixadd_s8_job;

typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(const krn_fixadd_s8_job *job);
} krn_fixadd_s8_variant;

/* mean_s8: out[c] = float(sum over p of a[p][c] - pixels * zero) * scale, the sum in int32. a is
 * [pixels][channels] without gaps; pixels <= 2^23. The caller puts 1 / pixels into the scale. */
typedef struct {
  size_t pixels, channels;
  const int8_t *a;
  int32_t zero;
  float scale;
  float *out;
} krn_mean_s8_job;

typedef struct {
  const char *name;
  uint32_t cpu;
  void (*run)(const krn_mean_s8_job *job);
} krn_mean_s8_variant;

/* The variants compiled in, fastest first; NULL past the last. */
const krn_gemm_s8_variant *KRN_NULLABLE krn_gemm_s8_variant_at(size_t index);
const krn_dwconv_s8_variant *KRN_NULLABLE krn_dwconv_s8_variant_at(size_t index);
const krn_add_s8_variant *KRN_NULLABLE krn_add_s8_variant_at(size_t index);
const krn_fixadd_s8_variant *KRN_NULLABLE krn_fixadd_s8_variant_at(size_t index);
const krn_mean_s8_variant *KRN_NULLABLE krn_mean_s8_variant_at(size_t index);

/* sums[r] = sum over d of bytes[r * depth + d], for depth <= 2^23; no family: it has one form. */
void krn_sum_s8(size_t rows, size_t depth, const int8_t *bytes, int32_t *sums);

/* Does rounds times what a gemm_s8 variant that needs `cpu` does without memory, and returns how
 * many products that were; the time it takes gives this processor's peak. */
uint64_t krn_peak_s8(uint32_t cpu, uint64_t rounds);

KRN_NONNULL_END

#endif
