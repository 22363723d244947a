#if defined(__x86_64__)
#include "avx512.h"

#include "../quads.h"
#include "../variants.h"

/* vpdpbusd over four taps, a quad: their bytes are interleaved, so that a 32-bit lane holds a
 * channel's four, and meet the channel's four weights. Activations become unsigned by adding 128,
 * unless they are so already, which 128 * sum of weights, taken off the packed bias, makes good.
 * Where the pointers of neighbouring pixels are the same ones, as those of a column of a window are,
 * quads are columns and interleaved once for all the pixels that see them.
 *
 * Packed: blocks of 64 channels, then perhaps one or two narrow ones of 32. The last block overlaps
 * the one before it if channels are no multiple of its width; with fewer than 32 channels the rest
 * of the only one is zero. A narrow block has its channels twice, because a vector holds those of two
 * pixels. A block is bias, scale, then for each quad the four weights of each channel; missing taps
 * are zero. Channels stand in the order that interleaving 128-bit lanes makes and packing undoes. */

enum { VECTORS = 4, WIDTH = 64, NARROW = 32 };

static size_t block_bytes(size_t taps) {
  return WIDTH * (sizeof(int32_t) + sizeof(float) + 4 * quads_of(taps).count);
}

/* A block of channels: its first, and its width, which is 0 after the last. */
typedef struct {
  size_t first, width;
} span;

static span block_at(size_t b, size_t channels) {
  size_t whole = channels / WIDTH, rest = channels % WIDTH, last = b - whole;
  if (b < whole) return (span){WIDTH * b, WIDTH};
  /* a narrow one takes the rest, two do if there is none of 64 to overlap, else one of 64 */
  if (rest > NARROW && whole > 0) return last > 0 ? (span){0, 0} : (span){channels - WIDTH, WIDTH};
  if (NARROW * last >= rest) return (span){0, 0};
  return (span){last == 0 && whole == 0 ? 0 : channels - NARROW, NARROW};
}

/* The place within a block of what stands at lane `i`, four lanes to each 128 bits: interleaving
 * leaves 16 l + 4 v ... 16 l + 4 v + 3 to 128-bit lane l of vector v. */
static size_t place_at(size_t i) { return i % 16 / 4 * 16 + i / 16 * 4 + i % 4; }

size_t krn_dwconv_s8_packed_size__avx512vnni(size_t taps, size_t channels) {
  size_t b = 0;
  while (block_at(b, channels).width > 0) b++;
  return b * block_bytes(taps);
}

/* The weights of a quad of taps, the first tap's at `row`, of the first `real` channels of a block, the others zero.
 * They are interleaved, four of each channel. */
KRN_AVX512_INLINE void load_weights(const int8_t *row, quad_taps taps, size_t channels,
                                    size_t width, size_t real, krn_int512 quad[4]) {
  krn_int512 tap[4];
  for (size_t t = 0; t < 4; t++) {
    const int8_t *from = row + t * taps.stride * channels;
    if (t < taps.count && real == WIDTH) {
      tap[t] = _mm512_loadu_si512(from);
    } else {
      int8_t bytes[WIDTH] = {0};
      for (size_t first = 0; t < taps.count && first < WIDTH; first += width)
        memcpy(bytes + first, from, real);
      tap[t] = _mm512_loadu_si512(bytes);
    }
  }
  krn_int512 low[2], high[2];
  for (size_t i = 0; i < 2; i++) {
    low[i] = _mm512_unpacklo_epi8(tap[2 * i], tap[2 * i + 1]);
    high[i] = _mm512_unpackhi_epi8(tap[2 * i], tap[2 * i + 1]);
  }
  quad[0] = _mm512_unpacklo_epi16(low[0], low[1]);
  quad[1] = _mm512_unpackhi_epi16(low[0], low[1]);
  quad[2] = _mm512_unpacklo_epi16(high[0], high[1]);
  quad[3] = _mm512_unpackhi_epi16(high[0], high[1]);
}

