#if defined(__aarch64__)
#include "neon.h"

#include "../variants.h"

/* SMULL to 16 bits, which every product of two bytes fits, then SADDW to 32; two pixels at a time.
 *
 * Packed: blocks of 16 channels; if channels are no multiple of 16 the last block overlaps the one
 * before it, and with fewer than 16 channels the rest of the only block is zero. A block is bias,
 * scale, then the 16 weights of each tap. */

enum { WIDTH = 16, PIXELS = 2 };

static size_t block_bytes(size_t taps) { return WIDTH * (sizeof(int32_t) + sizeof(float) + taps); }

static size_t block_count(size_t channels) { return (channels + WIDTH - 1) / WIDTH; }

/* The first channel of block `b`. */
static size_t block_start(size_t b, size_t channels) {
  size_t start = b * WIDTH;
  return start + WIDTH > channels && channels >= WIDTH ? channels - WIDTH : start;
}

size_t krn_dwconv_s8_packed_size__neon(size_t taps, size_t channels) {
  return block_count(channels) * block_bytes(taps);
}

void krn_dwconv_s8_pack__neon(size_t taps, size_t channels, const int8_t *weights,
                              const int32_t *bias, const float *scale, void *packed) {
  for (size_t b = 0; b < block_count(channels); b++) {
    int32_t *block_bias = (int32_t *)((char *)packed + b * block_bytes(taps));
    float *block_scale = (float *)(block_bias + WIDTH);
    int8_t *w = (int8_t *)(block_scale + WIDTH);
    for (size_t i = 0; i < WIDTH; i++) {
      size_t c = block_start(b, channels) + i;
      block_bias[i] = c < channels ? bias[c] : 0;
      block_scale[i] = c < channels ? scale[c] : 0;
      for (size_t t = 0; t < taps; t++)
        w[t * WIDTH + i] = c < channels ? weights[t * channels + c] : 0;
    }
  }
}

/* One block of channels of `pixels` pixels; `pixels` is a constant after inlining. */
KRN_NEON_INLINE void block(const size_t pixels, const krn_dwconv_s8_job *job, size_t first,
                           const void *packed, size_t c, size_t count, const krn_output_neon *o) {
  const int32_t *bias = packed;
  const float *scale = (const float *)(bias + WIDTH);
  const int8_t *w = (const int8_t *)(scale + WIDTH);
  const int8_t *const *rows = job->rows + first * job->row_step;
  int32x4_t sum[PIXELS][4];
  for (size_t p = 0; p < pixels; p++)
    for (size_t v = 0; v < 4; v++) sum[p][v] = vld1q_s32(bias + 4 * v);
  for (size_t t = 0; t < job->taps; t++, w += WIDTH) {
    int8x16_t y = vld1q_s8(w);
    for (size_t p = 0; p < pixels; p++) {
      int8x16_t x = krn_load_neon(rows[p * job->row_step + t] + c, count);
      int16x8_t low = vmull_s8(vget_low_s8(x), vget_low_s8(y)), high = vmull_high_s8(x, y);
      sum[p][0] = vaddw_s16(sum[p][0], vget_low_s16(low));
      sum[p][1] = vaddw_high_s16(sum[p][1], low);
      sum[p][2] = vaddw_s16(sum[p][2], vget_low_s16(high));
      sum[p][3] = vaddw_high_s16(sum[p][3], high);
    }
  }
  for (size_t p = 0; p < pixels; p++) {
    for (size_t v = 0; v < 4; v++) sum[p][v] = krn_scale_neon(sum[p][v], vld1q_f32(scale + 4 * v));
    krn_store_neon(job->out + (first + p) * job->out_stride + c, krn_bytes16_neon(sum[p], o),
                   count);
  }
}

void krn_dwconv_s8__neon(const krn_dwconv_s8_job *job) {
  krn_output_neon o = krn_output_neon_of(job->output);
  size_t count = job->channels < WIDTH ? job->channels : WIDTH;
  for (size_t p = 0; p < job->pixels; p += PIXELS)
    for (size_t b = 0; b < block_count(job->channels); b++) {
      const char *packed = (const char *)job->packed + b * block_bytes(job->taps);
      size_t c = block_start(b, job->channels);
      if (p + PIXELS <= job->pixels)
        block(PIXELS, job, p, packed, c, count, &o);
      else
        block(1, job, p, packed, c, count, &o);
    }
}
#endif
