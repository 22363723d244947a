/* GMAC/s of the variants that run here, on shapes of EfficientNet-Lite0. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "check.h"

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of the fastest of at least seven runs of `body`, for half a second at most. */
#define FASTEST(best, ...)                                                                         \
  double best = 1e9, began = seconds();                                                            \
  for (int run = 0; run < 7 || (run < 2000 && seconds() - began < 0.3); run++) {                   \
    double start = seconds();                                                                      \
    __VA_ARGS__;                                                                                   \
    double took = seconds() - start;                                                               \
    if (took < best) best = took;                                                                  \
  }

static void *some_bytes(size_t n) {
  seeded s = {n};
  int8_t *bytes = aligned_alloc(64, (n + 127) / 64 * 64);
  seeded_bytes(&s, bytes, n, 0);
  return bytes;
}

static void *some_floats(size_t n, float scale) {
  seeded s = {n};
  float *x = aligned_alloc(64, (n * 4 + 127) / 64 * 64);
  seeded_floats(&s, x, n, 0);
  for (size_t i = 0; i < n; i++) x[i] = x[i] * scale + scale;
  return x;
}

static void bench_gemm_s8(size_t m, size_t k, size_t n) {
  int8_t *a = some_bytes(m * k), *w = some_bytes(n * k), *out = some_bytes(m * n);
  int32_t *bias = calloc(n, 4);
  float *scale = some_floats(n, 0.001f);
  for (size_t i = 0; krn_gemm_s8_variant_at(i); i++) {
    const krn_gemm_s8_variant *v = krn_gemm_s8_variant_at(i);
    if (v->cpu & ~krn_cpu_detect()) continue;
    void *packed = aligned_alloc(64, (v->packed_size(n, k) + 63) / 64 * 64);
    v->pack(n, k, w, bias, scale, packed);
    int8_t flip = v->flips ? -128 : 0; /* as a body has them */
    krn_gemm_s8_job job = {m, n, k, a, k, packed, out, n, {3, -128, 127}, flip, flip};
    FASTEST(best, v->run(&job));
    printf("gemm_s8    %-12s M=%-6zu K=%-5zu N=%-5zu %8.1f us %7.2f GMAC/s\n", v->name, m, k, n,
           best * 1e6, (double)(m * n * k) / best * 1e-9);
    free(packed);
  }
  free(a), free(w), free(out), free(bias), free(scale);
}

static void bench_dwconv_s8(size_t side, size_t channels, size_t window, size_t stride) {
  size_t in_side = (side - 1) * stride + window, taps = window * window;
  int8_t *x = some_bytes(in_side * in_side * channels), *w = some_bytes(taps * channels);
  int8_t *out = some_bytes(side * side * channels);
  int32_t *bias = calloc(channels, 4);
  float *scale = some_floats(channels, 0.001f);
  size_t row_pointers = in_side * window;
  const int8_t **rows = malloc(side * row_pointers * sizeof *rows);
  for (size_t y = 0; y < side; y++)
    for (size_t column = 0; column < in_side; column++)
      for (size_t dy = 0; dy < window; dy++)
        rows[y * row_pointers + column * window + dy] =
            x + ((y * stride + dy) * in_side + column) * channels;
  for (size_t i = 0; krn_dwconv_s8_variant_at(i); i++) {
    const krn_dwconv_s8_variant *v = krn_dwconv_s8_variant_at(i);
    if (v->cpu & ~krn_cpu_detect()) continue;
    void *packed = aligned_alloc(64, (v->packed_size(taps, channels) + 63) / 64 * 64);
    v->pack(taps, channels, w, bias, scale, packed);
    int8_t flip = v->flips ? -128 : 0;
    FASTEST(best, {
      for (size_t y = 0; y < side; y++) {
        krn_dwconv_s8_job job = {side,
                                 taps,
                                 channels,
                                 rows + y * row_pointers,
                                 stride * window,
                                 packed,
                                 out + y * side * channels,
                                 channels,
                                 {3, -128, 127},
                                 flip,
                                 flip};
        v->run(&job);
      }
    });
    printf("dwconv_s8  %-12s %zux%zux%zu %zux%zu s%zu %8.1f us %7.2f GMAC/s\n", v->name, side, side,
           channels, window, window, stride, best * 1e6,
           (double)(side * side * channels * taps) / best * 1e-9);
    free(packed);
  }
  free(x), free(w), free(out), free(bias), free(scale), free(rows);
}

/* Fused multiply-adds of eight (AVX2) or four (NEON) a second, on registers alone; 0 if neither is there. */
#if defined(__x86_64__)
#include <immintrin.h>
typedef __m256 vector;
#define FMA __attribute__((target("avx2,fma")))
#define WIDTH 8
#define FILL(x) _mm256_set1_ps(x)
#define MULTIPLY_ADD(x, y, z) _mm256_fmadd_ps(x, y, z)
#define CHANGED(x) __asm__ volatile("" : "+x"(x))
#elif defined(__aarch64__)
#include <arm_neon.h>
typedef float32x4_t vector;
#define FMA
#define WIDTH 4
#define FILL(x) vdupq_n_f32(x)
#define MULTIPLY_ADD(x, y, z) vfmaq_f32(z, x, y)
#define CHANGED(x) __asm__ volatile("" : "+w"(x))
#endif