/* Packs the weights of a block, of whose channels the first `real` exist, to `w`, and adds them up. */
KRN_AVX512 static void pack_block(quads all, span block, size_t channels, size_t real,
                                  const int8_t *weights, int8_t *w, int32_t sums[WIDTH]) {
  const krn_int512 ones = _mm512_set1_epi8(1);
  krn_int512 sum[4], quad[4];
  for (size_t v = 0; v < 4; v++) sum[v] = _mm512_set1_epi32(0);
  for (size_t g = 0; g < all.count; g++) {
    quad_taps taps = quad_at(all, g);
    const int8_t *row = weights + taps.first * channels + block.first;
    load_weights(row, taps, channels, block.width, real, quad);
    for (size_t v = 0; v < 4; v++, w += WIDTH) {
      _mm512_storeu_si512(w, quad[v]);
      sum[v] = _mm512_dpbusd_epi32(sum[v], ones, quad[v]);
    }
  }
  for (size_t v = 0; v < 4; v++) _mm512_storeu_si512(sums + 16 * v, sum[v]);
}

void krn_dwconv_s8_pack__avx512vnni(size_t taps, size_t channels, const int8_t *weights,
                                    const int32_t *bias, const float *scale, void *packed) {
  quads all = quads_of(taps);
  span block;
  for (size_t b = 0; (block = block_at(b, channels)).width > 0; b++) {
    size_t left = channels - block.first, real = left < block.width ? left : block.width;
    int32_t *block_bias = (int32_t *)((char *)packed + b * block_bytes(taps));
    float *block_scale = (float *)(block_bias + WIDTH);
    int32_t sums[WIDTH];
    pack_block(all, block, channels, real, weights, (int8_t *)(block_scale + WIDTH), sums);
    for (size_t i = 0; i < WIDTH; i++) {
      size_t c = block.first + place_at(i) % block.width;
      uint32_t offset = 128u * (uint32_t)sums[i];
      block_bias[i] = c < channels ? (int32_t)((uint32_t)bias[c] - offset) : 0;
      block_scale[i] = c < channels ? scale[c] : 0;
    }
  }
}

/* How a block reads its taps: constants after inlining, but for `ahead`. */
typedef struct {
  size_t count;   /* bytes of a tap: 64, 32, or fewer if there are no more channels */
  size_t ahead;   /* of a narrow block: pointers from a pixel's taps to those of the other one */
  int is_flipped; /* whether the bytes are unsigned already */
  int is_large;   /* whether factors may be 1 or more */
} reading;

/* A tap: 64 channels of one pixel, or up to 32 of two; plus 128. */
KRN_AVX512_INLINE krn_int512 load(const int8_t *const *row, size_t c, const reading r) {
  krn_int512 bytes;
  if (r.count == WIDTH) {
    bytes = _mm512_loadu_si512(row[0] + c);
  } else if (r.count == NARROW) {
    __m256i one = _mm256_loadu_si256((const __m256i *)(row[0] + c));
    __m256i other = _mm256_loadu_si256((const __m256i *)(row[r.ahead] + c));
    bytes = _mm512_inserti64x4(_mm512_castsi256_si512(one), other, 1);
  } else {
    int8_t all[WIDTH] = {0};
    memcpy(all, row[0] + c, r.count);
    memcpy(all + NARROW, row[r.ahead] + c, r.count);
    bytes = _mm512_loadu_si512(all);
  }
  return r.is_flipped ? bytes : _mm512_xor_si512(bytes, _mm512_set1_epi8(-128));
}

/* Four taps, `stride` pointers apart, side by side: a 32-bit lane holds a channel's. `taps` of them,
 * a constant, exist. */
KRN_AVX512_INLINE void interleave(const int8_t *const *rows, const size_t taps, const size_t stride,
                                  size_t c, const reading r, krn_int512 quad[4]) {
  krn_int512 x[4];
  for (size_t i = 0; i < 4; i++)
    x[i] = i < taps ? load(rows + i * stride, c, r) : _mm512_setzero_si512();
  krn_int512 low01 = _mm512_unpacklo_epi8(x[0], x[1]), high01 = _mm512_unpackhi_epi8(x[0], x[1]);
  krn_int512 low23 = _mm512_unpacklo_epi8(x[2], x[3]), high23 = _mm512_unpackhi_epi8(x[2], x[3]);
  quad[0] = _mm512_unpacklo_epi16(low01, low23);
  quad[1] = _mm512_unpackhi_epi16(low01, low23);
  quad[2] = _mm512_unpacklo_epi16(high01, high23);
  quad[3] = _mm512_unpackhi_epi16(high01, high23);
}

