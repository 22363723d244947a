#include "include/krn_s8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* The sum of `count` bytes. Every x86-64 processor adds up unsigned bytes, which these are with 128 added. */
static int32_t sum(size_t count, const int8_t *bytes) {
  int32_t sum = 0;
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i sign = _mm_set1_epi8(-128), zero = _mm_setzero_si128();
  __m128i sums = zero;
  for (; i + 16 <= count; i += 16) {
    __m128i x = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(bytes + i)), sign);
    sums = _mm_add_epi64(sums, _mm_sad_epu8(x, zero));
  }
  sum = _mm_cvtsi128_si32(sums) + _mm_cvtsi128_si32(_mm_srli_si128(sums, 8)) - 128 * (int32_t)i;
#endif
  for (; i < count; i++) sum += bytes[i];
  return sum;
}

void krn_sum_s8(size_t rows, size_t depth, const int8_t *bytes, int32_t *sums) {
  for (size_t row = 0; row < rows; row++) sums[row] = sum(depth, bytes + row * depth);
}
