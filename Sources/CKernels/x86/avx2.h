/* What the AVX2 kernels on signed bytes share. */
#ifndef KRN_AVX2_H
#define KRN_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "../include/CKernels.h"

#define KRN_AVX2 __attribute__((target("avx2,fma,f16c")))
#define KRN_AVX2_INLINE static inline __attribute__((target("avx2,fma,f16c"), always_inline))

/* The output's parameters, spread over lanes. */
typedef struct {
  __m256 high; /* high - zero point: the float is limited to it before it becomes an integer */
  __m256i zero16;
  __m128i low;
} krn_output_avx2;

KRN_AVX2_INLINE krn_output_avx2 krn_output_avx2_of(krn_output_s8 output) {
  krn_output_avx2 o;
  o.high = _mm256_set1_ps((float)(output.high - output.zero_point));
  o.zero16 = _mm256_set1_epi16((int16_t)output.zero_point);
  o.low = _mm_set1_epi8(output.low);
  return o;
}

/* x rounded half to even, limited above. Below, values out of range become INT32_MIN and the
 * saturating packs that follow take them to the least byte. */
KRN_AVX2_INLINE __m256i krn_round_avx2(__m256 x, const krn_output_avx2 *o) {
  return _mm256_cvtps_epi32(_mm256_min_ps(x, o->high));
}

KRN_AVX2_INLINE __m256i krn_scale_avx2(__m256i accumulator, __m256 scale,
                                       const krn_output_avx2 *o) {
  return krn_round_avx2(_mm256_mul_ps(_mm256_cvtepi32_ps(accumulator), scale), o);
}

/* Sixteen bytes of two vectors that hold elements 0-3 8-11 and 4-7 12-15. */
KRN_AVX2_INLINE __m128i krn_bytes16_avx2(__m256i even, __m256i odd, const krn_output_avx2 *o) {
  __m256i words = _mm256_adds_epi16(_mm256_packs_epi32(even, odd), o->zero16);
  __m128i bytes =
      _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  return _mm_max_epi8(bytes, o->low);
}

/* Eight bytes, in the low half. */
KRN_AVX2_INLINE __m128i krn_bytes8_avx2(__m256i x, const krn_output_avx2 *o) {
  __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  words = _mm_adds_epi16(words, _mm256_castsi256_si128(o->zero16));
  return _mm_max_epi8(_mm_packs_epi16(words, words), o->low);
}

/* The first `count` <= 16 bytes. */
KRN_AVX2_INLINE void krn_store_avx2(int8_t *out, __m128i bytes, size_t count) {
  if (count == 16) {
    _mm_storeu_si128((__m128i *)out, bytes);
  } else if (count == 8) {
    _mm_storel_epi64((__m128i *)out, bytes);
  } else {
    int8_t all[16];
    _mm_storeu_si128((__m128i *)all, bytes);
    memcpy(out, all, count);
  }
}

#endif