KRN_AVX512_INLINE void add(krn_int512 sum[4], const krn_int512 quad[4], const int8_t *w) {
  for (size_t v = 0; v < 4; v++)
    sum[v] = _mm512_dpbusd_epi32(sum[v], quad[v], _mm512_loadu_si512(w + 64 * v));
}

KRN_AVX512_INLINE void add_half(krn_int512 sum[2], const krn_int512 quad[2], const int8_t *w) {
  for (size_t v = 0; v < 2; v++)
    sum[v] = _mm512_dpbusd_epi32(sum[v], quad[v], _mm512_loadu_si512(w + 64 * v));
}

/* Bytes to `out` and, of a narrow block, to `other`. */
KRN_AVX512_INLINE void store_bytes(int8_t *out, int8_t *other, krn_int512 bytes, const reading r) {
  if (r.count == WIDTH) {
    _mm512_storeu_si512(out, bytes);
  } else if (r.count == NARROW) {
    _mm256_storeu_si256((__m256i *)out, _mm512_castsi512_si256(bytes));
    _mm256_storeu_si256((__m256i *)other, _mm512_extracti64x4_epi64(bytes, 1));
  } else {
    int8_t all[WIDTH];
    _mm512_storeu_si512(all, bytes);
    memcpy(out, all, r.count);
    memcpy(other, all + NARROW, r.count);
  }
}

/* Sums to bytes, at `out` and, of a narrow block, at `other`. */
KRN_AVX512_INLINE void store(int8_t *out, int8_t *other, const krn_int512 sum[4],
                             const float *scale, const reading r, const krn_output_avx512 *o) {
  krn_int512 x[4];
  for (size_t v = 0; v < 4; v++) {
    krn_float512 real =
        _mm512_mul_ps(_mm512_cvtepi32_ps(sum[v]), _mm512_loadu_ps(scale + 16 * v));
    if (r.is_large) real = _mm512_min_ps(real, _mm512_set1_ps(KRN_LARGEST_FACTOR));
    x[v] = _mm512_cvtps_epi32(real);
  }
  store_bytes(out, other, krn_bytes64(x, o), r);
}

/* A block of channels of some pixels. */
typedef struct {
  const krn_dwconv_s8_job *job;
  const int32_t *bias;
  size_t c; /* its first channel */
  const krn_output_avx512 *output;
} block;

KRN_AVX512_INLINE int8_t *place(const block *b, size_t pixel) {
  return b->job->out + pixel * b->job->out_stride + b->c;
}

/* A pixel by its own taps, and of a narrow block another one. */
KRN_AVX512_INLINE void apart(const block *b, size_t pixel, size_t other, reading r) {
  const float *scale = (const float *)b->bias + WIDTH;
  const int8_t *w = (const int8_t *)(scale + WIDTH);
  const int8_t *const *rows = b->job->rows + pixel * b->job->row_step;
  r.ahead = (other - pixel) * b->job->row_step;
  krn_int512 sum[4], quad[4];
  for (size_t v = 0; v < 4; v++) sum[v] = _mm512_loadu_si512(b->bias + 16 * v);
  quads all = quads_of(b->job->taps);
  for (size_t g = 0; g < all.count; g++, w += 4 * WIDTH) {
    quad_taps q = quad_at(all, g);
    const int8_t *const *row = rows + q.first;
    switch (q.count) {
    case 1: interleave(row, 1, 1, b->c, r, quad); break;
    case 2: interleave(row, 2, q.stride, b->c, r, quad); break;
    case 3: interleave(row, 3, q.stride, b->c, r, quad); break;
    default: interleave(row, 4, q.stride, b->c, r, quad); break;
    }
    add(sum, quad, w);
  }
  store(place(b, pixel), place(b, other), sum, scale, r, b->output);
}

