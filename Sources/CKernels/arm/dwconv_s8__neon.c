#if defined(__aarch64__)
#include "dwconv_s8__neon.h"

#include <stdlib.h>

#include "../variants.h"

/* SMULL and SMLAL add the products of two taps in 16 bits, or of three where the weights allow it,
 * SADDW widens them to 32. Two products fit 16 bits unless both are -128 * -128: blocks with a
 * weight of -128 are marked and take each product to 32 bits alone. Where the pointers of
 * neighbouring pixels are the same ones, as those of a column of a window are, a column is loaded
 * once for all the pixels that see it.
 *
 * Packed: blocks of 16 channels (dwconv_s8__neon.h). A block is a head, then the 16 weights of each
 * tap. */

typedef struct {
  int32_t bias[WIDTH];
  float scale[WIDTH];
  int32_t wide, near; /* whether a weight is -128; whether results are near (neon.h) */
  /* Of 25 taps, bit i: three products of column i fit, of rows 0, 2 and 4. */
  uint32_t three, unused;
} head;

static size_t block_bytes(size_t taps) { return sizeof(head) + WIDTH * taps; }

size_t krn_dwconv_s8_packed_size__neon(size_t taps, size_t channels) {
  return block_count(channels) * block_bytes(taps);
}

void krn_dwconv_s8_pack__neon(size_t taps, size_t channels, const int8_t *weights,
                              const int32_t *bias, const float *scale, void *packed) {
  for (size_t b = 0; b < block_count(channels); b++) {
    head *h = (head *)((char *)packed + b * block_bytes(taps));
    int8_t *w = (int8_t *)(h + 1);
    *h = (head){.near = 1, .three = taps == 25 ? 31 : 0};
    for (size_t i = 0; i < WIDTH; i++) {
      size_t c = channel_at(b, i, channels);
      h->bias[i] = bias[c];
      h->scale[i] = scale[c];
      for (size_t t = 0; t < taps; t++) {
        w[t * WIDTH + i] = weights[t * channels + c];
        h->wide |= weights[t * channels + c] == -128;
      }
      h->near &= krn_is_near_neon(taps, weights + c, channels, bias[c], scale[c]);
      for (size_t column = 0; taps == 25 && column < 5; column++) {
        const int8_t *at = weights + column * 5 * channels + c;
        if (abs(at[0]) + abs(at[2 * channels]) + abs(at[4 * channels]) > 255)
          h->three &= ~(1u << column);
      }
    }
  }
}

/* sum += products of two taps */
KRN_NEON_INLINE void two(int32x4_t sum[4], int8x16_t x0, int8x16_t y0, int8x16_t x1, int8x16_t y1) {
  int16x8_t low = vmull_s8(vget_low_s8(x0), vget_low_s8(y0)), high = vmull_high_s8(x0, y0);
  low = vmlal_s8(low, vget_low_s8(x1), vget_low_s8(y1));
  high = vmlal_high_s8(high, x1, y1);
  widen(sum, low, high);
}

KRN_NEON_INLINE void one(int32x4_t sum[4], int8x16_t x, int8x16_t y) {
  widen(sum, vmull_s8(vget_low_s8(x), vget_low_s8(y)), vmull_high_s8(x, y));
}

/* One pixel of a block of channels, `count` of which exist. */
KRN_NEON_INLINE void apart(const krn_dwconv_s8_job *job, size_t pixel, const head *h, size_t c,
                           const size_t count, const krn_output_neon *o) {
  const int8_t *w = (const int8_t *)(h + 1);
  const int8_t *const *rows = job->rows + pixel * job->row_step;
  int32x4_t sum[4];
  for (size_t v = 0; v < 4; v++) sum[v] = vld1q_s32(h->bias + 4 * v);
  size_t t = 0;
  for (; !h->wide && t + 2 <= job->taps; t += 2, w += 2 * WIDTH)
    two(sum, load(rows[t] + c, count), vld1q_s8(w), load(rows[t + 1] + c, count),
        vld1q_s8(w + WIDTH));
  for (; t < job->taps; t++, w += WIDTH) one(sum, load(rows[t] + c, count), vld1q_s8(w));
  float32x4_t scale[4];
  for (size_t v = 0; v < 4; v++) scale[v] = vld1q_f32(h->scale + 4 * v);
  store(job->out + pixel * job->out_stride + c,
        krn_finish16_neon(sum, scale, h->near && o->plain, o), count);
}

/* A pixel of a 3 x 3 window whose columns are x, y and z. */
KRN_NEON_INLINE void pixel3(const int8x16_t x[3], const int8x16_t y[3], const int8x16_t z[3],
                            const int8x16_t w[9], const head *h, const int near,
                            const krn_output_neon *o, place *at) {
  int32x4_t sum[4];
  begin(sum, h->bias);
  two(sum, x[0], w[0], x[1], w[1]);
  two(sum, x[2], w[2], y[0], w[3]);
  two(sum, y[1], w[4], y[2], w[5]);
  two(sum, z[0], w[6], z[1], w[7]);
  one(sum, z[2], w[8]);
  finish(sum, h->scale, near, o, at);
}

