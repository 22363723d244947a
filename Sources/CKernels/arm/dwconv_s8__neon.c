#if defined(__aarch64__)
#include "dwconv_s8__neon.h"

#include "../variants.h"

/* SMULL and SMLAL add the products of two taps in 16 bits, SADDW widens them to 32; four pixels at
 * a time. Two products fit 16 bits unless both are -128 * -128: blocks with a weight of -128 are
 * marked and take each product to 32 bits alone.
 *
 * Packed: blocks of 16 channels (dwconv_s8__neon.h). A block is a head, then the 16 weights of each
 * tap. */

typedef struct {
  int32_t bias[WIDTH];
  float scale[WIDTH];
  int32_t wide[4]; /* [0]: whether a weight is -128 */
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
    *h = (head){{0}, {0}, {0}};
    for (size_t i = 0; i < WIDTH; i++) {
      size_t c = channel_at(b, i, channels);
      h->bias[i] = bias[c];
      h->scale[i] = scale[c];
      for (size_t t = 0; t < taps; t++) {
        w[t * WIDTH + i] = weights[t * channels + c];
        h->wide[0] |= weights[t * channels + c] == -128;
      }
    }
  }
}

/* One block of channels of `pixels` pixels; `pixels` and whether count is WIDTH are constants after
 * inlining. */
KRN_NEON_INLINE void block(const size_t pixels, const krn_dwconv_s8_job *job, size_t first,
                           const void *packed, size_t c, const size_t count,
                           const krn_output_neon *o) {
  const head *h = packed;
  const int8_t *w = (const int8_t *)(h + 1);
  const size_t taps = job->taps, step = job->row_step;
  const int8_t *const *rows[PIXELS];
  int32x4_t sum[PIXELS][4];
  for (size_t p = 0; p < pixels; p++) {
    rows[p] = job->rows + (first + p) * step;
    for (size_t v = 0; v < 4; v++) sum[p][v] = vld1q_s32(h->bias + 4 * v);
  }
  size_t t = 0;
  if (!h->wide[0]) {
    for (; t + 2 <= taps; t += 2, w += 2 * WIDTH) {
      KRN_LOOP("dwconv_s8 neon", pixels * WIDTH * 2);
      int8x16_t y0 = vld1q_s8(w), y1 = vld1q_s8(w + WIDTH);
      for (size_t p = 0; p < pixels; p++) {
        int8x16_t x0 = load(rows[p][t] + c, count), x1 = load(rows[p][t + 1] + c, count);
        int16x8_t low = vmull_s8(vget_low_s8(x0), vget_low_s8(y0)), high = vmull_high_s8(x0, y0);
        low = vmlal_s8(low, vget_low_s8(x1), vget_low_s8(y1));
        high = vmlal_high_s8(high, x1, y1);
        widen(sum[p], low, high);
      }
    }
  }
  for (; t < taps; t++, w += WIDTH) {
    int8x16_t y = vld1q_s8(w);
    for (size_t p = 0; p < pixels; p++) {
      int8x16_t x = load(rows[p][t] + c, count);
      widen(sum[p], vmull_s8(vget_low_s8(x), vget_low_s8(y)), vmull_high_s8(x, y));
    }
  }
  for (size_t p = 0; p < pixels; p++) {
    for (size_t v = 0; v < 4; v++)
      sum[p][v] = krn_scale_neon(sum[p][v], vld1q_f32(h->scale + 4 * v));
    store(job->out + (first + p) * job->out_stride + c, krn_bytes16_neon(sum[p], o), count);
  }
}

DWCONV_S8(, neon)
#endif
