#if defined(__aarch64__)
#include "dwconv_s8__dotprod_pack.h"

/* SDOT over four taps, a quad: their bytes are interleaved, so that a 32-bit lane holds a channel's
 * four, and meet the channel's four weights. Where neighbouring pixels share the pointers of a
 * window's columns, quads are columns and interleaved once for all the pixels that see them. */

/* Ordered for a Cortex-A55, which takes instructions as they come; others do that themselves. */
#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod,tune=cortex-a55")))

/* Four taps x interleaved. */
KRN_NEON_INLINE void interleave(const int8x16_t x[4], int8x16_t quad[4]) {
  int16x8_t low01 = vreinterpretq_s16_s8(vzip1q_s8(x[0], x[1]));
  int16x8_t low23 = vreinterpretq_s16_s8(vzip1q_s8(x[2], x[3]));
  int16x8_t high01 = vreinterpretq_s16_s8(vzip2q_s8(x[0], x[1]));
  int16x8_t high23 = vreinterpretq_s16_s8(vzip2q_s8(x[2], x[3]));
  quad[0] = vreinterpretq_s8_s16(vzip1q_s16(low01, low23));
  quad[1] = vreinterpretq_s8_s16(vzip2q_s16(low01, low23));
  quad[2] = vreinterpretq_s8_s16(vzip1q_s16(high01, high23));
  quad[3] = vreinterpretq_s8_s16(vzip2q_s16(high01, high23));
}

/* One pixel of a block of channels, `count` of which exist. */
DOTPROD KRN_NEON_INLINE void apart(const krn_dwconv_s8_job *job, size_t pixel,
                                   const block_head *head, size_t c, const size_t count,
                                   const krn_output_neon *o) {
  const int8_t *w = head->weights;
  const int8_t *const *rows = job->rows + pixel * job->row_step;
  const quads all = quads_of(job->taps);
  int32x4_t sum[4];
  for (size_t v = 0; v < 4; v++) sum[v] = vld1q_s32(head->bias + 4 * v);
  for (size_t g = 0; g < all.count; g++, w += 4 * WIDTH) {
    quad_taps q = quad_at(all, g);
    int8x16_t x[4], quad[4];
    for (size_t i = 0; i < 4; i++)
      x[i] = i < q.count ? load(rows[q.first + i * q.stride] + c, count) : vdupq_n_s8(0);
    interleave(x, quad);
    for (size_t v = 0; v < 4; v++) sum[v] = vdotq_s32(sum[v], quad[v], vld1q_s8(w + 16 * v));
  }
  float32x4_t scale[4];
  for (size_t v = 0; v < 4; v++) scale[v] = vld1q_f32(head->scale + 4 * v);
  store(job->out + pixel * job->out_stride + c,
        krn_finish16_neon(sum, scale, head->near[0] && o->plain, o), count);
}

/* Three taps. The fourth's weights are zero: any bytes will do. */
KRN_NEON_INLINE void interleave3(const int8x16_t x[3], int8x16_t quad[4]) {
  const int8x16_t four[4] = {x[0], x[1], x[2], x[2]};
  interleave(four, quad);
}

/* A column of a 3 x 3 window, interleaved. */
KRN_NEON_INLINE void column3(place *at, int8x16_t quad[4]) {
  int8x16_t x[3];
  column(at, 3, x);
  interleave3(x, quad);
}

DOTPROD KRN_NEON_INLINE void add(int32x4_t sum[4], const int8x16_t quad[4], const int8x16_t w[4]) {
  for (size_t v = 0; v < 4; v++) sum[v] = vdotq_s32(sum[v], quad[v], w[v]);
}

/* Puts a column's dot products before what follows, and the loads of the next, x. A compiler that
 * mixes the columns runs out of registers. */
KRN_NEON_INLINE void settle(int32x4_t sum[3][4], int8x16_t x[3]) {
  __asm__(""
          : "+w"(x[0]), "+w"(x[1]), "+w"(x[2]), "+w"(sum[0][0]), "+w"(sum[0][1]), "+w"(sum[0][2]),
            "+w"(sum[0][3]), "+w"(sum[1][0]), "+w"(sum[1][1]), "+w"(sum[1][2]), "+w"(sum[1][3]),
            "+w"(sum[2][0]), "+w"(sum[2][1]), "+w"(sum[2][2]), "+w"(sum[2][3]));
}

