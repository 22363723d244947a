#if defined(__x86_64__)
#include "avx2.h"

#include "../variants.h"

/* vpmaddwd over two taps: the bytes of two taps are widened to 16 bits, interleaved and multiplied
 * by the channel's two weights, so that a 32-bit lane gets x w + x' w' (exact).
 *
 * Two taps go together within a group of taps, the last of an odd group with a zero. Windows of 9
 * and 25 taps are taken for 3 and 5 columns of 3 and 5 rows, each column a group; where the row
 * step says that neighbouring pixels share columns, a column is interleaved once for all pixels
 * that see it. Any other number of taps is one group.
 *
 * Packed: blocks of 16 channels; if channels are no multiple of 16 the last block overlaps the one
 * before it, and with fewer than 16 channels the rest of the only block is zero. A block is bias,
 * scale, then for each two taps the channels' two weights side by side in 16 bits. Its channels are
 * in the order 0-3 8-11 4-7 12-15, which interleaving makes and packing undoes. */

enum { WIDTH = 16, PIXELS = 4, CHUNK = 4 };

static const uint8_t order16[WIDTH] = {0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15};

/* Taps of a group. */
static size_t group_of(size_t taps) { return taps == 9 ? 3 : taps == 25 ? 5 : taps; }

static size_t pair_count(size_t taps) {
  size_t group = group_of(taps);
  return taps / group * ((group + 1) / 2);
}

static size_t block_bytes(size_t taps) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + 2 * sizeof(int16_t) * pair_count(taps));
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
      for (size_t pair = 0; pair < pair_count(taps); pair++)
        for (size_t second = 0; second < 2; second++) {
          size_t group = group_of(taps), halves = (group + 1) / 2;
          size_t row = 2 * (pair % halves) + second, t = pair / halves * group + row;
          w[2 * WIDTH * pair + 2 * i + second] =
              c < channels && row < group ? weights[t * channels + c] : 0;
        }
    }
  }
}

/* 16 bytes at `row + c`, of which `count` exist, widened. Straight from memory this costs half of
 * what it does from a register. */
KRN_AVX2_INLINE __m256i load(const int8_t *row, size_t c, size_t count) {
  if (count == WIDTH) return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(row + c)));
  int8_t all[WIDTH] = {0};
  memcpy(all, row + c, count);
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)all));
}

/* Adds two taps' products to the sums of one pixel. The empty statement keeps the compiler from
 * another order of adding, which would need more registers than there are. */
KRN_AVX2_INLINE void add_pair(__m256i sum[2], __m256i even, __m256i odd, const __m256i *w) {
  sum[0] = _mm256_add_epi32(sum[0], _mm256_madd_epi16(even, _mm256_loadu_si256(w)));
  sum[1] = _mm256_add_epi32(sum[1], _mm256_madd_epi16(odd, _mm256_loadu_si256(w + 1)));
  __asm__("" : "+x"(sum[0]), "+x"(sum[1]));
}

KRN_AVX2_INLINE void start(const size_t pixels, __m256i sum[][2], const __m256i *bias) {
  for (size_t p = 0; p < pixels; p++)
    for (size_t v = 0; v < 2; v++) sum[p][v] = _mm256_loadu_si256(bias + v);
}

KRN_AVX2_INLINE void finish(const size_t pixels, const __m256i sum[][2], const float *scale,
                            int8_t *out, size_t out_stride, size_t count,
                            const krn_output_avx2 *o) {
  __m256 factor[2] = {_mm256_loadu_ps(scale), _mm256_loadu_ps(scale + 8)};
  for (size_t p = 0; p < pixels; p++, out += out_stride) {
    __m128i bytes = krn_bytes16_avx2(krn_scale_avx2(sum[p][0], factor[0], o),
                                     krn_scale_avx2(sum[p][1], factor[1], o), o);
    krn_store_avx2(out, bytes, count);
  }
}

/* One pixel, one block of channels of which `count` exist, any number of taps. */
KRN_AVX2_INLINE void any_window(const krn_dwconv_s8_job *job, size_t p, const void *packed,
                                size_t c, const size_t count, const krn_output_avx2 *o) {
  const __m256i *bias = packed;
  const float *scale = (const float *)(bias + 2);
  const __m256i *w = (const __m256i *)(scale + WIDTH);
  const int8_t *const *rows = job->rows + p * job->row_step;
  const size_t group = group_of(job->taps);
  __m256i sum[1][2];
  start(1, sum, bias);
  for (size_t first = 0; first < job->taps; first += group)
    for (size_t r = 0; r < group; r += 2, w += 2) {
      __m256i x = load(rows[first + r], c, count), y = _mm256_setzero_si256();
      if (r + 1 < group) y = load(rows[first + r + 1], c, count);
      add_pair(sum[0], _mm256_unpacklo_epi16(x, y), _mm256_unpackhi_epi16(x, y), w);
    }
  finish(1, sum, scale, job->out + p * job->out_stride + c, 0, count, o);
}

