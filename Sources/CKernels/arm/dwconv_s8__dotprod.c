#if defined(__aarch64__)
#include "dwconv_s8__neon.h"

#include "../variants.h"

/* SDOT over four taps: the bytes of four taps are interleaved, so that a 32-bit lane holds a
 * channel's four, and meet the channel's four weights; four pixels at a time. One tap left over, as
 * windows of 9, 25 and 49 have, is multiplied by SMULL; two or three are four with zeros.
 *
 * Packed: blocks of 16 channels (dwconv_s8__neon.h). A block is bias, scale, then for each four
 * taps the four weights of each channel side by side, then those of a single tap. */

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

/* Fours of taps, the last perhaps with zeros. */
static size_t four_count(size_t taps) { return taps / 4 + (taps % 4 > 1); }

static size_t block_bytes(size_t taps) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + 4 * four_count(taps) + (taps % 4 == 1));
}

size_t krn_dwconv_s8_packed_size__dotprod(size_t taps, size_t channels) {
  return block_count(channels) * block_bytes(taps);
}

void krn_dwconv_s8_pack__dotprod(size_t taps, size_t channels, const int8_t *weights,
                                 const int32_t *bias, const float *scale, void *packed) {
  memset(packed, 0, krn_dwconv_s8_packed_size__dotprod(taps, channels));
  size_t in_fours = taps % 4 == 1 ? taps - 1 : taps;
  for (size_t b = 0; b < block_count(channels); b++) {
    int32_t *block_bias = (int32_t *)((char *)packed + b * block_bytes(taps));
    float *block_scale = (float *)(block_bias + WIDTH);
    int8_t *w = (int8_t *)(block_scale + WIDTH);
    for (size_t i = 0; i < WIDTH; i++) {
      size_t c = channel_at(b, i, channels);
      block_bias[i] = bias[c];
      block_scale[i] = scale[c];
      for (size_t t = 0; t < taps; t++)
        w[t < in_fours ? t / 4 * 4 * WIDTH + 4 * i + t % 4 : t * WIDTH + i] =
            weights[t * channels + c];
    }
  }
}

/* sum += products of four taps x with their weights */
DOTPROD KRN_NEON_INLINE void four(int32x4_t sum[4], const int8x16_t x[4], const int8x16_t y[4]) {
  int16x8_t low01 = vreinterpretq_s16_s8(vzip1q_s8(x[0], x[1]));
  int16x8_t low23 = vreinterpretq_s16_s8(vzip1q_s8(x[2], x[3]));
  int16x8_t high01 = vreinterpretq_s16_s8(vzip2q_s8(x[0], x[1]));
  int16x8_t high23 = vreinterpretq_s16_s8(vzip2q_s8(x[2], x[3]));
  sum[0] = vdotq_s32(sum[0], vreinterpretq_s8_s16(vzip1q_s16(low01, low23)), y[0]);
  sum[1] = vdotq_s32(sum[1], vreinterpretq_s8_s16(vzip2q_s16(low01, low23)), y[1]);
  sum[2] = vdotq_s32(sum[2], vreinterpretq_s8_s16(vzip1q_s16(high01, high23)), y[2]);
  sum[3] = vdotq_s32(sum[3], vreinterpretq_s8_s16(vzip2q_s16(high01, high23)), y[3]);
}

/* Four taps of two pixels, the instructions ordered for processors that take them as they come.
 * v0-v3 and v4-v7 are the bytes of the taps. */
#define ZIP(op, to, x, y, s) op " v" #to "." s ", v" #x "." s ", v" #y "." s "\n"
#define DOT(p, v, x) "sdot %[s" #p #v "].4s, v" #x ".16b, %[y" #v "].16b\n"