/* A row of pixels of a 3 x 3 window that moves by one: three pixels are in the making at a time.
 * The next column is interleaved while bytes are made of a pixel, for processors that take
 * instructions as they come. */
DOTPROD KRN_NEON_INLINE void row_3x1(size_t pixels, const int near, const block_head *head,
                                     const krn_output_neon *o, place at) {
  int8x16_t w[3][4], quad[4], c[3];
  int32x4_t sum[3][4];
  for (size_t i = 0; i < 12; i++) w[i / 4][i % 4] = vld1q_s8(head->weights + 16 * i);
  column3(&at, quad);
  begin(sum[0], head->bias);
  add(sum[0], quad, w[0]);
  column3(&at, quad);
  begin(sum[1], head->bias);
  add(sum[0], quad, w[1]);
  add(sum[1], quad, w[0]);
  column3(&at, quad);
#define PIXEL(x, y, z)                                                                             \
  begin(sum[z], head->bias);                                                                       \
  add(sum[x], quad, w[2]);                                                                         \
  add(sum[y], quad, w[1]);                                                                         \
  add(sum[z], quad, w[0]);                                                                         \
  if (--pixels == 0) {                                                                             \
    finish(sum[x], head->scale, near, o, &at);                                                     \
    break;                                                                                         \
  }                                                                                                \
  column(&at, 3, c);                                                                               \
  settle(sum, c);                                                                                  \
  interleave3(c, quad);                                                                            \
  finish(sum[x], head->scale, near, o, &at);
  for (;;) {
    KRN_LOOP("dwconv_s8 dotprod", 3 * WIDTH * 9);
    PIXEL(0, 1, 2) PIXEL(1, 2, 0) PIXEL(2, 0, 1)
  }
#undef PIXEL
}

/* The same of one that moves by two: two pixels are in the making. */
DOTPROD KRN_NEON_INLINE void row_3x2(size_t pixels, const int near, const block_head *head,
                                     const krn_output_neon *o, place at) {
  int8x16_t w[3][4], quad[4];
  int32x4_t sum[2][4];
  for (size_t i = 0; i < 12; i++) w[i / 4][i % 4] = vld1q_s8(head->weights + 16 * i);
  column3(&at, quad);
  begin(sum[0], head->bias);
  add(sum[0], quad, w[0]);
  column3(&at, quad);
#define PIXEL(x, y)                                                                                \
  add(sum[x], quad, w[1]);                                                                         \
  column3(&at, quad);                                                                              \
  begin(sum[y], head->bias);                                                                       \
  add(sum[x], quad, w[2]);                                                                         \
  add(sum[y], quad, w[0]);                                                                         \
  if (--pixels == 0) {                                                                             \
    finish(sum[x], head->scale, near, o, &at);                                                     \
    break;                                                                                         \
  }                                                                                                \
  column3(&at, quad);                                                                              \
  finish(sum[x], head->scale, near, o, &at);
  for (;;) {
    PIXEL(0, 1) PIXEL(1, 0)
  }
#undef PIXEL
}

/* A column of a 5 x 5 window, eight channels: the taps of four rows interleaved, and the fifth's.
 */
KRN_NEON_INLINE int8x8_t column5(place *at, int8x16_t quad[2]) {
  int8x16_t x[4];
  for (size_t i = 0; i < 4; i++) x[i] = vcombine_s8(vld1_s8(at->rows[i] + at->c), vdup_n_s8(0));
  int8x8_t fifth = vld1_s8(at->rows[4] + at->c);
  at->rows += 5;
  int16x8_t x01 = vreinterpretq_s16_s8(vzip1q_s8(x[0], x[1]));
  int16x8_t x23 = vreinterpretq_s16_s8(vzip1q_s8(x[2], x[3]));
  quad[0] = vreinterpretq_s8_s16(vzip1q_s16(x01, x23));
  quad[1] = vreinterpretq_s8_s16(vzip2q_s16(x01, x23));
  return fifth;
}

/* Two neighbours of the fifth row. */
KRN_NEON_INLINE int16x8_t two(int8x8_t x, int8x8_t y) {
  const int8x8_t none = vdup_n_s8(0);
  return vreinterpretq_s16_s8(vzip1q_s8(vcombine_s8(x, none), vcombine_s8(y, none)));
}

