/* What the AVX-512-VNNI kernels share. With KRN_SIMDE the intrinsics of AVX-512 are SIMDe's, so
 * that the very same kernels run where the instructions are missing (Tests/check-kernels-vnni.sh).
 */
#ifndef KRN_AVX512_H
#define KRN_AVX512_H

#include "avx2.h"

/* Before a loop of constant length, whose sums are to stay in registers. */
#define KRN_UNROLL _Pragma("unroll")

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
#define _mm512_srai_epi32 krn_srai_epi32

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

KRN_AVX512_INLINE krn_int512 krn_srai_epi32(krn_int512 x, int count) {
  __m256i halves[2];
  memcpy(halves, &x, sizeof x);
  for (size_t i = 0; i < 2; i++) halves[i] = _mm256_srai_epi32(halves[i], count);
  memcpy(&x, halves, sizeof x);
  return x;
}

#else

#include <immintrin.h>

#define KRN_AVX512_TARGET "avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"
#define KRN_AVX512 __attribute__((target(KRN_AVX512_TARGET)))
#define KRN_AVX512_INLINE static inline __attribute__((target(KRN_AVX512_TARGET), always_inline))

typedef __m512i krn_int512;
typedef __m512 krn_float512;

#endif
#endif
