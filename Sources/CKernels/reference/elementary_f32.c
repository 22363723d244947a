#include "../elementary_f32.h"

#include <math.h>
#include <string.h>

#include "../variants.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

static float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* 2^n for -126 <= n <= 127 */
static float power_of_two(int32_t n) { return float_of((uint32_t)(n + 127) << 23); }

static float exp_of(float x) {
  if (x != x) return float_of(KRN_NAN_BITS);
  float limited = x < KRN_EXP_LEAST ? KRN_EXP_LEAST : x > KRN_EXP_MOST ? KRN_EXP_MOST : x;
  float shifted = limited * KRN_LOG2_E + KRN_MAGIC;
  int32_t n = (int32_t)(bits_of(shifted) - KRN_MAGIC_BITS);
  float whole = shifted - KRN_MAGIC;
  float r = fmaf(whole, -KRN_LN2_HIGH, limited);
  r = fmaf(whole, -KRN_LN2_LOW, r);
  float p = 0;
#define X(coefficient) p = fmaf(p, r, coefficient);
  KRN_EXP_P(X)
#undef X
  float y = fmaf(p, r * r, r) + 1.0f;
  int32_t half = n >> 1; /* in two steps, so that a denormal result is rounded once */
  return y * power_of_two(half) * power_of_two(n - half);
}

static float log_of(float x) {
  if (!(x >= 0)) return float_of(KRN_NAN_BITS);
  if (x == 0 || x > 3.402823466e38f) return x == 0 ? -INFINITY : x;
  int denormal = x < KRN_LEAST_NORMAL;
  uint32_t bits = bits_of(denormal ? x * KRN_DENORMAL_SCALE : x);
  bits += KRN_ONE_BITS - KRN_SQRT_HALF_BITS;
  float e = (float)((int32_t)(bits >> 23) - 127) - (denormal ? 23.0f : 0.0f);
  float f = float_of((bits & 0x007fffff) + KRN_SQRT_HALF_BITS) - 1.0f;
  float z = f * f;
  float q = 0;
#define X(coefficient) q = fmaf(q, f, coefficient);
  KRN_LOG_Q(X)
#undef X
  float y = fmaf(e, KRN_LN2_LOW, q * f * z);
  y = fmaf(-0.5f, z, y);
  return fmaf(e, KRN_LN2_HIGH, f + y);
}

void krn_exp_f32__scalar(size_t count, const float *x, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = exp_of(x[i]);
}

void krn_log_f32__scalar(size_t count, const float *x, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = log_of(x[i]);
}

void krn_softmax_f32__scalar(size_t rows, size_t columns, float *x) {
  for (size_t row = 0; row < rows; row++, x += columns) {
    float most = -INFINITY;
    for (size_t i = 0; i < columns; i++) most = x[i] > most ? x[i] : most;
    float lanes[KRN_LANES] = {0};
    for (size_t i = 0; i < columns; i++) {
      x[i] = exp_of(x[i] - most);
      lanes[i % KRN_LANES] = lanes[i % KRN_LANES] + x[i];
    }
    float sum = krn_sum_lanes(lanes);
    for (size_t i = 0; i < columns; i++) x[i] = x[i] / sum;
  }
}