DOTPROD KRN_NEON_INLINE void add2(int32x4_t sum[2], const int8x16_t quad[2], const int8x16_t w[2]) {
  for (size_t v = 0; v < 2; v++) sum[v] = vdotq_s32(sum[v], quad[v], w[v]);
}

/* The weights of half a block for a window of 5 x 5. */
typedef struct {
  int8x16_t column[5][2];
  int8x8_t last;
} weights5;

KRN_NEON_INLINE weights5 weights5_of(const block_head *head, size_t half) {
  weights5 w;
  const int8_t *at = head->weights + 32 * half;
  for (size_t i = 0; i < 5; i++, at += 4 * WIDTH)
    for (size_t v = 0; v < 2; v++) w.column[i][v] = vld1q_s8(at + 16 * v);
  at += 4 * WIDTH;
  w.last = vmovn_s16(vcombine_s16(vmovn_s32(vreinterpretq_s32_s8(vld1q_s8(at))),
                                  vmovn_s32(vreinterpretq_s32_s8(vld1q_s8(at + 16)))));
  return w;
}

/* The fifth row of a window, and the bytes. */
DOTPROD KRN_NEON_INLINE void finish5(int32x4_t sum[2], int16x8_t first, int16x8_t second,
                                     int8x8_t last, const weights5 *w, size_t half, const int near,
                                     const block_head *head, const krn_output_neon *o, place *at) {
  int8x16_t quad[2] = {vreinterpretq_s8_s16(vzip1q_s16(first, second)),
                       vreinterpretq_s8_s16(vzip2q_s16(first, second))};
  int8x16_t fifth[2];
  KRN_LOAD_PAIR_NEON(fifth[0], fifth[1], head->weights + 32 * half, 5 * 4 * WIDTH);
  add2(sum, quad, fifth);
  int16x8_t product = vmull_s8(last, w->last);
  sum[0] = vaddw_s16(sum[0], vget_low_s16(product));
  sum[1] = vaddw_high_s16(sum[1], product);
  float32x4_t scale[2];
  KRN_LOAD_PAIR_NEON(scale[0], scale[1], head->scale + 8 * half, 0);
  if (near) {
    vst1_s8(at->out, vqmovn_s16(krn_near8_neon(sum[0], sum[1], scale[0], scale[1], o->rounder)));
  } else {
    int8x8_t bytes =
        krn_bytes8_neon(krn_scale_neon(sum[0], scale[0]), krn_scale_neon(sum[1], scale[1]), o);
    vst1_s8(at->out, vmin_s8(vmax_s8(bytes, vget_low_s8(o->low)), vget_low_s8(o->high)));
  }
  at->out += at->stride;
}

#define BEGIN(i) KRN_LOAD_PAIR_NEON(sum[i][0], sum[i][1], head->bias + 8 * half, 0)

/* Half a block's channels of a row of pixels of a 5 x 5 window that moves by one: five pixels are
 * in the making. `pair` has neighbours of the fifth row. */
DOTPROD KRN_NEON_INLINE void row_5x1(size_t pixels, const int near, const block_head *head,
                                     const krn_output_neon *o, place at, size_t half) {
  const weights5 w = weights5_of(head, half);
  int8x16_t quad[2];
  int32x4_t sum[5][2];
  int16x8_t pair[5];
  int8x8_t before = column5(&at, quad), now;
  BEGIN(0);
  add2(sum[0], quad, w.column[0]);
  for (size_t i = 1; i < 4; i++, before = now) {
    BEGIN(i);
    now = column5(&at, quad);
    pair[i - 1] = two(before, now);
    for (size_t j = 0; j <= i; j++) add2(sum[j], quad, w.column[i - j]);
  }
#define PIXEL(a, b, c, d, e)                                                                       \
  BEGIN(e);                                                                                        \
  now = column5(&at, quad);                                                                        \
  add2(sum[a], quad, w.column[4]);                                                                 \
  add2(sum[b], quad, w.column[3]);                                                                 \
  add2(sum[c], quad, w.column[2]);                                                                 \
  add2(sum[d], quad, w.column[1]);                                                                 \
  add2(sum[e], quad, w.column[0]);                                                                 \
  pair[d] = two(before, now);                                                                      \
  before = now;                                                                                    \
  finish5(sum[a], pair[a], pair[c], now, &w, half, near, head, o, &at);                            \
  if (--pixels == 0) break;
  for (;;) {
    PIXEL(0, 1, 2, 3, 4)
    PIXEL(1, 2, 3, 4, 0) PIXEL(2, 3, 4, 0, 1) PIXEL(3, 4, 0, 1, 2) PIXEL(4, 0, 1, 2, 3)
  }
#undef PIXEL
}

