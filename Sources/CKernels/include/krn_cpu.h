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

/* Gets the pages of `count` bytes from page-aligned `start` on from the system, that others may write to meanwhile. They
   come one after the other: who asks for all of them at once holds up everybody else who asks for memory. */
void krn_fetch_pages(void *KRN_NONNULL start, size_t count);

#endif
