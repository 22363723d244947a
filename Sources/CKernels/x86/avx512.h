/* What the AVX-512-VNNI kernels share. With KRN_SIMDE the intrinsics of AVX-512 are SIMDe's, so
 * that the very same kernels run where the instructions are missing (Tests/check-kernels-vnni.sh).
 */
#ifndef KRN_AVX512_H
#define KRN_AVX512_H

#include "avx2.h"

/* Before a loop of constant length, whose sums are to stay in registers. */
#define KRN_UNROLL _Pragma("unroll")

/* Makes what a function puts by on the stack begin at a cache line: the compiler alone leaves it at a
 * quarter of one, where each access to a vector takes two. */
#define KRN_ALIGN_STACK                                                                            \
  char line[64] __attribute__((aligned(64)));                                                      \
  __asm__ volatile("" : : "r"(line));

#ifdef KRN_SIMDE

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

#define KRN_AVX512
#define KRN_AVX512_INLINE static inline __attribute__((always_inline))

typedef simde__m512i krn_int512;
typedef simde__m512 krn_float512;

/* Those that SIMDe does not have yet. */
#define _mm512_cvtepi32_ps krn_cvtepi32_ps
#define _mm512_cvtps_epi32 krn_cvtps_epi32
#define _mm512_cvtph_ps krn_cvtph_ps
#define _mm512_cvtepi8_epi32 krn_cvtepi8_epi32
#define _mm512_srai_epi32 krn_srai_epi32
#define _mm512_sra_epi32 krn_sra_epi32

KRN_AVX512_INLINE krn_float512 krn_cvtepi32_ps(krn_int512 x) {
  __m256i integers[2];
  __m256 floats[2];
  krn_float512 result;
  memcpy(integers, &x, sizeof x);
  for (size_t i = 0; i < 2; i++) floats[i] = _mm256_cvtepi32_ps(integers[i]);
  memcpy(&result, floats, sizeof result);
  return result;
}

KRN_AVX512_INLINE krn_int512 krn_cvtps_epi32(krn_float512 x) {
  __m256 floats[2];
  __m256i integers[2];
  krn_int512 result;
  memcpy(floats, &x, sizeof x);
  for (size_t i = 0; i < 2; i++) integers[i] = _mm256_cvtps_epi32(floats[i]);
  memcpy(&result, integers, sizeof result);
  return result;
}

KRN_AVX512_INLINE krn_float512 krn_cvtph_ps(__m256i x) {
  __m256 floats[2] = {_mm256_cvtph_ps(_mm256_castsi256_si128(x)),
                      _mm256_cvtph_ps(_mm256_extracti128_si256(x, 1))};
  krn_float512 result;
  memcpy(&result, floats, sizeof result);
  return result;
}

KRN_AVX512_INLINE krn_int512 krn_cvtepi8_epi32(__m128i x) {
  __m256i halves[2] = {_mm256_cvtepi8_epi32(x), _mm256_cvtepi8_epi32(_mm_srli_si128(x, 8))};
  krn_int512 result;
  memcpy(&result, halves, sizeof result);
  return result;
}

KRN_AVX512_INLINE krn_int512 krn_srai_epi32(krn_int512 x, int count) {
  __m256i halves[2];
  memcpy(halves, &x, sizeof x);
  const __m128i by = _mm_cvtsi32_si128(count);
  for (size_t i = 0; i < 2; i++) halves[i] = _mm256_sra_epi32(halves[i], by);
  memcpy(&x, halves, sizeof x);
  return x;
}

KRN_AVX512_INLINE krn_int512 krn_sra_epi32(krn_int512 x, __m128i count) {
  return krn_srai_epi32(x, _mm_cvtsi128_si32(count));
}

#else

#include <immintrin.h>

#define KRN_AVX512_TARGET "avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"
#define KRN_AVX512 __attribute__((target(KRN_AVX512_TARGET)))
#define KRN_AVX512_INLINE static inline __attribute__((target(KRN_AVX512_TARGET), always_inline))

typedef __m512i krn_int512;
typedef __m512 krn_float512;

#endif

/* The output's parameters, spread over lanes. */
typedef struct {
  krn_int512 zero16, low, high, flip;
} krn_output_avx512;

KRN_AVX512_INLINE krn_output_avx512 krn_output_avx512_of(krn_output_s8 output, int8_t flip) {
  krn_output_avx512 o;
  o.zero16 = _mm512_set1_epi16((int16_t)output.zero_point);
  o.low = _mm512_set1_epi8(output.low);
  o.high = _mm512_set1_epi8(output.high);
  o.flip = _mm512_set1_epi8(flip);
  return o;
}

/* A sum times a factor below 1 stays in the range of integers, and bytes are limited at the end. Others, which
 * no network is known to have, are brought into it first: a sum of 2^14 or more and a factor of 2^16
 * or more give what is beyond every byte anyway. */
#define KRN_LARGEST_FACTOR 0x1p16f

KRN_AVX512_INLINE int krn_any_large(const krn_float512 *factor, const size_t count) {
  krn_float512 most = factor[0];
  for (size_t v = 1; v < count; v++) most = _mm512_max_ps(most, factor[v]);
  return __builtin_expect(_mm512_cmp_ps_mask(most, _mm512_set1_ps(1), _CMP_GE_OQ) != 0, 0);
}

/* `sum`, limited above where its factor is 1 or more. */
KRN_AVX512_INLINE krn_int512 krn_limit_large(krn_int512 sum, krn_float512 factor) {
  __mmask16 large = _mm512_cmp_ps_mask(factor, _mm512_set1_ps(1), _CMP_GE_OQ);
  return _mm512_mask_min_epi32(sum, large, sum, _mm512_set1_epi32(1 << 14));
}

/* The integer nearest to a sum times its factor, half to even. */
KRN_AVX512_INLINE krn_int512 krn_scaled(krn_int512 sum, krn_float512 factor) {
  return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), factor));
}

/* Two vectors of integers as words, the zero point added; each 128 bits hold four of each vector. */
KRN_AVX512_INLINE krn_int512 krn_words32(const krn_int512 x[2], const krn_output_avx512 *o) {
  return _mm512_adds_epi16(_mm512_packs_epi32(x[0], x[1]), o->zero16);
}

/* Two vectors of words as bytes; each 128 bits hold eight of each vector. */
KRN_AVX512_INLINE krn_int512 krn_bytes_of_words(krn_int512 first, krn_int512 second,
                                                const krn_output_avx512 *o) {
  krn_int512 bytes = _mm512_max_epi8(_mm512_packs_epi16(first, second), o->low);
  return _mm512_xor_si512(_mm512_min_epi8(bytes, o->high), o->flip);
}

/* Four vectors of integers as bytes; each 128 bits hold four of each vector. */
KRN_AVX512_INLINE krn_int512 krn_bytes64(const krn_int512 x[4], const krn_output_avx512 *o) {
  return krn_bytes_of_words(krn_words32(x, o), krn_words32(x + 2, o), o);
}
#endif
