/* Sixteen lanes of fp32 in AVX-512: one vector. */
#ifndef KRN_LANES_AVX512_H
#define KRN_LANES_AVX512_H

#include "avx512.h"

#define LANES_TARGET KRN_AVX512
#define LANES_INLINE KRN_AVX512_INLINE
#define LANES_NAME(function) function##__avx512vnni

typedef krn_float512 lanes;
typedef krn_int512 lanes_int;

LANES_INLINE lanes lanes_set(float x) { return _mm512_set1_ps(x); }

LANES_INLINE lanes lanes_load(const float *x) { return _mm512_loadu_ps(x); }

LANES_INLINE lanes lanes_load_halves(const uint16_t *x) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)x));
}

LANES_INLINE void lanes_store(float *out, lanes x) { _mm512_storeu_ps(out, x); }

/* Lanes below `count` of eight that begin at lane `first`, as a mask. */
LANES_INLINE __m256i lanes_mask(size_t first, size_t count) {
  const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  __m256i n = _mm256_set1_epi32((int32_t)count - (int32_t)first);
  return _mm256_cmpgt_epi32(n, index);
}

/* The first `count` <= 16 elements, zeros after them. */
LANES_INLINE lanes lanes_load_first(const float *x, size_t count) {
  __m256 low = _mm256_maskload_ps(x, lanes_mask(0, count));
  __m256 high = count > 8 ? _mm256_maskload_ps(x + 8, lanes_mask(8, count)) : _mm256_setzero_ps();
  lanes both = _mm512_castps256_ps512(low);
  return _mm512_castpd_ps(
      _mm512_insertf64x4(_mm512_castps_pd(both), _mm256_castps_pd(high), 1));
}

LANES_INLINE __m256 lanes_high_half(lanes x) {
  return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1));
}

LANES_INLINE void lanes_store_first(float *out, lanes x, size_t count) {
  _mm256_maskstore_ps(out, lanes_mask(0, count), _mm512_castps512_ps256(x));
  if (count > 8) _mm256_maskstore_ps(out + 8, lanes_mask(8, count), lanes_high_half(x));
}

LANES_INLINE lanes lanes_add(lanes x, lanes y) { return _mm512_add_ps(x, y); }
LANES_INLINE lanes lanes_subtract(lanes x, lanes y) { return _mm512_sub_ps(x, y); }
LANES_INLINE lanes lanes_multiply(lanes x, lanes y) { return _mm512_mul_ps(x, y); }
LANES_INLINE lanes lanes_divide(lanes x, lanes y) { return _mm512_div_ps(x, y); }
/* the second operand where the first is not a number */
LANES_INLINE lanes lanes_least(lanes x, lanes y) { return _mm512_min_ps(x, y); }
LANES_INLINE lanes lanes_most(lanes x, lanes y) { return _mm512_max_ps(x, y); }

/* x * y + z, rounded once */
LANES_INLINE lanes lanes_fma(lanes x, lanes y, lanes z) { return _mm512_fmadd_ps(x, y, z); }

/* Lanes i + (i + 8), then 4, 2, 1. */
LANES_INLINE float lanes_sum(lanes x) {
  __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), lanes_high_half(x));
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

LANES_INLINE lanes_int lanes_bits(lanes x) { return _mm512_castps_si512(x); }
LANES_INLINE lanes lanes_of_bits(lanes_int x) { return _mm512_castsi512_ps(x); }
LANES_INLINE lanes lanes_of_int(lanes_int x) { return _mm512_cvtepi32_ps(x); }
LANES_INLINE lanes_int lanes_int_set(int32_t x) { return _mm512_set1_epi32(x); }
LANES_INLINE lanes_int lanes_int_add(lanes_int x, lanes_int y) { return _mm512_add_epi32(x, y); }
LANES_INLINE lanes_int lanes_int_subtract(lanes_int x, lanes_int y) {
  return _mm512_sub_epi32(x, y);
}
LANES_INLINE lanes_int lanes_int_and(lanes_int x, lanes_int y) { return _mm512_and_si512(x, y); }
LANES_INLINE lanes_int lanes_int_halve(lanes_int x) { return _mm512_srai_epi32(x, 1); }
LANES_INLINE lanes_int lanes_int_from_exponent(lanes_int x) { return _mm512_srai_epi32(x, 23); }
LANES_INLINE lanes_int lanes_int_to_exponent(lanes_int x) { return _mm512_slli_epi32(x, 23); }

/* y where x is below, above or equal to the limit, else z */
LANES_INLINE lanes lanes_where_below(lanes x, lanes limit, lanes y, lanes z) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, limit, _CMP_LT_OQ), z, y);
}
LANES_INLINE lanes lanes_where_above(lanes x, lanes limit, lanes y, lanes z) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, limit, _CMP_GT_OQ), z, y);
}
LANES_INLINE lanes lanes_where_equal(lanes x, lanes limit, lanes y, lanes z) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, limit, _CMP_EQ_OQ), z, y);
}

#endif
