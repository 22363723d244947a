#if defined(__x86_64__)
#include "avx2.h"

#include "../variants.h"

#pragma STDC FP_CONTRACT OFF

/* Eight bytes at x, minus the zero point, times the scale. */
KRN_AVX2_INLINE __m256 real8(const int8_t *x, __m256i zero, __m256 scale) {
  __m256i wide = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)x));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(wide, zero)), scale);
}

KRN_AVX2 void krn_add_s8__avx2(const krn_add_s8_job *job) {
  krn_output_avx2 o = krn_output_avx2_of(job->output);
  __m256i a_zero = _mm256_set1_epi32(job->a_zero), b_zero = _mm256_set1_epi32(job->b_zero);
  __m256 a_scale = _mm256_set1_ps(job->a_scale), b_scale = _mm256_set1_ps(job->b_scale);
  size_t i = 0;
  for (; i + 16 <= job->count; i += 16) {
    __m256i half[2];
    for (size_t h = 0; h < 2; h++) {
      __m256 a = real8(job->a + i + 8 * h, a_zero, a_scale);
      __m256 b = real8(job->b + i + 8 * h, b_zero, b_scale);
      half[h] = krn_round_avx2(_mm256_add_ps(a, b), &o);
    }
    __m128i bytes = krn_bytes16_avx2(half[0], half[1], &o);
    bytes = _mm_shuffle_epi32(bytes, _MM_SHUFFLE(3, 1, 2, 0)); /* from 0-3 8-11 4-7 12-15 */
    _mm_storeu_si128((__m128i *)(job->out + i), bytes);
  }
  krn_add_s8_job rest = *job;
  rest.count -= i;
  rest.a += i;
  rest.b += i;
  rest.out += i;
  krn_add_s8__scalar(&rest);
}

/* Eight bytes at x, times the multiplier. */
KRN_AVX2_INLINE __m256i times8(const int8_t *x, __m256i multiplier) {
  return _mm256_mullo_epi32(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)x)), multiplier);
}

KRN_AVX2 void krn_fixadd_s8__avx2(const krn_fixadd_s8_job *job) {
  krn_output_avx2 o = krn_output_avx2_of(job->output);
  __m128i high = _mm_set1_epi8(job->output.high), shift = _mm_cvtsi32_si128(job->shift);
  __m256i a_multiplier = _mm256_set1_epi32(job->a_multiplier);
  __m256i b_multiplier = _mm256_set1_epi32(job->b_multiplier);
  __m256i bias = _mm256_set1_epi32(job->bias);
  size_t i = 0;
  for (; i + 16 <= job->count; i += 16) {
    __m256i half[2];
    for (size_t h = 0; h < 2; h++) {
      __m256i b = _mm256_add_epi32(times8(job->b + i + 8 * h, b_multiplier), bias);
      __m256i sum = _mm256_add_epi32(times8(job->a + i + 8 * h, a_multiplier), b);
      half[h] = _mm256_sra_epi32(sum, shift);
    }
    __m128i bytes = _mm_min_epi8(krn_bytes16_avx2(half[0], half[1], &o), high);
    bytes = _mm_shuffle_epi32(bytes, _MM_SHUFFLE(3, 1, 2, 0)); /* from 0-3 8-11 4-7 12-15 */
    _mm_storeu_si128((__m128i *)(job->out + i), bytes);
  }
  krn_fixadd_s8_job rest = *job;
  rest.count -= i;
  rest.a += i;
  rest.b += i;
  rest.out += i;
  krn_fixadd_s8__scalar(&rest);
}

KRN_AVX2 void krn_mean_s8__avx2(const krn_mean_s8_job *job) {
  int32_t offset = (int32_t)job->pixels * job->zero;
  size_t c = 0;
  for (; c + 8 <= job->channels; c += 8) {
    __m256i sum = _mm256_setzero_si256();
    for (size_t p = 0; p < job->pixels; p++) {
      __m128i bytes = _mm_loadl_epi64((const __m128i *)(job->a + p * job->channels + c));
      sum = _mm256_add_epi32(sum, _mm256_cvtepi8_epi32(bytes));
    }
    __m256 total = _mm256_cvtepi32_ps(_mm256_sub_epi32(sum, _mm256_set1_epi32(offset)));
    _mm256_storeu_ps(job->out + c, _mm256_mul_ps(total, _mm256_set1_ps(job->scale)));
  }
  for (; c < job->channels; c++) {
    int32_t sum = 0;
    for (size_t p = 0; p < job->pixels; p++) sum += job->a[p * job->channels + c];
    job->out[c] = (float)(sum - offset) * job->scale;
  }
}
#endif
