#if defined(__x86_64__)
#include "avx512.h"

#include "../variants.h"

/* vpdpbusd over four taps: the bytes of four taps are interleaved, so that a 32-bit lane holds a
 * channel's four, and meet the channel's four weights. Activations become unsigned by adding 128,
 * which 128 * sum of weights, taken off the packed bias, makes good.
 *
 * Packed: blocks of 32 channels; if channels are no multiple of 32 the last block overlaps the one
 * before it, and with fewer than 32 channels the rest of the only block is zero. A block is bias,
 * scale, then for each four taps four vectors of eight channels; missing taps are zero. Within a
 * block vector v holds channels 4 v ... 4 v + 3 and 16 more, which interleaving makes and packing
 * undoes. */

enum { WIDTH = 32, PIXELS = 4 };

static size_t block_bytes(size_t taps) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + (taps + 3) / 4 * 4);
}

static size_t block_count(size_t channels) { return (channels + WIDTH - 1) / WIDTH; }

/* The first channel of block `b`. */
static size_t block_start(size_t b, size_t channels) {
  size_t start = b * WIDTH;
  return start + WIDTH > channels && channels >= WIDTH ? channels - WIDTH : start;
}

/* The channel within a block that stands at lane `i` of its 32. */
static size_t channel_at(size_t i) { return i / 8 * 4 + i % 4 + (i % 8 < 4 ? 0 : 16); }

size_t krn_dwconv_s8_packed_size__avx512vnni(size_t taps, size_t channels) {
  return block_count(channels) * block_bytes(taps);
}

void krn_dwconv_s8_pack__avx512vnni(size_t taps, size_t channels, const int8_t *weights,
                                    const int32_t *bias, const float *scale, void *packed) {
  for (size_t b = 0; b < block_count(channels); b++) {
    int32_t *block_bias = (int32_t *)((char *)packed + b * block_bytes(taps));
    float *block_scale = (float *)(block_bias + WIDTH);
    int8_t *w = (int8_t *)(block_scale + WIDTH);
    for (size_t i = 0; i < WIDTH; i++) {
      size_t c = block_start(b, channels) + channel_at(i);
      int32_t sum = 0;
      for (size_t t = 0; t < (taps + 3) / 4 * 4; t++) {
        int8_t weight = c < channels && t < taps ? weights[t * channels + c] : 0;
        w[t / 4 * 4 * WIDTH + 4 * i + t % 4] = weight;
        sum += weight;
      }
      block_bias[i] = c < channels ? (int32_t)((uint32_t)bias[c] - 128u * (uint32_t)sum) : 0;
      block_scale[i] = c < channels ? scale[c] : 0;
    }
  }
}

/* 32 bytes at `row + c`, of which `count` exist, plus 128. */
KRN_AVX512_INLINE __m256i load(const int8_t *row, size_t c, size_t count) {
  const __m256i sign = _mm256_set1_epi8(-128);
  if (count == WIDTH) return _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(row + c)), sign);
  int8_t all[WIDTH] = {0};
  memcpy(all, row + c, count);
  return _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)all), sign);
}

KRN_AVX512_INLINE void store(int8_t *out, const __m256i sum[4], const float *scale, size_t count,
                             const krn_output_avx2 *o) {
  __m256i x[4];
  for (size_t v = 0; v < 4; v++) x[v] = krn_scale_avx2(sum[v], _mm256_loadu_ps(scale + 8 * v), o);
  __m256i first = _mm256_adds_epi16(_mm256_packs_epi32(x[0], x[1]), o->zero16);
  __m256i second = _mm256_adds_epi16(_mm256_packs_epi32(x[2], x[3]), o->zero16);
  __m256i bytes =
      _mm256_max_epi8(_mm256_packs_epi16(first, second), _mm256_broadcastsi128_si256(o->low));
  if (count == WIDTH) {
    _mm256_storeu_si256((__m256i *)out, bytes);
  } else {
    int8_t all[WIDTH];
    _mm256_storeu_si256((__m256i *)all, bytes);
    memcpy(out, all, count);
  }
}

/* One block of channels of `pixels` pixels; `pixels` and whether count is WIDTH are constants. */
KRN_AVX512_INLINE void block(const size_t pixels, const krn_dwconv_s8_job *job, size_t first,
                             const void *packed, size_t c, const size_t count,
                             const krn_output_avx2 *o) {
  const __m256i *bias = packed;
  const float *scale = (const float *)(bias + 4);
  const __m256i *w = (const __m256i *)(scale + WIDTH);
  const size_t taps = job->taps, step = job->row_step;
  const int8_t *const *rows = job->rows + first * step;
  __m256i sum[PIXELS][4];
  for (size_t p = 0; p < pixels; p++)
    for (size_t v = 0; v < 4; v++) sum[p][v] = _mm256_loadu_si256(bias + v);
  for (size_t t = 0; t < taps; t += 4, w += 4)
    for (size_t p = 0; p < pixels; p++) {
      __m256i x[4];
      for (size_t i = 0; i < 4; i++)
        x[i] = t + i < taps ? load(rows[p * step + t + i], c, count) : _mm256_setzero_si256();
      __m256i low01 = _mm256_unpacklo_epi8(x[0], x[1]), high01 = _mm256_unpackhi_epi8(x[0], x[1]);
      __m256i low23 = _mm256_unpacklo_epi8(x[2], x[3]), high23 = _mm256_unpackhi_epi8(x[2], x[3]);
      __m256i quad[4] = {_mm256_unpacklo_epi16(low01, low23), _mm256_unpackhi_epi16(low01, low23),
                         _mm256_unpacklo_epi16(high01, high23),
                         _mm256_unpackhi_epi16(high01, high23)};
      for (size_t v = 0; v < 4; v++)
        sum[p][v] = _mm256_dpbusd_epi32(sum[p][v], quad[v], _mm256_loadu_si256(w + v));
    }
  for (size_t p = 0; p < pixels; p++)
    store(job->out + (first + p) * job->out_stride + c, sum[p], scale, count, o);
}

KRN_AVX512 void krn_dwconv_s8__avx512vnni(const krn_dwconv_s8_job *job) {
  krn_output_avx2 o = krn_output_avx2_of(job->output);
  if (job->channels < WIDTH) {
    for (size_t p = 0; p < job->pixels; p++) block(1, job, p, job->packed, 0, job->channels, &o);
    return;
  }
  for (size_t b = 0; b < block_count(job->channels); b++) {
    const char *packed = (const char *)job->packed + b * block_bytes(job->taps);
    size_t c = block_start(b, job->channels), p = 0;
    for (; p + PIXELS <= job->pixels; p += PIXELS) block(PIXELS, job, p, packed, c, WIDTH, &o);
    for (; p < job->pixels; p++) block(1, job, p, packed, c, WIDTH, &o);
  }
}
#endif
