#if defined(__x86_64__)
#include "avx512.h"

#include "../variants.h"

/* vpdpbusd over four taps, a quad: their bytes are interleaved, so that a 32-bit lane holds a
 * channel's four, and meet the channel's four weights. Activations become unsigned by adding 128,
 * which 128 * sum of weights, taken off the packed bias, makes good. Where the pointers of
 * neighbouring pixels are the same ones, as those of a column of a window are, quads are columns and
 * interleaved once for all the pixels that see them.
 *
 * Packed: blocks of 64 channels, then perhaps one of 32. The last block overlaps the one before it
 * if channels are no multiple of its width; with fewer than 32 channels the rest of the only one is
 * zero. A block is bias, scale, then for each quad the four weights of each channel; missing taps
 * are zero. Channels stand in the order that interleaving 128-bit lanes makes and packing undoes. */

enum { PIXELS = 4 };

/* How the taps of a window make quads: runs of up to `tall` taps that begin `side` apart. Then, for
 * 25 taps, the fifth row of each column. */
typedef struct {
  size_t taps, side, tall, count;
} quads;

typedef struct {
  size_t first, count, stride;
} quad_taps;

static inline quads quads_of(size_t taps) {
  if (taps == 9) return (quads){9, 3, 3, 3};
  if (taps == 25) return (quads){25, 5, 4, 7};
  return (quads){taps, 4, 4, (taps + 3) / 4};
}

/* The taps of quad `g`. */
static inline quad_taps quad_at(quads all, size_t g) {
  if (all.taps == 25 && g == 5) return (quad_taps){4, 4, 5};
  if (all.taps == 25 && g == 6) return (quad_taps){24, 1, 1};
  size_t first = g * all.side, left = all.taps - first;
  return (quad_taps){first, left < all.tall ? left : all.tall, 1};
}

/* A block of channels: its first, its width, and where it begins in the packed bytes; width 0 after the
 * last. */
typedef struct {
  size_t first, width, offset;
} span;

static size_t block_bytes(size_t taps, size_t width) {
  return width * (sizeof(int32_t) + sizeof(float) + 4 * quads_of(taps).count);
}

static span block_at(size_t b, size_t taps, size_t channels) {
  size_t whole = channels / 64, rest = channels % 64;
  size_t offset = (b < whole ? b : whole) * block_bytes(taps, 64);
  if (b < whole) return (span){64 * b, 64, offset};
  /* one of 32 takes the rest, two of 32 do if there is none of 64 to overlap, else one of 64 */
  if (rest == 0) return (span){channels, 0, offset};
  size_t last = b - whole;
  if (rest <= 32)
    return last > 0 ? (span){channels, 0, offset + block_bytes(taps, 32)}
                    : (span){channels < 32 ? 0 : channels - 32, 32, offset};
  if (whole > 0)
    return last > 0 ? (span){channels, 0, offset + block_bytes(taps, 64)}
                    : (span){channels - 64, 64, offset};
  offset += (last < 2 ? last : 2) * block_bytes(taps, 32);
  return last > 1 ? (span){channels, 0, offset} : (span){last == 0 ? 0 : channels - 32, 32, offset};
}

/* The channel within a block that stands at lane `i`, four lanes to each 128 bits: interleaving
 * leaves channels 16 l + 4 v ... 16 l + 4 v + 3 to 128-bit lane l of vector v. */
static size_t channel_at(size_t i, size_t width) {
  size_t lanes = width / 4, v = i / lanes, l = i % lanes / 4;
  return 16 * l + 4 * v + i % 4;
}

size_t krn_dwconv_s8_packed_size__avx512vnni(size_t taps, size_t channels) {
  size_t b = 0;
  while (block_at(b, taps, channels).width > 0) b++;
  return block_at(b, taps, channels).offset;
}

/* The weights of a quad of taps, the first tap's at `row`, of the first `real` of 64 channels, the others zero. They are
 * interleaved, four of each channel: 128-bit lane l of vector v has those of channels 16 l + 4 v and on. */
KRN_AVX512_INLINE void load_quad(const int8_t *row, quad_taps taps, size_t channels, size_t real,
                                 krn_int512 quad[4]) {
  krn_int512 tap[4];
  for (size_t t = 0; t < 4; t++) {
    const int8_t *from = row + t * taps.stride * channels;
    if (t < taps.count && real == 64) {
      tap[t] = _mm512_loadu_si512(from);
    } else {
      int8_t bytes[64] = {0};
      if (t < taps.count) memcpy(bytes, from, real);
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
                                  const int8_t *weights, int8_t *w, int32_t sums[64]) {
  const krn_int512 ones = _mm512_set1_epi8(1);
  krn_int512 sum[4], quad[4];
  for (size_t v = 0; v < 4; v++) sum[v] = _mm512_set1_epi32(0);
  for (size_t g = 0; g < all.count; g++) {
    quad_taps taps = quad_at(all, g);
    load_quad(weights + taps.first * channels + block.first, taps, channels, real, quad);
    for (size_t v = 0; v < 4; v++, w += block.width) {
      memcpy(w, &quad[v], block.width); /* of a block of 32, the half that has its channels */
      sum[v] = _mm512_dpbusd_epi32(sum[v], ones, quad[v]);
    }
  }
  for (size_t v = 0; v < 4; v++) memcpy(sums + v * block.width / 4, &sum[v], block.width);
}

void krn_dwconv_s8_pack__avx512vnni(size_t taps, size_t channels, const int8_t *weights,
                                    const int32_t *bias, const float *scale, void *packed) {
  quads all = quads_of(taps);
  span block;
  for (size_t b = 0; (block = block_at(b, taps, channels)).width > 0; b++) {
    size_t left = channels - block.first, real = left < block.width ? left : block.width;
    int32_t *block_bias = (int32_t *)((char *)packed + block.offset);
    float *block_scale = (float *)(block_bias + block.width);
    int32_t sums[64];
    pack_block(all, block, channels, real, weights, (int8_t *)(block_scale + block.width), sums);
    for (size_t i = 0; i < block.width; i++) {
      size_t c = block.first + channel_at(i, block.width);
      uint32_t offset = 128u * (uint32_t)sums[i];
      block_bias[i] = c < channels ? (int32_t)((uint32_t)bias[c] - offset) : 0;
      block_scale[i] = c < channels ? scale[c] : 0;
    }
  }
}

#define VECTOR 64
#define NAME(function) function##64
#define vector krn_int512
#define floats krn_float512
#define V(name) _mm512_##name
#define VI(name) _mm512_##name##_si512
#include "dwconv_s8__avx512vnni.h"

#define VECTOR 32
#define NAME(function) function##32
#define vector __m256i
#define floats __m256
#define V(name) _mm256_##name
#define VI(name) _mm256_##name##_si256
#include "dwconv_s8__avx512vnni.h"

KRN_AVX512 void krn_dwconv_s8__avx512vnni(const krn_dwconv_s8_job *job) {
  span block;
  for (size_t b = 0; (block = block_at(b, job->taps, job->channels)).width > 0; b++) {
    const char *packed = (const char *)job->packed + block.offset;
    if (block.width == 64) {
      block64(job, packed, block.first);
    } else if (job->channels >= 32) {
      block32(job, packed, block.first);
    } else {
      for (size_t p = 0; p < job->pixels; p++) apart32(1, job, p, packed, 0, job->channels);
    }
  }
}
#endif