KRN_AVX512_INLINE void all_apart(const block *b, const reading r) {
  size_t step = r.count == WIDTH ? 1 : 2;
  for (size_t p = 0; p < b->job->pixels; p += step)
    apart(b, p, p + step <= b->job->pixels ? p + step - 1 : p, r);
}

/* Half a quad of a column: vectors 2 `half` and 2 `half` + 1 of it. */
KRN_AVX512_INLINE void interleave_half(const int8_t *const *rows, const size_t taps,
                                       const size_t stride, size_t c, const size_t half,
                                       const reading r, krn_int512 quad[2]) {
  krn_int512 x[4];
  for (size_t i = 0; i < 4; i++)
    x[i] = i < taps ? load(rows + i * stride, c, r) : _mm512_setzero_si512();
  krn_int512 x01 = half ? _mm512_unpackhi_epi8(x[0], x[1]) : _mm512_unpacklo_epi8(x[0], x[1]);
  krn_int512 x23 = half ? _mm512_unpackhi_epi8(x[2], x[3]) : _mm512_unpacklo_epi8(x[2], x[3]);
  quad[0] = _mm512_unpacklo_epi16(x01, x23);
  quad[1] = _mm512_unpackhi_epi16(x01, x23);
}

/* `vectors` vectors of pixels from `first` on, those of a narrow block with the pixels `further` on; of
 * a square window of `side` 3 or 5, columns `stride` apart: a column's taps are interleaved once for
 * all pixels that see it. Half the channels at a time, so that their weights stay in registers. All but
 * `b`, `first` and `further` are constants. */
KRN_AVX512_INLINE void together(const size_t vectors, const size_t side, const size_t stride,
                                const block *b, size_t first, size_t further, reading r) {
  const float *scale = (const float *)b->bias + WIDTH;
  const int8_t *const *rows = b->job->rows + first * stride * side;
  r.ahead = further * stride * side;
  krn_int512 words[VECTORS][2];
  KRN_UNROLL for (size_t half = 0; half < 2; half++) {
    const int8_t *w = (const int8_t *)(scale + WIDTH) + half * 2 * WIDTH;
    krn_int512 sum[VECTORS][2], quad[2];
    for (size_t p = 0; p < vectors; p++)
      for (size_t v = 0; v < 2; v++)
        sum[p][v] = _mm512_loadu_si512(b->bias + 32 * half + 16 * v);
    KRN_UNROLL for (size_t column = 0; column < (vectors - 1) * stride + side; column++) {
      interleave_half(rows + column * side, side < 4 ? side : 4, 1, b->c, half, r, quad);
      KRN_UNROLL for (size_t p = 0; p < vectors; p++)
        if (column >= p * stride && column - p * stride < side)
          add_half(sum[p], quad, w + (column - p * stride) * 4 * WIDTH);
    }
    if (side == 5) /* the fifth row of each column */
      KRN_UNROLL for (size_t p = 0; p < vectors; p++) {
        const int8_t *const *row = rows + p * stride * side + 4;
        interleave_half(row, 4, 5, b->c, half, r, quad);
        add_half(sum[p], quad, w + 5 * 4 * WIDTH);
        interleave_half(row + 20, 1, 1, b->c, half, r, quad);
        add_half(sum[p], quad, w + 6 * 4 * WIDTH);
      }
    for (size_t p = 0; p < vectors; p++) {
      krn_int512 x[2];
      for (size_t v = 0; v < 2; v++)
        x[v] = krn_scaled(sum[p][v], _mm512_loadu_ps(scale + 32 * half + 16 * v));
      words[p][half] = krn_words32(x, b->output);
    }
  }
  for (size_t p = 0; p < vectors; p++)
    store_bytes(place(b, first + p), place(b, first + p + further),
                krn_bytes_of_words(words[p][0], words[p][1], b->output), r);
}