enum { SUMS = 12, ROUNDS = 1 << 16 };

FMA static void multiply_add(void) {
#if defined(WIDTH)
  vector sum[SUMS], x = FILL(1.5f), y = FILL(0.25f);
  for (int i = 0; i < SUMS; i++) sum[i] = x;
  for (int round = 0; round < ROUNDS; round++)
    for (int i = 0; i < SUMS; i++) {
      CHANGED(x);
      sum[i] = MULTIPLY_ADD(x, y, sum[i]);
    }
  for (int i = 0; i < SUMS; i++) CHANGED(sum[i]);
#endif
}

/* Prints the most that one core does, which gemm_f32 is to be held against. */
static void bench_peak_f32(void) {
#if defined(WIDTH)
  FASTEST(best, multiply_add());
  printf("peak_f32   fused multiply-add in registers %30.2f GMAC/s\n",
         (double)ROUNDS * SUMS * WIDTH / best * 1e-9);
#else
  multiply_add();
#endif
}

static void bench_gemm_f32(size_t m, size_t k, size_t n) {
  float *a = some_floats(m * k, 1), *w = some_floats(n * k, 1), *out = some_floats(m * n, 1);
  uint16_t *halves = some_bytes(n * k * 2);
  for (size_t i = 0; i < n * k; i++) halves[i] &= 0xBFFF; /* finite */
  for (size_t i = 0; krn_gemm_f32_variant_at(i); i++) {
    const krn_gemm_f32_variant *v = krn_gemm_f32_variant_at(i);
    if (v->cpu & ~krn_cpu_detect()) continue;
    for (int are_halves = 0; are_halves < (m == 1 ? 2 : 1); are_halves++) {
      krn_gemm_f32_job job = {
          m, n, k, a, k, are_halves ? NULL : w, are_halves ? halves : NULL, NULL, out, n};
      FASTEST(best, v->run(&job));
      printf("gemm_f32   %-12s M=%-6zu K=%-5zu N=%-5zu %8.1f us %7.2f GMAC/s%s\n", v->name, m, k, n,
             best * 1e6, (double)(m * n * k) / best * 1e-9, are_halves ? " of halves" : "");
    }
  }
  free(a), free(w), free(out), free(halves);
}

static void bench_rest(size_t n) {
  int8_t *a = some_bytes(n), *b = some_bytes(n), *out = some_bytes(n);
  float *x = some_floats(n, 1), *y = some_floats(n, 1);
  for (size_t i = 0; krn_add_s8_variant_at(i); i++) {
    const krn_add_s8_variant *v = krn_add_s8_variant_at(i);
    if (v->cpu & ~krn_cpu_detect()) continue;
    krn_add_s8_job job = {n, a, b, out, 3, -4, 0.7f, 0.4f, {5, -128, 127}};
    FASTEST(best, v->run(&job));
    printf("add_s8     %-12s %zu %8.1f us %7.2f G/s\n", v->name, n, best * 1e6,
           (double)n / best * 1e-9);
  }
  for (size_t i = 0; krn_fixadd_s8_variant_at(i); i++) {
    const krn_fixadd_s8_variant *v = krn_fixadd_s8_variant_at(i);
    if (v->cpu & ~krn_cpu_detect()) continue;
    krn_fixadd_s8_job job = {n, a, b, out, 1 << 20, 700000, 1 << 20, 21, {5, -128, 127}};
    FASTEST(best, v->run(&job));
    printf("fixadd_s8  %-12s %zu %8.1f us %7.2f G/s\n", v->name, n, best * 1e6,
           (double)n / best * 1e-9);
  }
  for (size_t i = 0; krn_exp_f32_variant_at(i); i++) {
    const krn_map_f32_variant *v = krn_exp_f32_variant_at(i);
    if (v->cpu & ~krn_cpu_detect()) continue;
    FASTEST(best, v->run(n, x, y));
    printf("exp_f32    %-12s %zu %8.1f us %7.2f G/s\n", v->name, n, best * 1e6,
           (double)n / best * 1e-9);
  }
  free(a), free(b), free(out), free(x), free(y);
}

void bench(void) {
  bench_gemm_s8(12544, 27, 32);
  bench_gemm_s8(12544, 32, 16);
  bench_gemm_s8(12544, 16, 96);
  bench_gemm_s8(3136, 96, 24);
  bench_gemm_s8(3136, 24, 144);
  bench_gemm_s8(784, 240, 40);
  bench_gemm_s8(196, 480, 80);
  bench_gemm_s8(196, 112, 672);
  bench_gemm_s8(49, 1152, 192);
  bench_gemm_s8(49, 320, 1280);
  bench_dwconv_s8(112, 32, 3, 1);
  bench_dwconv_s8(56, 96, 3, 2);
  bench_dwconv_s8(28, 240, 5, 1);
  bench_dwconv_s8(14, 672, 5, 1);
  bench_peak_f32();
  bench_gemm_f32(49, 320, 1280);
  bench_gemm_f32(1, 1280, 1000);
  bench_rest(100000);
}
