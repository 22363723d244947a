#include "../variants.h"
#include "requantise.h"

#pragma STDC FP_CONTRACT OFF

void krn_add_s8__scalar(const krn_add_s8_job *job) {
  for (size_t i = 0; i < job->count; i++) {
    float a = (float)(job->a[i] - job->a_zero) * job->a_scale;
    float b = (float)(job->b[i] - job->b_zero) * job->b_scale;
    job->out[i] = krn_byte_of(a + b, job->output);
  }
}

void krn_mean_s8__scalar(const krn_mean_s8_job *job) {
  for (size_t c = 0; c < job->channels; c++) {
    int32_t sum = 0;
    for (size_t p = 0; p < job->pixels; p++) sum += job->a[p * job->channels + c];
    job->out[c] = (float)(sum - (int32_t)job->pixels * job->zero) * job->scale;
  }
}
