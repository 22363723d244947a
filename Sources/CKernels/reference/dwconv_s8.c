#include <string.h>

#include "../variants.h"
#include "requantise.h"

/* Packed: bias [channels], scale [channels], weights [taps][channels]. */

size_t krn_dwconv_s8_packed_size__scalar(size_t taps, size_t channels) {
  return channels * (sizeof(int32_t) + sizeof(float) + taps);
}

void krn_dwconv_s8_pack__scalar(size_t taps, size_t channels, const int8_t *weights,
                                const int32_t *bias, const float *scale, void *packed) {
  int32_t *packed_bias = packed;
  float *packed_scale = (float *)(packed_bias + channels);
  memcpy(packed_bias, bias, channels * sizeof *bias);
  memcpy(packed_scale, scale, channels * sizeof *scale);
  memcpy(packed_scale + channels, weights, taps * channels);
}

void krn_dwconv_s8__scalar(const krn_dwconv_s8_job *job) {
  const int32_t *bias = job->packed;
  const float *scale = (const float *)(bias + job->channels);
  const int8_t *weights = (const int8_t *)(scale + job->channels);
  for (size_t p = 0; p < job->pixels; p++) {
    const int8_t *const *rows = job->rows + p * job->row_step;
    for (size_t c = 0; c < job->channels; c++) {
      int32_t accumulator = bias[c];
      for (size_t t = 0; t < job->taps; t++)
        accumulator = krn_mac_s8(accumulator, krn_flip(rows[t][c], job->in_flip),
                                 weights[t * job->channels + c]);
      int8_t byte = krn_requantise(accumulator, scale[c], job->output);
      job->out[p * job->out_stride + c] = krn_flip(byte, job->out_flip);
    }
  }
}
