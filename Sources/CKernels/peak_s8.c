/* The most products of bytes a second that a processor can do: the multiply-add of a gemm_s8
 * variant, and what carries its sums to 32 bits, on registers alone. */
#include "include/CKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Sums that do not wait for each other. */
enum { SUMS = 10 };

#define EACH for (int i = 0; i < SUMS; i++)

#if defined(__x86_64__)

#define VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

/* The compiler is told that x changed, so that it may not drop a product it has seen. */
VNNI static uint64_t vnni(uint64_t rounds) {
  __m512i sum[SUMS], x = _mm512_set1_epi8(1), w = _mm512_set1_epi8(2);
  EACH sum[i] = x;
  for (uint64_t round = 0; round < rounds; round++) EACH {
      __asm__ volatile("" : "+v"(x));
      sum[i] = _mm512_dpbusd_epi32(sum[i], x, w);
    }
  EACH __asm__ volatile("" ::"v"(sum[i]));
  return rounds * SUMS * 64;
}

__attribute__((target("avx2"))) static uint64_t avx2(uint64_t rounds) {
  __m256i sum[SUMS], x = _mm256_set1_epi16(1), w = _mm256_set1_epi16(2);
  EACH sum[i] = x;
  for (uint64_t round = 0; round < rounds; round++) EACH {
      __asm__ volatile("" : "+x"(x));
      sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(x, w));
    }
  EACH __asm__ volatile("" ::"x"(sum[i]));
  return rounds * SUMS * 16;
}

#elif defined(__aarch64__)

__attribute__((target("arch=armv8.2-a+dotprod"))) static uint64_t dotprod(uint64_t rounds) {
  int32x4_t sum[SUMS];
  int8x16_t x = vdupq_n_s8(1), w = vdupq_n_s8(2);
  EACH sum[i] = vdupq_n_s32(0);
  for (uint64_t round = 0; round < rounds; round++) EACH {
      __asm__ volatile("" : "+w"(x));
      sum[i] = vdotq_s32(sum[i], x, w);
    }
  EACH __asm__ volatile("" ::"w"(sum[i]));
  return rounds * SUMS * 16;
}

/* Each of four sums takes eight products. */
__attribute__((target("arch=armv8.2-a+i8mm"))) static uint64_t i8mm(uint64_t rounds) {
  int32x4_t sum[SUMS];
  int8x16_t x = vdupq_n_s8(1), w = vdupq_n_s8(2);
  EACH sum[i] = vdupq_n_s32(0);
  for (uint64_t round = 0; round < rounds; round++) EACH {
      __asm__ volatile("" : "+w"(x));
      sum[i] = vmmlaq_s32(sum[i], x, w);
    }
  EACH __asm__ volatile("" ::"w"(sum[i]));
  return rounds * SUMS * 32;
}

/* Two products of bytes a lane of 16 bits, then added in pairs to lanes of 32. */
static uint64_t neon(uint64_t rounds) {
  int32x4_t sum[SUMS];
  int8x16_t x = vdupq_n_s8(1), w = vdupq_n_s8(2);
  EACH sum[i] = vdupq_n_s32(0);
  for (uint64_t round = 0; round < rounds; round++) EACH {
      __asm__ volatile("" : "+w"(x));
      int16x8_t two = vmull_s8(vget_low_s8(x), vget_low_s8(w));
      two = vmlal_s8(two, vget_high_s8(x), vget_high_s8(w));
      sum[i] = vpadalq_s16(sum[i], two);
    }
  EACH __asm__ volatile("" ::"w"(sum[i]));
  return rounds * SUMS * 16;
}

#endif

static uint64_t scalar(uint64_t rounds) {
  int32_t sum[SUMS], x = 1, w = 2;
  EACH sum[i] = 0;
  for (uint64_t round = 0; round < rounds; round++) EACH {
      __asm__ volatile("" : "+r"(x));
      sum[i] += x * w;
    }
  EACH __asm__ volatile("" ::"r"(sum[i]));
  return rounds * SUMS;
}

uint64_t krn_peak_s8(uint32_t cpu, uint64_t rounds) {
#if defined(__x86_64__)
  if (cpu & KRN_CPU_AVX512VNNI) return vnni(rounds);
  if (cpu & KRN_CPU_AVX2) return avx2(rounds);
#elif defined(__aarch64__)
  if (cpu & KRN_CPU_I8MM) return i8mm(rounds);
  if (cpu & KRN_CPU_DOTPROD) return dotprod(rounds);
  if (cpu & KRN_CPU_NEON) return neon(rounds);
#endif
  (void)cpu;
  return scalar(rounds);
}