/* A row of pixels of a 3 x 3 window that moves by one. */
KRN_NEON_INLINE void row_3x1(size_t pixels, const int near, const head *h, const krn_output_neon *o,
                             place at) {
  int8x16_t w[9], x[3][3];
  for (size_t t = 0; t < 9; t++) w[t] = vld1q_s8((const int8_t *)(h + 1) + WIDTH * t);
  column(&at, 3, x[0]);
  column(&at, 3, x[1]);
#define PIXEL(a, b, c)                                                                             \
  column(&at, 3, x[c]);                                                                            \
  pixel3(x[a], x[b], x[c], w, h, near, o, &at);                                                    \
  if (--pixels == 0) break;
  for (;;) {
    KRN_LOOP("dwconv_s8 neon", 3 * WIDTH * 9);
    PIXEL(0, 1, 2) PIXEL(1, 2, 0) PIXEL(2, 0, 1)
  }
#undef PIXEL
}

/* The same of one that moves by two. */
KRN_NEON_INLINE void row_3x2(size_t pixels, const int near, const head *h, const krn_output_neon *o,
                             place at) {
  int8x16_t w[9], x[3][3];
  for (size_t t = 0; t < 9; t++) w[t] = vld1q_s8((const int8_t *)(h + 1) + WIDTH * t);
  column(&at, 3, x[0]);
#define PIXEL(a, b)                                                                                \
  column(&at, 3, x[1]);                                                                            \
  column(&at, 3, x[b]);                                                                            \
  pixel3(x[a], x[1], x[b], w, h, near, o, &at);                                                    \
  if (--pixels == 0) break;
  for (;;) {
    PIXEL(0, 2) PIXEL(2, 0)
  }
#undef PIXEL
}

/* sum += column x of a 5 x 5 window times column `i`, a constant, of the weights `w`; bit i of
 * `three` tells whether products of rows 0, 2 and 4 fit 16 bits. As text, because the sums of five
 * pixels and a column leave six registers. */
#define MUL(op, low, high, x, y)                                                                   \
  op " %[" #low "].8h, %[" #x "].8b, %[" #y "].8b\n"                                               \
  op "2 %[" #high "].8h, %[" #x "].16b, %[" #y "].16b\n"
#define WIDEN(low, high)                                                                           \
  "saddw %[s0].4s, %[s0].4s, %[" #low "].4h\n saddw2 %[s1].4s, %[s1].4s, %[" #low "].8h\n"         \
  "saddw %[s2].4s, %[s2].4s, %[" #high "].4h\n saddw2 %[s3].4s, %[s3].4s, %[" #high "].8h\n"

KRN_NEON_INLINE void add5(int32x4_t sum[4], const int8x16_t x[5], const int8_t *w, uint32_t three,
                          const size_t i) {
  int16x8_t a, b, c, d;
  int8x16_t y, z;
  __asm__ volatile(
      "ldp %q[y], %q[z], [%[w], %[at]]\n"
      MUL("smull", a, b, x0, y) MUL("smull", c, d, x1, z)
      "ldp %q[y], %q[z], [%[w], %[at] + 32]\n"
      MUL("smlal", a, b, x2, y) MUL("smlal", c, d, x3, z)
      "ldr %q[y], [%[w], %[at] + 64]\n"
      "tbnz %w[three], %[i], 1f\n"
      WIDEN(a, b) MUL("smull", a, b, x4, y)
      "b 2f\n"
      "1:\n"
      MUL("smlal", a, b, x4, y)
      "2:\n"
      WIDEN(c, d) WIDEN(a, b)
      : [s0] "+w"(sum[0]), [s1] "+w"(sum[1]), [s2] "+w"(sum[2]), [s3] "+w"(sum[3]), [a] "=&w"(a),
        [b] "=&w"(b), [c] "=&w"(c), [d] "=&w"(d), [y] "=&w"(y), [z] "=&w"(z)
      : [w] "r"(w), [three] "r"(three), [i] "i"(i), [at] "i"(5 * WIDTH * i), [x0] "w"(x[0]),
        [x1] "w"(x[1]), [x2] "w"(x[2]), [x3] "w"(x[3]), [x4] "w"(x[4]));
}

