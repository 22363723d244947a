/* Linear algebra on fp32 over sixteen lanes, for any instruction set that defines them. */
#include <string.h>

#include "../variants.h"

enum { STEP = 16 };

/* Weights of either kind: `halves`, or else `floats`. */
typedef struct {
  const float *floats;
  const uint16_t *halves;
} weights_at;

LANES_INLINE weights_at weights_of(const krn_gemm_f32_job *job, size_t output) {
  weights_at w = {job->weights, job->halves};
  if (w.halves)
    w.halves += output * job->depth;
  else
    w.floats += output * job->depth;
  return w;
}

/* The weights from `k` on, the first `count` of sixteen; whether they are halves is a constant. */
LANES_INLINE lanes load_weights(weights_at w, const int are_halves, size_t k, size_t count) {
  if (!are_halves) return count == STEP ? lanes_load(w.floats + k) : lanes_load_first(w.floats + k, count);
  if (count == STEP) return lanes_load_halves(w.halves + k);
  uint16_t rest[STEP] = {0};
  memcpy(rest, w.halves + k, count * sizeof *rest);
  return lanes_load_halves(rest);
}

/* `rows` x `outputs` dot products; both and `are_halves` are constants after inlining. */
LANES_INLINE void dot_tile(const size_t rows, const size_t outputs, const int are_halves,
                           size_t depth, const float *a, size_t a_stride, weights_at w,
                           const float *bias, float *out, size_t out_stride) {
  lanes sum[LANES_TILE_ROWS][LANES_TILE_OUTPUTS];
  for (size_t m = 0; m < rows; m++)
    for (size_t n = 0; n < outputs; n++) sum[m][n] = lanes_set(0);
  size_t k = 0;
  for (; k + STEP <= depth; k += STEP) {
    lanes y[LANES_TILE_OUTPUTS];
    for (size_t n = 0; n < outputs; n++) y[n] = load_weights(w, are_halves, n * depth + k, STEP);
    for (size_t m = 0; m < rows; m++) {
      lanes x = lanes_load(a + m * a_stride + k);
      for (size_t n = 0; n < outputs; n++) sum[m][n] = lanes_fma(x, y[n], sum[m][n]);
    }
  }
  if (k < depth) {
    lanes y[LANES_TILE_OUTPUTS];
    for (size_t n = 0; n < outputs; n++)
      y[n] = load_weights(w, are_halves, n * depth + k, depth - k);
    for (size_t m = 0; m < rows; m++) {
      lanes x = lanes_load_first(a + m * a_stride + k, depth - k);
      for (size_t n = 0; n < outputs; n++) sum[m][n] = lanes_fma(x, y[n], sum[m][n]);
    }
  }
  for (size_t m = 0; m < rows; m++)
    for (size_t n = 0; n < outputs; n++) {
      float total = lanes_sum(sum[m][n]);
      out[m * out_stride + n] = bias ? total + bias[n] : total;
    }
}

/* Columns of `outputs` weights from `n` on pass over all rows. */
LANES_INLINE void dot_columns(const size_t outputs, const int are_halves,
                              const krn_gemm_f32_job *job, size_t n) {
  const float *bias = job->bias ? job->bias + n : NULL;
  weights_at w = weights_of(job, n);
  size_t m = 0;
  for (; m + LANES_TILE_ROWS <= job->rows; m += LANES_TILE_ROWS)
    dot_tile(LANES_TILE_ROWS, outputs, are_halves, job->depth, job->a + m * job->a_stride,
             job->a_stride, w, bias, job->out + m * job->out_stride + n, job->out_stride);
  for (; m < job->rows; m++)
    dot_tile(1, outputs, are_halves, job->depth, job->a + m * job->a_stride, job->a_stride, w, bias,
             job->out + m * job->out_stride + n, job->out_stride);
}