/* The same of one that moves by two: three pixels are in the making. */
DOTPROD KRN_NEON_INLINE void row_5x2(size_t pixels, const int near, const block_head *head,
                                     const krn_output_neon *o, place at, size_t half) {
  const weights5 w = weights5_of(head, half);
  int8x16_t quad[2];
  int32x4_t sum[3][2];
  int8x8_t before = column5(&at, quad), now;
  BEGIN(0);
  add2(sum[0], quad, w.column[0]);
  now = column5(&at, quad);
  add2(sum[0], quad, w.column[1]);
  int16x8_t first = two(before, now), second;
  BEGIN(1);
  before = column5(&at, quad);
  add2(sum[0], quad, w.column[2]);
  add2(sum[1], quad, w.column[0]);
#define PIXEL(a, b, c)                                                                             \
  now = column5(&at, quad);                                                                        \
  add2(sum[a], quad, w.column[3]);                                                                 \
  add2(sum[b], quad, w.column[1]);                                                                 \
  second = two(before, now);                                                                       \
  BEGIN(c);                                                                                        \
  before = column5(&at, quad);                                                                     \
  add2(sum[a], quad, w.column[4]);                                                                 \
  add2(sum[b], quad, w.column[2]);                                                                 \
  add2(sum[c], quad, w.column[0]);                                                                 \
  finish5(sum[a], first, second, before, &w, half, near, head, o, &at);                            \
  first = second;                                                                                  \
  if (--pixels == 0) break;
  for (;;) {
    PIXEL(0, 1, 2) PIXEL(1, 2, 0) PIXEL(2, 0, 1)
  }
#undef PIXEL
}

#define ROW5(name)                                                                                 \
  DOTPROD static void name##_of(size_t pixels, int near, const block_head *head,                   \
                                const krn_output_neon *o, place at) {                              \
    for (size_t half = 0; half < 2; half++, at.c += WIDTH / 2, at.out += WIDTH / 2) {              \
      if (near)                                                                                    \
        name(pixels, 1, head, o, at, half);                                                        \
      else                                                                                         \
        name(pixels, 0, head, o, at, half);                                                        \
    }                                                                                              \
  }
ROW5(row_5x1)
ROW5(row_5x2)

#define ROW(name)                                                                                  \
  DOTPROD static void name##_of(size_t pixels, int near, const block_head *head,                   \
                                const krn_output_neon *o, place at) {                              \
    if (near)                                                                                      \
      name(pixels, 1, head, o, at);                                                                \
    else                                                                                           \
      name(pixels, 0, head, o, at);                                                                \
  }
ROW(row_3x1)
ROW(row_3x2)

DOTPROD void krn_dwconv_s8__dotprod(const krn_dwconv_s8_job *job) {
  const krn_output_neon o = krn_output_neon_of(job->output);
  const size_t blocks = block_count(job->channels), bytes = block_bytes(job->taps);
  for (size_t b = 0; b < blocks; b++) {
    const block_head *head = (const block_head *)((const char *)job->packed + b * bytes);
    if (job->channels < WIDTH) {
      for (size_t p = 0; p < job->pixels; p++) apart(job, p, head, 0, job->channels, &o);
      return;
    }
    const size_t c = block_start(b, job->channels);
    const place at = {job->rows, job->out + c, job->out_stride, c};
    const int near = head->near[0] && o.plain;
    if (job->taps == 9 && job->row_step == 3)
      row_3x1_of(job->pixels, near, head, &o, at);
    else if (job->taps == 9 && job->row_step == 6)
      row_3x2_of(job->pixels, near, head, &o, at);
    else if (job->taps == 25 && job->row_step == 5)
      row_5x1_of(job->pixels, near, head, &o, at);
    else if (job->taps == 25 && job->row_step == 10)
      row_5x2_of(job->pixels, near, head, &o, at);
    else
      for (size_t p = 0; p < job->pixels; p++) apart(job, p, head, c, WIDTH, &o);
  }
}
#endif
