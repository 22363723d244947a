#if defined(__x86_64__)
#include "avx2.h"

#include "../variants.h"

/* vpmaddwd over two taps: the bytes of two taps are widened to 16 bits, interleaved and multiplied by
 * the channel's two weights, so that a 32-bit lane gets x w + x' w' (exact).
 *
 * Packed: blocks of 16 channels; if channels are no multiple of 16 the last block overlaps the one
 * before it, and with fewer than 16 channels the rest of the only block is zero. A block is bias,
 * scale, then for each two taps the channels' two weights side by side in 16 bits; an odd last tap has
 * a zero beside it. Its channels are in the order 0-3 8-11 4-7 12-15, which interleaving makes. */

enum { WIDTH = 16, PIXELS = 4, CHUNK = 4 };

static const uint8_t order16[WIDTH] = {0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15};

static size_t block_bytes(size_t taps) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + 2 * sizeof(int16_t) * ((taps + 1) / 2));
}

static size_t block_count(size_t channels) { return (channels + WIDTH - 1) / WIDTH; }

/* The first channel of block `b`. */
static size_t block_start(size_t b, size_t channels) {
  size_t start = b * WIDTH;
  return start + WIDTH > channels && channels >= WIDTH ? channels - WIDTH : start;
}

size_t krn_dwconv_s8_packed_size__avx2(size_t taps, size_t channels) {
  return block_count(channels) * block_bytes(taps);
}

void krn_dwconv_s8_pack__avx2(size_t taps, size_t channels, const int8_t *weights,
                              const int32_t *bias, const float *scale, void *packed) {
  for (size_t b = 0; b < block_count(channels); b++) {
    int32_t *block_bias = (int32_t *)((char *)packed + b * block_bytes(taps));
    float *block_scale = (float *)(block_bias + WIDTH);
    int16_t *w = (int16_t *)(block_scale + WIDTH);
    for (size_t i = 0; i < WIDTH; i++) {
      size_t c = block_start(b, channels) + order16[i];
      block_bias[i] = c < channels ? bias[c] : 0;
      block_scale[i] = c < channels ? scale[c] : 0;
      for (size_t t = 0; t < taps + taps % 2; t++)
        w[t / 2 * 2 * WIDTH + 2 * i + t % 2] =
            c < channels && t < taps ? weights[t * channels + c] : 0;
    }
  }
}

/* 16 bytes at `row + c`, of which `count` exist, widened. Straight from memory this costs half of what
 * it does from a register. */
KRN_AVX2_INLINE __m256i load(const int8_t *row, size_t c, size_t count) {
  if (count == WIDTH) return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(row + c)));
  int8_t all[WIDTH] = {0};
  memcpy(all, row + c, count);
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)all));
}

/* One block of channels of `pixels` pixels; `pixels` and whether count is WIDTH are constants. */
KRN_AVX2_INLINE void block(const size_t pixels, const krn_dwconv_s8_job *job, size_t first,
                           const void *packed, size_t c, const size_t count,
                           const krn_output_avx2 *o) {
  const __m256i *bias = packed;
  const float *scale = (const float *)(bias + 2);
  const __m256i *w = (const __m256i *)(scale + WIDTH);
  const size_t taps = job->taps, step = job->row_step;
  const int8_t *const *rows = job->rows + first * step;
  __m256i sum[PIXELS][2];
  for (size_t p = 0; p < pixels; p++)
    for (size_t v = 0; v < 2; v++) sum[p][v] = _mm256_loadu_si256(bias + v);
  for (size_t t = 0; t < taps; t += 2, w += 2) {
    __m256i even = _mm256_loadu_si256(w), odd = _mm256_loadu_si256(w + 1);
    for (size_t p = 0; p < pixels; p++) {
      __m256i x = load(rows[p * step + t], c, count);
      __m256i y = t + 1 < taps ? load(rows[p * step + t + 1], c, count) : _mm256_setzero_si256();
      __m256i pairs = _mm256_unpacklo_epi16(x, y);
      sum[p][0] = _mm256_add_epi32(sum[p][0], _mm256_madd_epi16(pairs, even));
      pairs = _mm256_unpackhi_epi16(x, y);
      sum[p][1] = _mm256_add_epi32(sum[p][1], _mm256_madd_epi16(pairs, odd));
    }
  }
  __m256 factor[2] = {_mm256_loadu_ps(scale), _mm256_loadu_ps(scale + 8)};
  for (size_t p = 0; p < pixels; p++) {
    __m128i bytes = krn_bytes16_avx2(krn_scale_avx2(sum[p][0], factor[0], o),
                                     krn_scale_avx2(sum[p][1], factor[1], o), o);
    krn_store_avx2(job->out + (first + p) * job->out_stride + c, bytes, count);
  }
}

/* All pixels of one block, `pixels` at a time and the rest one by one. */
KRN_AVX2 static void whole_blocks(const krn_dwconv_s8_job *job, size_t b, size_t end,
                                  const krn_output_avx2 *o) {
  size_t bytes = block_bytes(job->taps), p = 0;
  for (; p + PIXELS <= job->pixels; p += PIXELS)
    for (size_t i = b; i < end; i++)
      block(PIXELS, job, p, (const char *)job->packed + i * bytes, block_start(i, job->channels),
            WIDTH, o);
  for (; p + 2 <= job->pixels; p += 2)
    for (size_t i = b; i < end; i++)
      block(2, job, p, (const char *)job->packed + i * bytes, block_start(i, job->channels), WIDTH,
            o);
  if (p < job->pixels)
    for (size_t i = b; i < end; i++)
      block(1, job, p, (const char *)job->packed + i * bytes, block_start(i, job->channels), WIDTH,
            o);
}

KRN_AVX2 void krn_dwconv_s8__avx2(const krn_dwconv_s8_job *job) {
  krn_output_avx2 o = krn_output_avx2_of(job->output);
  if (job->channels < WIDTH) {
    for (size_t p = 0; p < job->pixels; p++) block(1, job, p, job->packed, 0, job->channels, &o);
    return;
  }
  size_t blocks = block_count(job->channels);
  for (size_t b = 0; b < blocks; b += CHUNK)
    whole_blocks(job, b, b + CHUNK < blocks ? b + CHUNK : blocks, &o);
}
#endif
