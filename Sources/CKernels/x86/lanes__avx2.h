/* Sixteen lanes of fp32 in AVX2: two vectors of eight. */
#ifndef KRN_LANES_AVX2_H
#define KRN_LANES_AVX2_H

#include "avx2.h"

#define LANES_TARGET KRN_AVX2
#define LANES_INLINE KRN_AVX2_INLINE
#define LANES_NAME(function) function##__avx2

typedef struct {
  __m256 low, high;
} lanes;

typedef struct {
  __m256i low, high;
} lanes_int;

LANES_INLINE lanes lanes_set(float x) { return (lanes){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }

LANES_INLINE lanes lanes_load(const float *x) {
  return (lanes){_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8)};
}

LANES_INLINE lanes lanes_load_halves(const uint16_t *x) {
  return (lanes){_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)x)),
                 _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(x + 8)))};
}

LANES_INLINE void lanes_store(float *out, lanes x) {
  _mm256_storeu_ps(out, x.low);
  _mm256_storeu_ps(out + 8, x.high);
}

/* Lanes below `count`, as a mask of each vector. */
LANES_INLINE lanes_int lanes_mask(size_t count) {
  const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  __m256i n = _mm256_set1_epi32((int32_t)count);
  return (lanes_int){_mm256_cmpgt_epi32(n, index),
                     _mm256_cmpgt_epi32(n, _mm256_add_epi32(index, _mm256_set1_epi32(8)))};
}

/* The first `count` <= 16 elements, zeros after them. */
LANES_INLINE lanes lanes_load_first(const float *x, size_t count) {
  lanes_int mask = lanes_mask(count);
  return (lanes){_mm256_maskload_ps(x, mask.low),
                 count > 8 ? _mm256_maskload_ps(x + 8, mask.high) : _mm256_setzero_ps()};
}

LANES_INLINE void lanes_store_first(float *out, lanes x, size_t count) {
  lanes_int mask = lanes_mask(count);
  _mm256_maskstore_ps(out, mask.low, x.low);
  if (count > 8) _mm256_maskstore_ps(out + 8, mask.high, x.high);
}

#define LANES_BINARY(name, operation)                                                              \
  LANES_INLINE lanes name(lanes x, lanes y) {                                                      \
    return (lanes){operation(x.low, y.low), operation(x.high, y.high)};                            \
  }
LANES_BINARY(lanes_add, _mm256_add_ps)
LANES_BINARY(lanes_subtract, _mm256_sub_ps)
LANES_BINARY(lanes_multiply, _mm256_mul_ps)
LANES_BINARY(lanes_divide, _mm256_div_ps)
/* the second operand where the first is not a number */
LANES_BINARY(lanes_least, _mm256_min_ps)
LANES_BINARY(lanes_most, _mm256_max_ps)
#undef LANES_BINARY

/* x * y + z, rounded once */
LANES_INLINE lanes lanes_fma(lanes x, lanes y, lanes z) {
  return (lanes){_mm256_fmadd_ps(x.low, y.low, z.low), _mm256_fmadd_ps(x.high, y.high, z.high)};
}

/* Lanes i + (i + 8), then 4, 2, 1. */
LANES_INLINE float lanes_sum(lanes x) {
  __m256 eight = _mm256_add_ps(x.low, x.high);
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

LANES_INLINE lanes_int lanes_bits(lanes x) {
  return (lanes_int){_mm256_castps_si256(x.low), _mm256_castps_si256(x.high)};
}

LANES_INLINE lanes lanes_of_bits(lanes_int x) {
  return (lanes){_mm256_castsi256_ps(x.low), _mm256_castsi256_ps(x.high)};
}

LANES_INLINE lanes lanes_of_int(lanes_int x) {
  return (lanes){_mm256_cvtepi32_ps(x.low), _mm256_cvtepi32_ps(x.high)};
}

LANES_INLINE lanes_int lanes_int_set(int32_t x) {
  return (lanes_int){_mm256_set1_epi32(x), _mm256_set1_epi32(x)};
}

#define LANES_BINARY(name, operation)                                                              \
  LANES_INLINE lanes_int name(lanes_int x, lanes_int y) {                                          \
    return (lanes_int){operation(x.low, y.low), operation(x.high, y.high)};                        \
  }
LANES_BINARY(lanes_int_add, _mm256_add_epi32)
LANES_BINARY(lanes_int_subtract, _mm256_sub_epi32)
LANES_BINARY(lanes_int_and, _mm256_and_si256)
#undef LANES_BINARY

#define LANES_SHIFT(name, operation, count)                                                        \
  LANES_INLINE lanes_int name(lanes_int x) {                                                       \
    return (lanes_int){operation(x.low, count), operation(x.high, count)};                         \
  }
LANES_SHIFT(lanes_int_halve, _mm256_srai_epi32, 1)
LANES_SHIFT(lanes_int_from_exponent, _mm256_srai_epi32, 23)
LANES_SHIFT(lanes_int_to_exponent, _mm256_slli_epi32, 23)
#undef LANES_SHIFT

/* y where `compare(x, limit)` holds, else z */
#define LANES_CHOOSE(name, predicate)                                                              \
  LANES_INLINE lanes name(lanes x, lanes limit, lanes y, lanes z) {                                \
    return (lanes){                                                                                \
        _mm256_blendv_ps(z.low, y.low, _mm256_cmp_ps(x.low, limit.low, predicate)),                \
        _mm256_blendv_ps(z.high, y.high, _mm256_cmp_ps(x.high, limit.high, predicate))};           \
  }
LANES_CHOOSE(lanes_where_below, _CMP_LT_OQ)
LANES_CHOOSE(lanes_where_above, _CMP_GT_OQ)
LANES_CHOOSE(lanes_where_equal, _CMP_EQ_OQ)
#undef LANES_CHOOSE

#endif
