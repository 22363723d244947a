#include <math.h>

#include "../variants.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

static float dot(size_t depth, const float *a, const float *w, const uint16_t *halves) {
  float lanes[KRN_LANES] = {0};
  for (size_t k = 0; k < depth; k += KRN_LANES)
    for (size_t i = 0; i < KRN_LANES; i++) {
      float x = k + i < depth ? a[k + i] : 0;
      float y = 0;
      if (k + i < depth && halves)
        krn_widen_f16__scalar(1, halves + k + i, &y);
      else if (k + i < depth)
        y = w[k + i];
      lanes[i] = fmaf(x, y, lanes[i]);
    }
  return krn_sum_lanes(lanes);
}

void krn_gemm_f32__scalar(const krn_gemm_f32_job *job) {
  for (size_t m = 0; m < job->rows; m++)
    for (size_t n = 0; n < job->outputs; n++) {
      float sum = dot(job->depth, job->a + m * job->a_stride,
                      job->weights ? job->weights + n * job->depth : NULL,
                      job->halves ? job->halves + n * job->depth : NULL);
      job->out[m * job->out_stride + n] = job->bias ? sum + job->bias[n] : sum;
    }
}

void krn_outer_f32__scalar(const krn_outer_f32_job *job) {
  for (size_t m = 0; m < job->rows; m++)
    for (size_t i = 0; i < job->outputs; i++) {
      float g = job->g[m * job->g_row + i * job->g_column];
      for (size_t k = 0; k < job->depth; k++) {
        float *out = &job->out[i * job->depth + k];
        *out = fmaf(g, job->x[m * job->depth + k], *out);
      }
    }
}

void krn_dwconv_f32__scalar(const krn_dwconv_f32_job *job) {
  for (size_t p = 0; p < job->pixels; p++) {
    const float *const *rows = job->rows + p * job->row_step;
    for (size_t c = 0; c < job->channels; c++) {
      float sum = job->bias[c];
      for (size_t t = 0; t < job->taps; t++)
        sum = fmaf(rows[t][c], job->weights[t * job->channels + c], sum);
      float limited = sum < job->low ? job->low : sum > job->high ? job->high : sum;
      job->out[p * job->out_stride + c] = limited;
    }
  }
}
