#if defined(__x86_64__)
#include "avx512.h"

#include "../variants.h"

#pragma STDC FP_CONTRACT OFF

/* Sixteen bytes at x as integers. */
KRN_AVX512_INLINE krn_int512 integers16(const int8_t *x) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)x));
}

/* Four vectors of sixteen integers as bytes in their order. */
KRN_AVX512_INLINE krn_int512 in_order(const krn_int512 x[4], const krn_output_avx512 *o) {
  const krn_int512 order =
      _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, krn_bytes64(x, o));
}

KRN_AVX512 void krn_add_s8__avx512vnni(const krn_add_s8_job *job) {
  const krn_output_avx512 o = krn_output_avx512_of(job->output, 0);
  const krn_int512 a_zero = _mm512_set1_epi32(job->a_zero), b_zero = _mm512_set1_epi32(job->b_zero);
  const krn_float512 a_scale = _mm512_set1_ps(job->a_scale), b_scale = _mm512_set1_ps(job->b_scale);
  /* Scales may be great: what is beyond every byte is brought into the range of integers. */
  const krn_float512 most = _mm512_set1_ps(KRN_LARGEST_FACTOR);
  size_t i = 0;
  for (; i + 64 <= job->count; i += 64) {
    krn_int512 x[4];
    for (size_t v = 0; v < 4; v++) {
      krn_int512 a = _mm512_sub_epi32(integers16(job->a + i + 16 * v), a_zero);
      krn_int512 b = _mm512_sub_epi32(integers16(job->b + i + 16 * v), b_zero);
      krn_float512 sum = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(a), a_scale),
                                       _mm512_mul_ps(_mm512_cvtepi32_ps(b), b_scale));
      x[v] = _mm512_cvtps_epi32(_mm512_min_ps(sum, most));
    }
    _mm512_storeu_si512(job->out + i, in_order(x, &o));
  }
  krn_add_s8_job rest = *job;
  rest.count -= i;
  rest.a += i;
  rest.b += i;
  rest.out += i;
  krn_add_s8__avx2(&rest);
}

KRN_AVX512 void krn_fixadd_s8__avx512vnni(const krn_fixadd_s8_job *job) {
  const krn_output_avx512 o = krn_output_avx512_of(job->output, 0);
  const krn_int512 a_multiplier = _mm512_set1_epi32(job->a_multiplier);
  const krn_int512 b_multiplier = _mm512_set1_epi32(job->b_multiplier);
  const krn_int512 bias = _mm512_set1_epi32(job->bias);
  const __m128i shift = _mm_cvtsi32_si128(job->shift);
  size_t i = 0;
  for (; i + 64 <= job->count; i += 64) {
    krn_int512 x[4];
    for (size_t v = 0; v < 4; v++) {
      krn_int512 a = _mm512_mullo_epi32(integers16(job->a + i + 16 * v), a_multiplier);
      krn_int512 b = _mm512_mullo_epi32(integers16(job->b + i + 16 * v), b_multiplier);
      x[v] = _mm512_sra_epi32(_mm512_add_epi32(a, _mm512_add_epi32(b, bias)), shift);
    }
    _mm512_storeu_si512(job->out + i, in_order(x, &o));
  }
  krn_fixadd_s8_job rest = *job;
  rest.count -= i;
  rest.a += i;
  rest.b += i;
  rest.out += i;
  krn_fixadd_s8__avx2(&rest);
}
#endif
