/* fp32 families: every variant against the reference, bit for bit. */
#include "check.h"

#define REFERENCE_NAMED(name, family, type)                                                        \
  const type *name = NULL;                                                                         \
  for (size_t i = 0; krn_##family##_variant_at(i); i++) name = krn_##family##_variant_at(i)
#define REFERENCE(family, type) REFERENCE_NAMED(reference, family, type)

int check_gemm_f32(const krn_gemm_f32_variant *v) {
  REFERENCE(gemm_f32, krn_gemm_f32_variant);
  REFERENCE_NAMED(widen, widen_f16, krn_widen_f16_variant);
  static const size_t depths[] = {1, 3, 8, 15, 16, 17, 31, 32, 33, 48, 100, 1280};
  int failures = 0;
  uint64_t seed = 1;
  for (size_t d = 0; d < sizeof depths / sizeof *depths; d++)
    for (size_t m = 1; m <= 9; m++)
      for (size_t n = 1; n <= 9; n++, seed++) {
        seeded s = {seed};
        size_t k = depths[d], lda = k + seed % 3, ldc = n + seed % 2;
        size_t out_size = ((m - 1) * ldc + n) * 4;
        guarded a = guarded_new(((m - 1) * lda + k) * 4, 4), w = guarded_new(n * k * 4, 4);
        guarded bias = guarded_new(n * 4, 4), out = guarded_new(out_size, 4);
        guarded out0 = guarded_new(out_size, 4);
        seeded_floats(&s, a.data, (m - 1) * lda + k, seed % 4 == 0);
        seeded_floats(&s, w.data, n * k, seed % 4 == 0);
        seeded_floats(&s, bias.data, n, 0);
        memset(out.data, 0x55, out_size);
        memset(out0.data, 0x55, out_size);
        /* Halves are held against the reference with what they are widened to. */
        guarded halves = guarded_new(n * k * 2, 2);
        uint16_t *half = halves.data;
        for (size_t i = 0; i < n * k; i++) {
          half[i] = (uint16_t)seeded_next(&s);
          if ((half[i] & 0x7C00) == 0x7C00) half[i] ^= 0x4000; /* finite */
        }
        int are_halves = seed % 3 == 0;
        if (are_halves) widen->run(n * k, half, w.data);
        krn_gemm_f32_job job = {m,
                                n,
                                k,
                                a.data,
                                lda,
                                are_halves ? NULL : w.data,
                                are_halves ? half : NULL,
                                seed % 5 ? bias.data : NULL,
                                out.data,
                                ldc};
        v->run(&job);
        job.weights = w.data, job.halves = NULL;
        job.out = out0.data;
        reference->run(&job);
        if (memcmp(out.data, out0.data, out_size) != 0 || !guarded_intact(&out)) {
          printf("FAILED gemm_f32 %s: rows %zu outputs %zu depth %zu halves %d seed %llu\n", v->name,
                 m, n, k, are_halves, (unsigned long long)seed);
          failures++;
        }
        guarded_free(&a), guarded_free(&w), guarded_free(&bias), guarded_free(&halves);
        guarded_free(&out), guarded_free(&out0);
      }
  return failures;
}

int check_outer_f32(const krn_outer_f32_variant *v) {
  REFERENCE(outer_f32, krn_outer_f32_variant);
  int failures = 0;
  uint64_t seed = 1;
  for (size_t k = 1; k <= 70; k += k < 35 ? 1 : 5)
    for (size_t m = 1; m <= 7; m += 2)
      for (size_t n = 1; n <= 9; n++, seed++) {
        seeded s = {seed};
        int transposed = seed % 2;
        guarded g = guarded_new(m * n * 4, 4), x = guarded_new(m * k * 4, 4);
        guarded out = guarded_new(n * k * 4, 4), out0 = guarded_new(n * k * 4, 4);
        seeded_floats(&s, g.data, m * n, seed % 4 == 0);
        seeded_floats(&s, x.data, m * k, seed % 4 == 0);
        seeded_floats(&s, out.data, n * k, 0);
        memcpy(out0.data, out.data, n * k * 4);
        krn_outer_f32_job job = {m,      n,       k, g.data, transposed ? 1 : n, transposed ? m : 1,
                                 x.data, out.data};
        v->run(&job);
        job.out = out0.data;
        reference->run(&job);
        if (memcmp(out.data, out0.data, n * k * 4) != 0 || !guarded_intact(&out)) {
          printf("FAILED outer_f32 %s: rows %zu outputs %zu depth %zu\n", v->name, m, n, k);
          failures++;
        }
        guarded_free(&g), guarded_free(&x), guarded_free(&out), guarded_free(&out0);
      }
  return failures;
}

int check_dwconv_f32(const krn_dwconv_f32_variant *v) {
  REFERENCE(dwconv_f32, krn_dwconv_f32_variant);
  int failures = 0;
  uint64_t seed = 1;
  for (size_t c = 1; c <= 70; c++)
    for (size_t pixels = 1; pixels <= 5; pixels++, seed++) {
      seeded s = {seed};
      size_t taps = seed % 3 ? 9 : 25, step = seed % 2 ? taps : 3, ldc = c + seed % 2;
      size_t pointers = (pixels - 1) * step + taps, out_size = ((pixels - 1) * ldc + c) * 4;
      guarded x = guarded_new(pointers * c * 4, 4), w = guarded_new(taps * c * 4, 4);
      guarded rows = guarded_new(pointers * sizeof(void *), sizeof(void *));
      guarded bias = guarded_new(c * 4, 4);
      guarded out = guarded_new(out_size, 4), out0 = guarded_new(out_size, 4);
      seeded_floats(&s, x.data, pointers * c, seed % 4 == 0);
      seeded_floats(&s, w.data, taps * c, seed % 4 == 0);
      seeded_floats(&s, bias.data, c, 0);
      memset(out.data, 0x55, out_size);
      memset(out0.data, 0x55, out_size);
      const float **row = rows.data;
      for (size_t i = 0; i < pointers; i++)
        row[i] = (const float *)x.data + seeded_below(&s, pointers) * c;
      krn_dwconv_f32_job job = {pixels,
                                taps,
                                c,
                                row,
                                step,
                                w.data,
                                bias.data,
                                out.data,
                                ldc,
                                seed % 5 ? -INFINITY : 0,
                                seed % 5 ? INFINITY : 0.5f};
      v->run(&job);
      job.out = out0.data;
      reference->run(&job);
      if (memcmp(out.data, out0.data, out_size) != 0 || !guarded_intact(&out)) {
        printf("FAILED dwconv_f32 %s: pixels %zu taps %zu channels %zu\n", v->name, pixels, taps,
               c);
        failures++;
      }
      guarded_free(&x), guarded_free(&w), guarded_free(&rows), guarded_free(&bias);
      guarded_free(&out), guarded_free(&out0);
    }
  return failures;
}

/* Every `stride`th float there is, all signs, exponents and specials among them. */
static int check_map(const krn_map_f32_variant *v, const krn_map_f32_variant *reference,
                     const char *family, uint32_t stride) {
  enum { BLOCK = 1003 };
  static float out0[BLOCK];
  guarded x = guarded_new(BLOCK * 4, 4), out = guarded_new(BLOCK * 4, 4);
  int failures = 0;
  for (uint64_t bits = 0; bits <= UINT32_MAX;) {
    size_t n = 0;
    for (; n < BLOCK && bits <= UINT32_MAX; n++, bits += stride) {
      uint32_t b = (uint32_t)bits;
      memcpy((float *)x.data + n, &b, 4);
    }
    size_t count = n - bits % 17; /* lengths that do and do not fill a vector */
    reference->run(count, x.data, out0);
    v->run(count, x.data, out.data);
    int same = memcmp(out.data, out0, count * 4) == 0 && guarded_intact(&out);
    if (!same && failures++ < 5)
      printf("FAILED %s %s: block before %llx\n", family, v->name, (unsigned long long)bits);
  }
  for (size_t count = 1; count < 40; count++) { /* the buffer's last element is the kernel's last */
    float *end = (float *)x.data + BLOCK - count;
    float *out_end = (float *)out.data + BLOCK - count;
    for (size_t i = 0; i < count; i++) end[i] = (float)i * 0.37f - 3;
    reference->run(count, end, out0);
    v->run(count, end, out_end);
    failures += memcmp(out_end, out0, count * 4) != 0;
    v->run(count, end, end);
    failures += memcmp(end, out0, count * 4) != 0;
  }
  guarded_free(&x), guarded_free(&out);
  return failures;
}

int check_exp_f32(const krn_map_f32_variant *v) {
  REFERENCE(exp_f32, krn_map_f32_variant);
  return check_map(v, reference, "exp_f32", 641);
}

int check_log_f32(const krn_map_f32_variant *v) {
  REFERENCE(log_f32, krn_map_f32_variant);
  return check_map(v, reference, "log_f32", 641);
}

int check_softmax_f32(const krn_softmax_f32_variant *v) {
  REFERENCE(softmax_f32, krn_softmax_f32_variant);
  int failures = 0;
  for (size_t columns = 1; columns <= 130; columns++)
    for (size_t rows = 1; rows <= 3; rows++) {
      seeded s = {columns * 3 + rows};
      size_t n = rows * columns;
      guarded x = guarded_new(n * 4, 4), x0 = guarded_new(n * 4, 4);
      seeded_floats(&s, x.data, n, 0);
      for (size_t i = 0; i < n; i++) ((float *)x.data)[i] *= columns % 3 ? 8 : 80;
      memcpy(x0.data, x.data, n * 4);
      v->run(rows, columns, x.data);
      reference->run(rows, columns, x0.data);
      if (memcmp(x.data, x0.data, n * 4) != 0 || !guarded_intact(&x)) {
        printf("FAILED softmax_f32 %s: rows %zu columns %zu\n", v->name, rows, columns);
        failures++;
      }
      guarded_free(&x), guarded_free(&x0);
    }
  return failures;
}

/* Every half that is finite, at every distance from the end of a vector. */
int check_widen_f16(const krn_widen_f16_variant *v) {
  REFERENCE(widen_f16, krn_widen_f16_variant);
  enum { BLOCK = 1003 };
  static float out0[BLOCK];
  int failures = 0;
  for (uint32_t first = 0; first < 0x10000;) {
    size_t count = 0;
    guarded x = guarded_new(BLOCK * 2, 2);
    for (; count < BLOCK - first % 17 && first < 0x10000; first++)
      if ((first & 0x7C00) != 0x7C00) ((uint16_t *)x.data)[count++] = (uint16_t)first;
    guarded out = guarded_new((count ? count : 1) * 4, 4);
    reference->run(count, x.data, out0);
    v->run(count, x.data, out.data);
    if (memcmp(out.data, out0, count * 4) != 0 || !guarded_intact(&out)) {
      printf("FAILED widen_f16 %s: halves before %x\n", v->name, first);
      failures++;
    }
    guarded_free(&x), guarded_free(&out);
  }
  return failures;
}