/* All pixels, up to `most` vectors of them at a time. */
KRN_AVX512_INLINE void all_together(const size_t most, const size_t side, const size_t stride,
                                    const block *b, const reading r) {
  const size_t pixels = r.count == WIDTH ? 1 : 2; /* of a vector */
  const size_t full = pixels * most;
  size_t p = 0;
  for (; p + full <= b->job->pixels; p += full)
    together(most, side, stride, b, p, pixels == 1 ? 0 : most, r);
  while (p < b->job->pixels) {
    size_t vectors = (b->job->pixels - p) / pixels;
    switch (vectors) {
    case 3: together(3, side, stride, b, p, pixels == 1 ? 0 : 3, r); break;
    case 2: together(2, side, stride, b, p, pixels == 1 ? 0 : 2, r); break;
    case 1: together(1, side, stride, b, p, pixels == 1 ? 0 : 1, r); break;
    default: together(1, side, stride, b, p, 0, r); break;
    }
    p += vectors == 0 ? 1 : pixels * vectors;
  }
}

#define ROW(side, stride, most, count, flipped)                                                    \
  KRN_AVX512 static void row_##side##x##stride##_##count##_##flipped(const block *b) {             \
    KRN_ALIGN_STACK                                                                                \
    all_together(most, side, stride, b, (reading){count, 0, flipped, 0});                          \
  }
#define ROWS(count, flipped)                                                                       \
  ROW(3, 1, 4, count, flipped) ROW(3, 2, 2, count, flipped)                                        \
  ROW(5, 1, 4, count, flipped) ROW(5, 2, 2, count, flipped)
ROWS(64, 0) ROWS(64, 1) ROWS(32, 0) ROWS(32, 1)

typedef void row_fn(const block *b);

static row_fn *const rows_of[4][2][2] = {
    {{row_3x1_32_0, row_3x1_32_1}, {row_3x1_64_0, row_3x1_64_1}},
    {{row_3x2_32_0, row_3x2_32_1}, {row_3x2_64_0, row_3x2_64_1}},
    {{row_5x1_32_0, row_5x1_32_1}, {row_5x1_64_0, row_5x1_64_1}},
    {{row_5x2_32_0, row_5x2_32_1}, {row_5x2_64_0, row_5x2_64_1}},
};

/* The place in `rows_of` of a window whose columns neighbours share; -1 if it has none. */
static int window_of(const krn_dwconv_s8_job *job) {
  if (job->taps == 9) return job->row_step == 3 ? 0 : job->row_step == 6 ? 1 : -1;
  if (job->taps == 25) return job->row_step == 5 ? 2 : job->row_step == 10 ? 3 : -1;
  return -1;
}

/* Any block of any window, a vector at a time. */
KRN_AVX512 static void slowly(const block *b, size_t count) {
  const int flipped = b->job->in_flip != 0;
  if (count == WIDTH)
    all_apart(b, (reading){WIDTH, 0, flipped, 1});
  else if (count == NARROW)
    all_apart(b, (reading){NARROW, 0, flipped, 1});
  else
    all_apart(b, (reading){count, 0, flipped, 1});
}

KRN_AVX512_INLINE int any_large(const float *scale) {
  krn_float512 factor[4];
  for (size_t v = 0; v < 4; v++) factor[v] = _mm512_loadu_ps(scale + 16 * v);
  return krn_any_large(factor, 4);
}

KRN_AVX512 void krn_dwconv_s8__avx512vnni(const krn_dwconv_s8_job *job) {
  const krn_output_avx512 o = krn_output_avx512_of(job->output, job->out_flip);
  const int window = window_of(job);
  const char *packed = job->packed;
  span channels;
  for (size_t i = 0; (channels = block_at(i, job->channels)).width > 0; i++) {
    const block b = {job, (const int32_t *)packed, channels.first, &o};
    size_t count = job->channels < channels.width ? job->channels : channels.width;
    if (window < 0 || count < NARROW || any_large((const float *)(b.bias + WIDTH)))
      slowly(&b, count);
    else
      rows_of[window][count == WIDTH][job->in_flip != 0](&b);
    packed += block_bytes(job->taps);
  }
}
#endif
