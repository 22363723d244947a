#if defined(__aarch64__)
#include "neon.h"

#include "../variants.h"

#pragma STDC FP_CONTRACT OFF

/* Four 16-bit values minus the zero point, times the scale. */
KRN_NEON_INLINE float32x4_t real4(int16x4_t x, int32x4_t zero, float32x4_t scale) {
  return vmulq_f32(vcvtq_f32_s32(vsubq_s32(vmovl_s16(x), zero)), scale);
}

void krn_add_s8__neon(const krn_add_s8_job *job) {
  krn_output_neon o = krn_output_neon_of(job->output);
  int32x4_t a_zero = vdupq_n_s32(job->a_zero), b_zero = vdupq_n_s32(job->b_zero);
  float32x4_t a_scale = vdupq_n_f32(job->a_scale), b_scale = vdupq_n_f32(job->b_scale);
  size_t i = 0;
  for (; i + 16 <= job->count; i += 16) {
    int8x16_t a = vld1q_s8(job->a + i), b = vld1q_s8(job->b + i);
    int16x8_t a8[2] = {vmovl_s8(vget_low_s8(a)), vmovl_high_s8(a)};
    int16x8_t b8[2] = {vmovl_s8(vget_low_s8(b)), vmovl_high_s8(b)};
    int32x4_t sum[4];
    for (size_t h = 0; h < 2; h++) {
      sum[2 * h] = vcvtnq_s32_f32(vaddq_f32(real4(vget_low_s16(a8[h]), a_zero, a_scale),
                                            real4(vget_low_s16(b8[h]), b_zero, b_scale)));
      sum[2 * h + 1] = vcvtnq_s32_f32(vaddq_f32(real4(vget_high_s16(a8[h]), a_zero, a_scale),
                                                real4(vget_high_s16(b8[h]), b_zero, b_scale)));
    }
    vst1q_s8(job->out + i, krn_bytes16_neon(sum, &o));
  }
  krn_add_s8_job rest = *job;
  rest.count -= i;
  rest.a += i;
  rest.b += i;
  rest.out += i;
  krn_add_s8__scalar(&rest);
}

void krn_fixadd_s8__neon(const krn_fixadd_s8_job *job) {
  krn_output_neon o = krn_output_neon_of(job->output);
  int32x4_t a_multiplier = vdupq_n_s32(job->a_multiplier);
  int32x4_t b_multiplier = vdupq_n_s32(job->b_multiplier);
  int32x4_t bias = vdupq_n_s32(job->bias), shift = vdupq_n_s32(-job->shift);
  size_t i = 0;
  for (; i + 16 <= job->count; i += 16) {
    int8x16_t a = vld1q_s8(job->a + i), b = vld1q_s8(job->b + i);
    int16x8_t a8[2] = {vmovl_s8(vget_low_s8(a)), vmovl_high_s8(a)};
    int16x8_t b8[2] = {vmovl_s8(vget_low_s8(b)), vmovl_high_s8(b)};
    int32x4_t sum[4];
    for (size_t h = 0; h < 2; h++) {
      int32x4_t low = vmlaq_s32(bias, vmovl_s16(vget_low_s16(b8[h])), b_multiplier);
      int32x4_t high = vmlaq_s32(bias, vmovl_high_s16(b8[h]), b_multiplier);
      low = vmlaq_s32(low, vmovl_s16(vget_low_s16(a8[h])), a_multiplier);
      high = vmlaq_s32(high, vmovl_high_s16(a8[h]), a_multiplier);
      sum[2 * h] = vshlq_s32(low, shift);
      sum[2 * h + 1] = vshlq_s32(high, shift);
    }
    vst1q_s8(job->out + i, krn_bytes16_neon(sum, &o));
  }
  krn_fixadd_s8_job rest = *job;
  rest.count -= i;
  rest.a += i;
  rest.b += i;
  rest.out += i;
  krn_fixadd_s8__scalar(&rest);
}

void krn_mean_s8__neon(const krn_mean_s8_job *job) {
  int32_t offset = (int32_t)job->pixels * job->zero;
  size_t c = 0;
  for (; c + 8 <= job->channels; c += 8) {
    int32x4_t sum[2] = {vdupq_n_s32(-offset), vdupq_n_s32(-offset)};
    for (size_t p = 0; p < job->pixels; p++) {
      int16x8_t x = vmovl_s8(vld1_s8(job->a + p * job->channels + c));
      sum[0] = vaddw_s16(sum[0], vget_low_s16(x));
      sum[1] = vaddw_high_s16(sum[1], x);
    }
    for (size_t v = 0; v < 2; v++)
      vst1q_f32(job->out + c + 4 * v, vmulq_n_f32(vcvtq_f32_s32(sum[v]), job->scale));
  }
  for (; c < job->channels; c++) {
    int32_t sum = 0;
    for (size_t p = 0; p < job->pixels; p++) sum += job->a[p * job->channels + c];
    job->out[c] = (float)(sum - offset) * job->scale;
  }
}
#endif