/* A row of pixels of a 5 x 5 window that moves by one: five pixels are in the making. */
KRN_NEON_INLINE void row_5x1(size_t pixels, const int near, const head *h, const krn_output_neon *o,
                             place at) {
  const int8_t *w = (const int8_t *)(h + 1);
  int8x16_t x[5];
  int32x4_t sum[5][4];
#define FIRST(i)                                                                                   \
  begin(sum[i], h->bias);                                                                          \
  column(&at, 5, x);                                                                               \
  add5(sum[0], x, w, h->three, i);
  FIRST(0)
  FIRST(1) add5(sum[1], x, w, h->three, 0);
  FIRST(2) add5(sum[1], x, w, h->three, 1);
  add5(sum[2], x, w, h->three, 0);
  FIRST(3) add5(sum[1], x, w, h->three, 2);
  add5(sum[2], x, w, h->three, 1);
  add5(sum[3], x, w, h->three, 0);
#undef FIRST
#define PIXEL(a, b, c, d, e)                                                                       \
  begin(sum[e], h->bias);                                                                          \
  column(&at, 5, x);                                                                               \
  add5(sum[a], x, w, h->three, 4);                                                                 \
  add5(sum[b], x, w, h->three, 3);                                                                 \
  add5(sum[c], x, w, h->three, 2);                                                                 \
  add5(sum[d], x, w, h->three, 1);                                                                 \
  add5(sum[e], x, w, h->three, 0);                                                                 \
  finish(sum[a], h->scale, near, o, &at);                                                          \
  if (--pixels == 0) break;
  for (;;) {
    PIXEL(0, 1, 2, 3, 4)
    PIXEL(1, 2, 3, 4, 0) PIXEL(2, 3, 4, 0, 1) PIXEL(3, 4, 0, 1, 2) PIXEL(4, 0, 1, 2, 3)
  }
#undef PIXEL
}

/* The same of one that moves by two: three pixels are in the making. */
KRN_NEON_INLINE void row_5x2(size_t pixels, const int near, const head *h, const krn_output_neon *o,
                             place at) {
  const int8_t *w = (const int8_t *)(h + 1);
  int8x16_t x[5];
  int32x4_t sum[3][4];
  begin(sum[0], h->bias);
  column(&at, 5, x);
  add5(sum[0], x, w, h->three, 0);
  column(&at, 5, x);
  add5(sum[0], x, w, h->three, 1);
  begin(sum[1], h->bias);
  column(&at, 5, x);
  add5(sum[0], x, w, h->three, 2);
  add5(sum[1], x, w, h->three, 0);
#define PIXEL(a, b, c)                                                                             \
  column(&at, 5, x);                                                                               \
  add5(sum[a], x, w, h->three, 3);                                                                 \
  add5(sum[b], x, w, h->three, 1);                                                                 \
  begin(sum[c], h->bias);                                                                          \
  column(&at, 5, x);                                                                               \
  add5(sum[a], x, w, h->three, 4);                                                                 \
  add5(sum[b], x, w, h->three, 2);                                                                 \
  add5(sum[c], x, w, h->three, 0);                                                                 \
  finish(sum[a], h->scale, near, o, &at);                                                          \
  if (--pixels == 0) break;
  for (;;) {
    PIXEL(0, 1, 2) PIXEL(1, 2, 0) PIXEL(2, 0, 1)
  }
#undef PIXEL
}

#define ROW(name)                                                                                  \
  static void name##_of(size_t pixels, int near, const head *h, const krn_output_neon *o,          \
                        place at) {                                                                \
    if (near)                                                                                      \
      name(pixels, 1, h, o, at);                                                                   \
    else                                                                                           \
      name(pixels, 0, h, o, at);                                                                   \
  }
ROW(row_3x1)
ROW(row_3x2)
ROW(row_5x1)
ROW(row_5x2)

    void krn_dwconv_s8__neon(const krn_dwconv_s8_job *job) {
  const krn_output_neon o = krn_output_neon_of(job->output);
  const size_t blocks = block_count(job->channels), bytes = block_bytes(job->taps);
  for (size_t b = 0; b < blocks; b++) {
    const head *h = (const head *)((const char *)job->packed + b * bytes);
    if (job->channels < WIDTH) {
      for (size_t p = 0; p < job->pixels; p++) apart(job, p, h, 0, job->channels, &o);
      return;
    }
    const size_t c = block_start(b, job->channels);
    const place at = {job->rows, job->out + c, job->out_stride, c};
    const int near = h->near && o.plain;
    const size_t taps = h->wide ? 0 : job->taps;
    if (taps == 9 && job->row_step == 3)
      row_3x1_of(job->pixels, near, h, &o, at);
    else if (taps == 9 && job->row_step == 6)
      row_3x2_of(job->pixels, near, h, &o, at);
    else if (taps == 25 && job->row_step == 5)
      row_5x1_of(job->pixels, near, h, &o, at);
    else if (taps == 25 && job->row_step == 10)
      row_5x2_of(job->pixels, near, h, &o, at);
    else
      for (size_t p = 0; p < job->pixels; p++) apart(job, p, h, c, WIDTH, &o);
  }
}
#endif
