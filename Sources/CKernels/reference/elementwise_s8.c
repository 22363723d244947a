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

void krn_fixadd_s8__scalar(const krn_fixadd_s8_job *job) {
  int32_t low = job->output.low, high = job->output.high;
  for (size_t i = 0; i < job->count; i++) {
    int32_t sum = job->a[i] * job->a_multiplier + (job->b[i] * job->b_multiplier + job->bias);
    int32_t x = (sum >> job->shift) + job->output.zero_point;
    job->out[i] = (int8_t)(x < low ? low : x > high ? high : x);
  }
}

void krn_mean_s8__scalar(const krn_mean_s8_job *job) {
  for (size_t c = 0; c < job->channels; c++) {
    int32_t sum = 0;
    for (size_t p = 0; p < job->pixels; p++) sum += job->a[p * job->channels + c];
    job->out[c] = (float)(sum - (int32_t)job->pixels * job->zero) * job->scale;
  }
}
