/* Signed-byte families: every variant against the reference. */
#include "check.h"

static void fill_quantisation(seeded *s, size_t n, int32_t *bias, float *scale, int mode) {
  for (size_t i = 0; i < n; i++) {
    /* any bias at all: sums that leave 32 bits wrap alike in every variant */
    uint32_t any = (uint32_t)seeded_next(s);
    bias[i] = mode ? (int32_t)any : (int32_t)(any % 20000) - 10000;
    float step = 0.0002f + 0.01f * seeded_unit(s);
    scale[i] = mode == 0 ? step : mode == 1 ? 0.5f : ldexpf(1, (int)seeded_below(s, 40) - 25);
  }
}

/* Of the weights that go with an input of `mode`: as the input, or without -128, which some
 * variants treat apart, or small. */
static int some_weights_mode(seeded *s, int mode) {
  switch (seeded_below(s, 4)) {
  case 0: return mode;
  case 1: return mode == 0 ? 3 : 4;
  case 2: return 5;
  default: return 6;
  }
}

static krn_output_s8 some_output(seeded *s) {
  krn_output_s8 o = {(int32_t)seeded_below(s, 256) - 128, -128, 127};
  if (seeded_below(s, 2)) o.low = (int8_t)o.zero_point;
  if (seeded_below(s, 3) == 0)
    o.high = (int8_t)(o.low + (int)seeded_below(s, (size_t)(128 - o.low)));
  return o;
}

/* Either flip, of variants that take one. */
static int8_t some_flip(seeded *s, int flips) {
  return flips && seeded_below(s, 2) ? -128 : 0;
}

static int gemm_case(const krn_gemm_s8_variant *v, size_t m, size_t n, size_t k, uint64_t seed) {
  const krn_gemm_s8_variant *reference = NULL;
  for (size_t i = 0; krn_gemm_s8_variant_at(i); i++) reference = krn_gemm_s8_variant_at(i);
  seeded s = {seed};
  int mode = (int)seeded_below(&s, 4) % 3;
  size_t lda = k + (seed % 3 ? 0 : 5), ldc = n + (seed % 4 ? 0 : 3);
  guarded a = guarded_new((m - 1) * lda + k, 1), w = guarded_new(n * k, 1);
  guarded bias = guarded_new(n * 4, 4), scale = guarded_new(n * 4, 4);
  guarded packed = guarded_new(v->packed_size(n, k), 64);
  guarded packed0 = guarded_new(reference->packed_size(n, k), 64);
  size_t out_size = (m - 1) * ldc + n;
  guarded out = guarded_new(out_size, 1), out0 = guarded_new(out_size, 1);
  seeded_bytes(&s, a.data, (m - 1) * lda + k, mode);
  int weights_mode = some_weights_mode(&s, mode);
  seeded_bytes(&s, w.data, n * k, weights_mode);
  fill_quantisation(&s, n, bias.data, scale.data, mode);
  memset(out.data, 0x55, out_size);
  memset(out0.data, 0x55, out_size);
  krn_output_s8 o = some_output(&s);
  v->pack(n, k, w.data, bias.data, scale.data, packed.data);
  reference->pack(n, k, w.data, bias.data, scale.data, packed0.data);
  int8_t a_flip = some_flip(&s, v->flips), out_flip = some_flip(&s, v->flips);
  krn_gemm_s8_job job = {m,   n, k,      a.data,  lda, packed.data, out.data,
                         ldc, o, a_flip, out_flip};
  krn_gemm_s8_job job0 = job;
  job0.packed = packed0.data, job0.out = out0.data;
  v->run(&job);
  reference->run(&job0);
  int ok =
      memcmp(out.data, out0.data, out_size) == 0 && guarded_intact(&out) && guarded_intact(&packed);
  guarded *all[] = {&a, &w, &bias, &scale, &packed, &packed0, &out, &out0};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) guarded_free(all[i]);
  if (!ok)
    printf("FAILED gemm_s8 %s: rows %zu outputs %zu depth %zu modes %d %d flips %d %d seed %llu\n",
           v->name, m, n, k, mode, weights_mode, a_flip, out_flip, (unsigned long long)seed);
  return !ok;
}

int check_gemm_s8(const krn_gemm_s8_variant *v) {
  static const size_t depths[] = {1,  2,  3,  4,  7,  8,  15, 16, 17, 24,  27,
                                  31, 32, 33, 40, 63, 64, 72, 96, 129, 1152};
  static const size_t outputs[] = {1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 31, 32, 33, 40, 48, 65, 112};
  int failures = 0;
  uint64_t seed = 1;
  for (size_t i = 0; i < sizeof depths / sizeof *depths; i++)
    for (size_t j = 0; j < sizeof outputs / sizeof *outputs; j++)
      for (size_t m = 1; m <= 17; m += depths[i] > 100 ? 5 : 1)
        failures += gemm_case(v, m, outputs[j], depths[i], seed++);
  failures += gemm_case(v, 49, 24, 320, seed++);
  failures += gemm_case(v, 1500, 16, 32, seed++);
  failures += gemm_case(v, 9, 17, 6001, seed++);
  failures += gemm_case(v, 7, 33, 20001, seed++);
  failures += gemm_case(v, 3, 9, 32768, seed++);
  return failures;
}

