#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* the processors a process may run on */
#endif
#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#endif

#include "variants.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_ASIMD
#define HWCAP_ASIMD (1 << 1)
#endif
#ifndef HWCAP_ASIMDDP
#define HWCAP_ASIMDDP (1 << 20)
#endif
#ifndef HWCAP2_I8MM
#define HWCAP2_I8MM (1 << 13)
#endif
#endif

uint32_t krn_cpu_detect(void) {
  uint32_t bits = 0;
#if defined(__x86_64__)
  __builtin_cpu_init(); /* asks the processor and, by XGETBV, the operating system */
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c")) {
    bits |= KRN_CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni"))
      bits |= KRN_CPU_AVX512VNNI;
  }
#elif defined(__aarch64__) && defined(__linux__)
  unsigned long capabilities = getauxval(AT_HWCAP);
  if (capabilities & HWCAP_ASIMD) bits |= KRN_CPU_NEON;
  if (capabilities & HWCAP_ASIMDDP) bits |= KRN_CPU_DOTPROD;
  if (getauxval(AT_HWCAP2) & HWCAP2_I8MM) bits |= KRN_CPU_I8MM;
#endif
  return bits;
}

size_t krn_cpu_count(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return (size_t)CPU_COUNT(&set);
#endif
  return 1;
}

void krn_fetch_pages(void *start, size_t count) {
  unsigned char *bytes = start;
#if defined(__x86_64__)
  for (size_t place = 0; place < count; place += 4096) {
    /* 0 becomes 0. (To add 0 would be a load after optimisation, which gets no page.) */
    unsigned char expected = 0;
    __atomic_compare_exchange_n(bytes + place, &expected, 0, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }
#elif defined(__linux__)
  /* Here a fault of such an instruction counts as a read, which gets a page that is there for all. */
  const int populate_write = 23; /* MADV_POPULATE_WRITE of Linux 5.14; older ones do nothing */
  const size_t step = (size_t)2 << 20;
  for (size_t place = 0; place < count; place += step)
    madvise(bytes + place, count - place < step ? count - place : step, populate_write);
#endif
}

/* A table and the function that walks it. `entry` makes one initialiser of a variant's name. */
#define TABLE(family, type, list, entry)                                                         \
  static const type family##_variants[] = {list(entry)};                                         \
  const type *krn_##family##_variant_at(size_t index) {                                          \
    size_t count = sizeof family##_variants / sizeof family##_variants[0];                       \
    return index < count ? &family##_variants[index] : NULL;                                     \
  }

#define GEMM_S8(v, bits, flips)                                                                  \
  {#v, bits, flips, krn_gemm_s8_packed_size__##v, krn_gemm_s8_pack__##v, krn_gemm_s8__##v},
#define DWCONV_S8(v, bits, flips)                                                                \
  {#v, bits, flips, krn_dwconv_s8_packed_size__##v, krn_dwconv_s8_pack__##v, krn_dwconv_s8__##v},
#define ADD_S8(v, bits) {#v, bits, krn_add_s8__##v},
#define FIXADD_S8(v, bits) {#v, bits, krn_fixadd_s8__##v},
#define MEAN_S8(v, bits) {#v, bits, krn_mean_s8__##v},
#define GEMM_F32(v, bits) {#v, bits, krn_gemm_f32__##v},
#define OUTER_F32(v, bits) {#v, bits, krn_outer_f32__##v},
#define DWCONV_F32(v, bits) {#v, bits, krn_dwconv_f32__##v},
#define EXP_F32(v, bits) {#v, bits, krn_exp_f32__##v},
#define LOG_F32(v, bits) {#v, bits, krn_log_f32__##v},
#define WIDEN_F16(v, bits) {#v, bits, krn_widen_f16__##v},
#define SOFTMAX_F32(v, bits) {#v, bits, krn_softmax_f32__##v},

TABLE(gemm_s8, krn_gemm_s8_variant, KRN_GEMM_S8_VARIANTS, GEMM_S8)
TABLE(dwconv_s8, krn_dwconv_s8_variant, KRN_DWCONV_S8_VARIANTS, DWCONV_S8)
TABLE(add_s8, krn_add_s8_variant, KRN_ADD_S8_VARIANTS, ADD_S8)
TABLE(fixadd_s8, krn_fixadd_s8_variant, KRN_FIXADD_S8_VARIANTS, FIXADD_S8)
TABLE(mean_s8, krn_mean_s8_variant, KRN_MEAN_S8_VARIANTS, MEAN_S8)
TABLE(gemm_f32, krn_gemm_f32_variant, KRN_F32_VARIANTS, GEMM_F32)
TABLE(outer_f32, krn_outer_f32_variant, KRN_F32_VARIANTS, OUTER_F32)
TABLE(dwconv_f32, krn_dwconv_f32_variant, KRN_F32_VARIANTS, DWCONV_F32)
TABLE(exp_f32, krn_map_f32_variant, KRN_F32_VARIANTS, EXP_F32)
TABLE(log_f32, krn_map_f32_variant, KRN_F32_VARIANTS, LOG_F32)
TABLE(widen_f16, krn_widen_f16_variant, KRN_F32_VARIANTS, WIDEN_F16)
TABLE(softmax_f32, krn_softmax_f32_variant, KRN_F32_VARIANTS, SOFTMAX_F32)
