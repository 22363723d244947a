#include <string.h>

#include "../variants.h"
#include "requantise.h"

/* Packed: bias [outputs], scale [outputs], weights [outputs][depth]. */

size_t krn_gemm_s8_packed_size__scalar(size_t outputs, size_t depth) {
  return outputs * (sizeof(int32_t) + sizeof(float) + depth);
}

void krn_gemm_s8_pack__scalar(size_t outputs, size_t depth, const int8_t *weights,
                              const int32_t *bias, const float *scale, void *packed) {
  int32_t *packed_bias = packed;
  float *packed_scale = (float *)(packed_bias + outputs);
  memcpy(packed_bias, bias, outputs * sizeof *bias);
  memcpy(packed_scale, scale, outputs * sizeof *scale);
  memcpy(packed_scale + outputs, weights, outputs * depth);
}

void krn_gemm_s8__scalar(const krn_gemm_s8_job *job) {
  const int32_t *bias = job->packed;
  const float *scale = (const float *)(bias + job->outputs);
  const int8_t *weights = (const int8_t *)(scale + job->outputs);
  for (size_t m = 0; m < job->rows; m++) {
    const int8_t *a = job->a + m * job->a_stride;
    for (size_t n = 0; n < job->outputs; n++) {
      const int8_t *w = weights + n * job->depth;
      int32_t accumulator = bias[n];
      for (size_t k = 0; k < job->depth; k++)
        accumulator = krn_mac_s8(accumulator, krn_flip(a[k], job->a_flip), w[k]);
      int8_t byte = krn_requantise(accumulator, scale[n], job->output);
      job->out[m * job->out_stride + n] = krn_flip(byte, job->out_flip);
    }
  }
}