/* PIXELS pixels that step by `stride` columns of a window of `side` x `side`; one block of
 * channels. Both are constants after inlining. */
KRN_AVX2_INLINE void square_window(const size_t side, const size_t stride,
                                   const krn_dwconv_s8_job *job, size_t p, const void *packed,
                                   size_t c, const krn_output_avx2 *o) {
  const __m256i *bias = packed;
  const float *scale = (const float *)(bias + 2);
  const __m256i *w = (const __m256i *)(scale + WIDTH);
  const int8_t *const *column = job->rows + p * side * stride;
  const size_t halves = (side + 1) / 2;
  __m256i sum[PIXELS][2];
  start(PIXELS, sum, bias);
#pragma clang loop unroll(full)
  for (size_t j = 0; j < (PIXELS - 1) * stride + side; j++, column += side)
#pragma clang loop unroll(full)
    for (size_t half = 0; half < halves; half++) {
      __m256i x = load(column[2 * half], c, WIDTH), y = _mm256_setzero_si256();
      if (2 * half + 1 < side) y = load(column[2 * half + 1], c, WIDTH);
      __m256i even = _mm256_unpacklo_epi16(x, y), odd = _mm256_unpackhi_epi16(x, y);
      __asm__("" : "+r"(w)); /* weights come from memory again, not from registers kept for them */
#pragma clang loop unroll(full)
      for (size_t i = 0; i < PIXELS; i++)
        if (j >= i * stride && j - i * stride < side)
          add_pair(sum[i], even, odd, w + 2 * ((j - i * stride) * halves + half));
    }
  finish(PIXELS, sum, scale, job->out + p * job->out_stride + c, job->out_stride, WIDTH, o);
}

/* Blocks b ..< end of all pixels; the last pixels overlap those before them. */
#define SQUARE(side, stride)                                                                       \
  KRN_AVX2 static void square##side##s##stride(const krn_dwconv_s8_job *job, size_t b, size_t end, \
                                               const krn_output_avx2 *o) {                         \
    size_t bytes = block_bytes((side) * (side)), last = job->pixels - PIXELS;                      \
    for (size_t p = 0;; p = p + PIXELS < last ? p + PIXELS : last) {                               \
      for (size_t i = b; i < end; i++)                                                             \
        square_window(side, stride, job, p, (const char *)job->packed + i * bytes,                 \
                      block_start(i, job->channels), o);                                           \
      if (p == last) break;                                                                        \
    }                                                                                              \
  }
SQUARE(3, 1) SQUARE(3, 2) SQUARE(5, 1) SQUARE(5, 2)

KRN_AVX2 static void any(const krn_dwconv_s8_job *job, size_t b, size_t end,
                         const krn_output_avx2 *o) {
  size_t bytes = block_bytes(job->taps);
  for (size_t p = 0; p < job->pixels; p++)
    for (size_t i = b; i < end; i++)
      any_window(job, p, (const char *)job->packed + i * bytes, block_start(i, job->channels),
                 WIDTH, o);
}

typedef void blocks_fn(const krn_dwconv_s8_job *job, size_t b, size_t end,
                       const krn_output_avx2 *o);

static blocks_fn *blocks_for(const krn_dwconv_s8_job *job) {
  if (job->pixels < PIXELS) return any;
  if (job->taps == 9 && job->row_step == 3) return square3s1;
  if (job->taps == 9 && job->row_step == 6) return square3s2;
  if (job->taps == 25 && job->row_step == 5) return square5s1;
  if (job->taps == 25 && job->row_step == 10) return square5s2;
  return any;
}

KRN_AVX2 void krn_dwconv_s8__avx2(const krn_dwconv_s8_job *job) {
  krn_output_avx2 o = krn_output_avx2_of(job->output);
  if (job->channels < WIDTH) {
    for (size_t p = 0; p < job->pixels; p++) any_window(job, p, job->packed, 0, job->channels, &o);
    return;
  }
  blocks_fn *run = blocks_for(job);
  size_t blocks = block_count(job->channels);
  for (size_t b = 0; b < blocks; b += CHUNK)
    run(job, b, b + CHUNK < blocks ? b + CHUNK : blocks, &o);
}
#endif
