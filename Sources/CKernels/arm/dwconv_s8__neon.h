/* What the depthwise NEON kernels share: blocks of 16 channels. If channels are no multiple of 16
 * the last block overlaps the one before it. Fewer than 16 channels are one block, whose lanes
 * overlap: with 8 or more, lanes 8-15 are the last eight channels; with 4 to 7, lanes 4-7 are the
 * last four; with fewer, and behind these, lanes hold the first channel and are not used. */
#ifndef KRN_DWCONV_S8_NEON_H
#define KRN_DWCONV_S8_NEON_H

#include "neon.h"

enum { WIDTH = 16 };

static inline size_t block_count(size_t channels) { return (channels + WIDTH - 1) / WIDTH; }

/* The first channel of block `b`. */
static inline size_t block_start(size_t b, size_t channels) {
  size_t start = b * WIDTH;
  return start + WIDTH > channels && channels >= WIDTH ? channels - WIDTH : start;
}

/* The channel in lane `i` of block `b`. */
static inline size_t channel_at(size_t b, size_t i, size_t channels) {
  if (channels >= WIDTH) return block_start(b, channels) + i;
  size_t half = channels >= 8 ? 8 : channels >= 4 ? 4 : channels;
  return i < half ? i : half >= 4 && i < 2 * half ? channels - 2 * half + i : 0;
}

/* The lanes of a block from its `count` <= 16 bytes. */
KRN_NEON_INLINE int8x16_t load(const int8_t *x, const size_t count) {
  if (count == WIDTH) return vld1q_s8(x);
  if (count >= 8) return vcombine_s8(vld1_s8(x), vld1_s8(x + count - 8));
  int8_t all[16] = {0};
  if (count >= 4) {
    memcpy(all, x, 4);
    memcpy(all + 4, x + count - 4, 4);
  } else {
    for (size_t i = 0; i < count; i++) all[i] = x[i];
  }
  return vld1q_s8(all);
}

KRN_NEON_INLINE void store(int8_t *out, int8x16_t lanes, const size_t count) {
  if (count == WIDTH) {
    vst1q_s8(out, lanes);
  } else if (count >= 8) {
    vst1_s8(out, vget_low_s8(lanes));
    vst1_s8(out + count - 8, vget_high_s8(lanes));
  } else {
    int8_t all[16];
    vst1q_s8(all, lanes);
    if (count >= 4) {
      memcpy(out, all, 4);
      memcpy(out + count - 4, all + 4, 4);
    } else {
      for (size_t i = 0; i < count; i++) out[i] = all[i];
    }
  }
}

/* sum += products, 16 channels */
KRN_NEON_INLINE void widen(int32x4_t sum[4], int16x8_t low, int16x8_t high) {
  sum[0] = vaddw_s16(sum[0], vget_low_s16(low));
  sum[1] = vaddw_high_s16(sum[1], low);
  sum[2] = vaddw_s16(sum[2], vget_low_s16(high));
  sum[3] = vaddw_high_s16(sum[3], high);
}

/* Where a row of pixels that share the columns of their windows goes on. */
typedef struct {
  const int8_t *const *rows;
  int8_t *out;
  size_t stride, c;
} place;

/* The next column of a window of `side` rows, 16 channels. */
KRN_NEON_INLINE void column(place *at, const size_t side, int8x16_t x[]) {
  for (size_t i = 0; i < side; i++) x[i] = vld1q_s8(at->rows[i] + at->c);
  at->rows += side;
}

KRN_NEON_INLINE void begin(int32x4_t sum[4], const int32_t bias[WIDTH]) {
  KRN_LOAD_PAIR_NEON(sum[0], sum[1], bias, 0);
  KRN_LOAD_PAIR_NEON(sum[2], sum[3], bias, 32);
}

/* Stores a pixel's 16 channels; `near` as in krn_finish16_neon. */
KRN_NEON_INLINE void finish(const int32x4_t sum[4], const float scale[WIDTH], const int near,
                            const krn_output_neon *o, place *at) {
  float32x4_t factor[4];
  KRN_LOAD_PAIR_NEON(factor[0], factor[1], scale, 0);
  KRN_LOAD_PAIR_NEON(factor[2], factor[3], scale, 32);
  vst1q_s8(at->out, krn_finish16_neon(sum, factor, near, o));
  at->out += at->stride;
}

#endif