LANES_INLINE void dot_all(const int are_halves, const krn_gemm_f32_job *job) {
  size_t n = 0;
  for (; n + LANES_TILE_OUTPUTS <= job->outputs; n += LANES_TILE_OUTPUTS)
    dot_columns(LANES_TILE_OUTPUTS, are_halves, job, n);
  for (; n < job->outputs; n++) dot_columns(1, are_halves, job, n);
}

LANES_TARGET void LANES_NAME(krn_gemm_f32)(const krn_gemm_f32_job *job) {
  if (job->halves)
    dot_all(1, job);
  else
    dot_all(0, job);
}

/* `outputs` rows of sums over the elements k ... k + count of each; count is STEP or the rest. */
LANES_INLINE void outer_tile(const size_t outputs, const krn_outer_f32_job *job, size_t i, size_t k,
                             size_t count) {
  float *out = job->out + i * job->depth + k;
  lanes sum[LANES_TILE_OUTPUTS];
  for (size_t n = 0; n < outputs; n++)
    sum[n] = count == STEP ? lanes_load(out + n * job->depth)
                           : lanes_load_first(out + n * job->depth, count);
  for (size_t m = 0; m < job->rows; m++) {
    const float *x = job->x + m * job->depth + k, *g = job->g + m * job->g_row;
    lanes row = count == STEP ? lanes_load(x) : lanes_load_first(x, count);
    for (size_t n = 0; n < outputs; n++)
      sum[n] = lanes_fma(lanes_set(g[(i + n) * job->g_column]), row, sum[n]);
  }
  for (size_t n = 0; n < outputs; n++) {
    if (count == STEP)
      lanes_store(out + n * job->depth, sum[n]);
    else
      lanes_store_first(out + n * job->depth, sum[n], count);
  }
}

LANES_TARGET void LANES_NAME(krn_outer_f32)(const krn_outer_f32_job *job) {
  size_t whole = job->depth - job->depth % STEP, i = 0;
  for (; i + LANES_TILE_OUTPUTS <= job->outputs; i += LANES_TILE_OUTPUTS) {
    for (size_t k = 0; k < whole; k += STEP) outer_tile(LANES_TILE_OUTPUTS, job, i, k, STEP);
    if (whole < job->depth) outer_tile(LANES_TILE_OUTPUTS, job, i, whole, job->depth - whole);
  }
  for (; i < job->outputs; i++) {
    for (size_t k = 0; k < whole; k += STEP) outer_tile(1, job, i, k, STEP);
    if (whole < job->depth) outer_tile(1, job, i, whole, job->depth - whole);
  }
}

/* Channels c ... c + count of one pixel; count is STEP or the rest. */
LANES_INLINE void dwconv_block(const krn_dwconv_f32_job *job, size_t p, size_t c, size_t count) {
  const float *const *rows = job->rows + p * job->row_step;
  const float *w = job->weights + c;
  lanes sum = count == STEP ? lanes_load(job->bias + c) : lanes_load_first(job->bias + c, count);
  for (size_t t = 0; t < job->taps; t++, w += job->channels) {
    lanes x = count == STEP ? lanes_load(rows[t] + c) : lanes_load_first(rows[t] + c, count);
    lanes y = count == STEP ? lanes_load(w) : lanes_load_first(w, count);
    sum = lanes_fma(x, y, sum);
  }
  sum = lanes_least(lanes_set(job->high), lanes_most(lanes_set(job->low), sum));
  float *out = job->out + p * job->out_stride + c;
  if (count == STEP)
    lanes_store(out, sum);
  else
    lanes_store_first(out, sum, count);
}

LANES_TARGET void LANES_NAME(krn_dwconv_f32)(const krn_dwconv_f32_job *job) {
  size_t whole = job->channels - job->channels % STEP;
  for (size_t p = 0; p < job->pixels; p++) {
    for (size_t c = 0; c < whole; c += STEP) dwconv_block(job, p, c, STEP);
    if (whole < job->channels) dwconv_block(job, p, whole, job->channels - whole);
  }
}