DOTPROD KRN_NEON_INLINE void four_taps2(const int8_t *const *rows[2], size_t c,
                                        const int8x16_t y[4], int32x4_t sum[2][4]) {
  const int8_t *x0, *x1, *x2, *x3, *x4, *x5, *x6, *x7;
  __asm__ volatile(
      "ldp %[x0], %[x1], [%[r0]]\n ldp %[x2], %[x3], [%[r0], #16]\n"
      "ldp %[x4], %[x5], [%[r1]]\n ldp %[x6], %[x7], [%[r1], #16]\n"
      "ldr q0, [%[x0], %[c]]\n ldr q1, [%[x1], %[c]]\n"
      "ldr q2, [%[x2], %[c]]\n ldr q3, [%[x3], %[c]]\n"
      "ldr q4, [%[x4], %[c]]\n ldr q5, [%[x5], %[c]]\n"
      "ldr q6, [%[x6], %[c]]\n ldr q7, [%[x7], %[c]]\n"
      ZIP("zip1", 8, 0, 1, "16b") ZIP("zip1", 9, 2, 3, "16b")
      ZIP("zip2", 0, 0, 1, "16b") ZIP("zip2", 2, 2, 3, "16b")
      ZIP("zip1", 10, 4, 5, "16b") ZIP("zip1", 11, 6, 7, "16b")
      ZIP("zip2", 4, 4, 5, "16b") ZIP("zip2", 6, 6, 7, "16b")
      ZIP("zip1", 1, 8, 9, "8h") ZIP("zip2", 8, 8, 9, "8h")
      ZIP("zip1", 3, 0, 2, "8h") ZIP("zip2", 0, 0, 2, "8h")
      ZIP("zip1", 5, 10, 11, "8h") ZIP("zip2", 10, 10, 11, "8h")
      ZIP("zip1", 7, 4, 6, "8h") ZIP("zip2", 4, 4, 6, "8h")
      DOT(0, 0, 1) DOT(0, 1, 8) DOT(0, 2, 3) DOT(0, 3, 0)
      DOT(1, 0, 5) DOT(1, 1, 10) DOT(1, 2, 7) DOT(1, 3, 4)
      : [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2), [x3] "=&r"(x3), [x4] "=&r"(x4),
        [x5] "=&r"(x5), [x6] "=&r"(x6), [x7] "=&r"(x7),
        [s00] "+w"(sum[0][0]), [s01] "+w"(sum[0][1]), [s02] "+w"(sum[0][2]), [s03] "+w"(sum[0][3]),
        [s10] "+w"(sum[1][0]), [s11] "+w"(sum[1][1]), [s12] "+w"(sum[1][2]), [s13] "+w"(sum[1][3])
      : [r0] "r"(rows[0]), [r1] "r"(rows[1]), [c] "r"(c), [y0] "w"(y[0]), [y1] "w"(y[1]),
        [y2] "w"(y[2]), [y3] "w"(y[3])
      : "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11");
}

/* One block of channels of `pixels` pixels; `pixels` and whether count is WIDTH are constants after
 * inlining. */
DOTPROD KRN_NEON_INLINE void block(const size_t pixels, const krn_dwconv_s8_job *job, size_t first,
                                   const void *packed, size_t c, const size_t count,
                                   const krn_output_neon *o) {
  const int32_t *bias = packed;
  const float *scale = (const float *)(bias + WIDTH);
  const int8_t *w = (const int8_t *)(scale + WIDTH);
  const int8_t *const *rows[PIXELS];
  int32x4_t sum[PIXELS][4];
  int8x16_t x[4], y[4];
  for (size_t p = 0; p < pixels; p++) {
    rows[p] = job->rows + (first + p) * job->row_step;
    for (size_t v = 0; v < 4; v++) sum[p][v] = vld1q_s32(bias + 4 * v);
  }
  size_t left = job->taps;
  for (; left >= 4; left -= 4, w += 4 * WIDTH) {
    KRN_LOOP("dwconv_s8 dotprod", pixels * WIDTH * 4);
    if (pixels % 2 == 0 && count == WIDTH) {
      /* One by one: a Cortex-A55 takes longer over two loads in one instruction. */
      __asm__ volatile("ldr %q0, [%4]\n ldr %q1, [%4, #16]\n"
                       "ldr %q2, [%4, #32]\n ldr %q3, [%4, #48]\n"
                       : "=&w"(y[0]), "=&w"(y[1]), "=&w"(y[2]), "=&w"(y[3])
                       : "r"(w)
                       : "memory");
      for (size_t p = 0; p < pixels; p += 2) four_taps2(rows + p, c, y, sum + p);
      for (size_t p = 0; p < pixels; p++) rows[p] += 4;
      continue;
    }
    for (size_t v = 0; v < 4; v++) y[v] = vld1q_s8(w + 16 * v);
    for (size_t p = 0; p < pixels; p++) {
      for (size_t i = 0; i < 4; i++) x[i] = load(rows[p][i] + c, count);
      four(sum[p], x, y);
      rows[p] += 4;
    }
  }
  if (left == 1) {
    y[0] = vld1q_s8(w);
    for (size_t p = 0; p < pixels; p++) {
      x[0] = load(*rows[p] + c, count);
      widen(sum[p], vmull_s8(vget_low_s8(x[0]), vget_low_s8(y[0])), vmull_high_s8(x[0], y[0]));
    }
  } else if (left > 0) {
    for (size_t v = 0; v < 4; v++) y[v] = vld1q_s8(w + 16 * v);
    for (size_t p = 0; p < pixels; p++) {
      for (size_t i = 0; i < 4; i++)
        x[i] = i < left ? load(rows[p][i] + c, count) : vdupq_n_s8(0);
      four(sum[p], x, y);
    }
  }
  for (size_t p = 0; p < pixels; p++) {
    for (size_t v = 0; v < 4; v++) sum[p][v] = krn_scale_neon(sum[p][v], vld1q_f32(scale + 4 * v));
    store(job->out + (first + p) * job->out_stride + c, krn_bytes16_neon(sum[p], o), count);
  }
}

DWCONV_S8(DOTPROD, dotprod)
#endif