static int dwconv_case(const krn_dwconv_s8_variant *v, size_t pixels, size_t taps, size_t channels,
                       size_t step, uint64_t seed) {
  const krn_dwconv_s8_variant *reference = NULL;
  for (size_t i = 0; krn_dwconv_s8_variant_at(i); i++) reference = krn_dwconv_s8_variant_at(i);
  seeded s = {seed};
  int mode = (int)seeded_below(&s, 4) % 3;
  size_t pointers = (pixels - 1) * step + taps;
  size_t ldc = channels + (seed % 4 ? 0 : 3);
  guarded x = guarded_new(pointers * channels, 1), w = guarded_new(taps * channels, 1);
  guarded rows = guarded_new(pointers * sizeof(void *), sizeof(void *));
  guarded bias = guarded_new(channels * 4, 4), scale = guarded_new(channels * 4, 4);
  guarded packed = guarded_new(v->packed_size(taps, channels), 64);
  guarded packed0 = guarded_new(reference->packed_size(taps, channels), 64);
  size_t out_size = (pixels - 1) * ldc + channels;
  guarded out = guarded_new(out_size, 1), out0 = guarded_new(out_size, 1);
  seeded_bytes(&s, x.data, pointers * channels, mode);
  int weights_mode = some_weights_mode(&s, mode);
  seeded_bytes(&s, w.data, taps * channels, weights_mode);
  fill_quantisation(&s, channels, bias.data, scale.data, mode);
  const int8_t **row = rows.data;
  for (size_t i = 0; i < pointers; i++)
    row[i] = (const int8_t *)x.data + seeded_below(&s, pointers) * channels;
  memset(out.data, 0x55, out_size);
  memset(out0.data, 0x55, out_size);
  krn_output_s8 o = some_output(&s);
  v->pack(taps, channels, w.data, bias.data, scale.data, packed.data);
  reference->pack(taps, channels, w.data, bias.data, scale.data, packed0.data);
  int8_t in_flip = some_flip(&s, v->flips), out_flip = some_flip(&s, v->flips);
  krn_dwconv_s8_job job = {pixels,   taps, channels, row,     step,    packed.data,
                           out.data, ldc,  o,        in_flip, out_flip};
  krn_dwconv_s8_job job0 = job;
  job0.packed = packed0.data, job0.out = out0.data;
  v->run(&job);
  reference->run(&job0);
  int ok =
      memcmp(out.data, out0.data, out_size) == 0 && guarded_intact(&out) && guarded_intact(&packed);
  guarded *all[] = {&x, &w, &rows, &bias, &scale, &packed, &packed0, &out, &out0};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) guarded_free(all[i]);
  if (!ok)
    printf("FAILED dwconv_s8 %s: pixels %zu taps %zu channels %zu step %zu modes %d %d flips %d %d "
           "seed %llu\n",
           v->name, pixels, taps, channels, step, mode, weights_mode, in_flip, out_flip,
           (unsigned long long)seed);
  return !ok;
}

int check_dwconv_s8(const krn_dwconv_s8_variant *v) {
  static const size_t channels[] = {1,  2,  3,  4,  5,  7,  8,  9,  15, 16, 17, 24, 31,  32,
                                    33, 40, 47, 48, 63, 64, 65, 80, 96, 97, 128, 144, 200};
  static const struct {
    size_t taps, step;
  } windows[] = {{1, 1}, {2, 2},  {3, 1},   {4, 4},   {9, 3},  {9, 6},
                 {9, 9}, {6, 2}, {7, 7}, {25, 5}, {25, 10}, {25, 25}, {49, 7}, {121, 11}};
  int failures = 0;
  uint64_t seed = 1;
  for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
    for (size_t j = 0; j < sizeof windows / sizeof *windows; j++)
      for (size_t pixels = 1; pixels <= 9; pixels += windows[j].taps > 25 ? 4 : 1)
        failures += dwconv_case(v, pixels, windows[j].taps, channels[i], windows[j].step, seed++);
  return failures;
}

