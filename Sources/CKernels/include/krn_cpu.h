#ifndef KRN_CPU_H
#define KRN_CPU_H

#include <stddef.h>
#include <stdint.h>

/* Instruction sets, as bits. */
enum {
  KRN_CPU_AVX2 = 1 << 0,       /* AVX2, FMA and F16C */
  KRN_CPU_AVX512VNNI = 1 << 1, /* AVX-512 F, BW, DQ, VL and VNNI */
  KRN_CPU_NEON = 1 << 2,       /* Advanced SIMD of Armv8.0 */
  KRN_CPU_DOTPROD = 1 << 3,    /* SDOT of Armv8.2 */
  KRN_CPU_I8MM = 1 << 4,       /* SMMLA of Armv8.6 */
};

/* The sets that this processor and its operating system offer. Asks anew each time: ask once. */
uint32_t krn_cpu_detect(void);

/* Processors that this process may run on, at least 1. */
size_t krn_cpu_count(void);

/* Tells the processor that the thread waits awake. */
static inline void krn_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb"); /* YIELD does nothing on the cores that boards have */
#endif
}

/* Gets the pages of `count` bytes from the system, that others may write to meanwhile: of each a byte that is 0 becomes 0. (To
   add 0 would be a load after optimisation, which gets no page.) */
static inline void krn_touch_pages(void *start, size_t count) {
  for (size_t place = 0; place < count; place += 4096) {
    unsigned char expected = 0;
    __atomic_compare_exchange_n((unsigned char *)start + place, &expected, 0, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }
}

/* In headers that Swift reads, a pointer is never null unless it says so. */
#if defined(__clang__)
#define KRN_NONNULL_BEGIN _Pragma("clang assume_nonnull begin")
#define KRN_NONNULL_END _Pragma("clang assume_nonnull end")
#define KRN_NULLABLE _Nullable
#define KRN_NONNULL _Nonnull
#else
#define KRN_NONNULL_BEGIN
#define KRN_NONNULL_END
#define KRN_NULLABLE
#define KRN_NONNULL
#endif

#endif