int check_add_s8(const krn_add_s8_variant *v) {
  const krn_add_s8_variant *reference = NULL;
  for (size_t i = 0; krn_add_s8_variant_at(i); i++) reference = krn_add_s8_variant_at(i);
  int failures = 0;
  for (size_t n = 1; n <= 300; n++)
    for (int in_place = 0; in_place < 3; in_place++) {
      seeded s = {n * 3 + (size_t)in_place};
      guarded a = guarded_new(n, 1), b = guarded_new(n, 1), out = guarded_new(n, 1);
      int8_t *expected = malloc(n);
      seeded_bytes(&s, a.data, n, n % 5 == 0 ? 2 : 0);
      seeded_bytes(&s, b.data, n, n % 7 == 0 ? 2 : 0);
      memset(out.data, 0x55, n);
      float sa = n % 3 ? seeded_unit(&s) * 2 + 0.01f : ldexpf(1, (int)seeded_below(&s, 60) - 30);
      float sb = n % 4 ? seeded_unit(&s) * 2 + 0.01f : 0.5f;
      krn_add_s8_job job = {n,
                            a.data,
                            b.data,
                            expected,
                            (int32_t)seeded_below(&s, 256) - 128,
                            (int32_t)seeded_below(&s, 256) - 128,
                            sa,
                            sb,
                            some_output(&s)};
      reference->run(&job);
      job.out = in_place == 1 ? a.data : in_place == 2 ? b.data : out.data;
      v->run(&job);
      if (memcmp(job.out, expected, n) != 0 || !guarded_intact(&out) || !guarded_intact(&a) ||
          !guarded_intact(&b)) {
        printf("FAILED add_s8 %s: count %zu in place %d\n", v->name, n, in_place);
        failures++;
      }
      guarded_free(&a), guarded_free(&b), guarded_free(&out);
      free(expected);
    }
  return failures;
}

int check_fixadd_s8(const krn_fixadd_s8_variant *v) {
  const krn_fixadd_s8_variant *reference = NULL;
  for (size_t i = 0; krn_fixadd_s8_variant_at(i); i++) reference = krn_fixadd_s8_variant_at(i);
  int failures = 0;
  for (size_t n = 1; n <= 300; n++)
    for (int in_place = 0; in_place < 3; in_place++) {
      seeded s = {n * 5 + (size_t)in_place};
      guarded a = guarded_new(n, 1), b = guarded_new(n, 1), out = guarded_new(n, 1);
      int8_t *expected = malloc(n);
      seeded_bytes(&s, a.data, n, n % 5 == 0 ? 2 : 0);
      seeded_bytes(&s, b.data, n, n % 7 == 0 ? 2 : 0);
      memset(out.data, 0x55, n);
      /* Every shift; multipliers as great as they get in one case of three. */
      int32_t shift = (int32_t)(n % 30) + 1;
      int32_t ma = n % 3 ? (int32_t)seeded_below(&s, (1 << 21) + 1) : 1 << 21;
      int32_t mb = n % 3 ? (int32_t)seeded_below(&s, (1 << 21) + 1) : 1 << 21;
      int32_t za = n % 2 ? (int32_t)seeded_below(&s, 256) - 128 : n % 4 ? 127 : -128;
      int32_t zb = n % 2 ? (int32_t)seeded_below(&s, 256) - 128 : za;
      int32_t bias = (1 << (shift - 1)) - za * ma - zb * mb;
      krn_fixadd_s8_job job = {n,  a.data, b.data, expected, ma, mb, bias, shift,
                               some_output(&s)};
      reference->run(&job);
      job.out = in_place == 1 ? a.data : in_place == 2 ? b.data : out.data;
      v->run(&job);
      if (memcmp(job.out, expected, n) != 0 || !guarded_intact(&out) || !guarded_intact(&a) ||
          !guarded_intact(&b)) {
        printf("FAILED fixadd_s8 %s: count %zu in place %d\n", v->name, n, in_place);
        failures++;
      }
      guarded_free(&a), guarded_free(&b), guarded_free(&out);
      free(expected);
    }
  return failures;
}

int check_mean_s8(const krn_mean_s8_variant *v) {
  const krn_mean_s8_variant *reference = NULL;
  for (size_t i = 0; krn_mean_s8_variant_at(i); i++) reference = krn_mean_s8_variant_at(i);
  static const size_t pixels[] = {1, 2, 3, 9, 49, 1000, 70000};
  int failures = 0;
  for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++)
    for (size_t c = 1; c <= (pixels[i] > 1000 ? 3 : 70); c++) {
      seeded s = {c * 7 + i};
      guarded a = guarded_new(pixels[i] * c, 1), out = guarded_new(c * 4, 4);
      float *expected = malloc(c * 4);
      seeded_bytes(&s, a.data, pixels[i] * c, (int)(c % 3));
      krn_mean_s8_job job = {
          pixels[i], c, a.data, (int32_t)seeded_below(&s, 256) - 128, seeded_unit(&s) + 0.001f,
          expected};
      reference->run(&job);
      job.out = out.data;
      v->run(&job);
      if (memcmp(out.data, expected, c * 4) != 0 || !guarded_intact(&out)) {
        printf("FAILED mean_s8 %s: pixels %zu channels %zu\n", v->name, pixels[i], c);
        failures++;
      }
      guarded_free(&a), guarded_free(&out);
      free(expected);
    }
  return failures;
}
