#if defined(__x86_64__)
#include "avx2.h"

#include "../variants.h"

/* vpmaddwd on 16-bit pairs (exact: |a w + a' w'| <= 2^15), tiles of up to 6 rows by 16 outputs.
 *
 * Packed: panels of 16 outputs, the last of 8 if no more than 8 are left, outputs past the end
 * zero. A panel is bias, scale, then for each pair k, k + 1 the panel's outputs' two weights, side
 * by side; depth is rounded up to a pair with a zero. A panel of 16 holds its outputs in the order
 * 0-3 8-11 4-7 12-15, which the packing instructions of the last step put right.
 *
 * A block of rows is widened to 16 bits on the stack, so that a pair of it can be broadcast by a
 * load. */

enum { ROWS = 6, BLOCK_BYTES = 65536 };

static const uint8_t order16[16] = {0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15};

static size_t panel_bytes(size_t width, size_t depth) {
  return width * (sizeof(int32_t) + sizeof(float) + 2 * ((depth + 1) / 2));
}

size_t krn_gemm_s8_packed_size__avx2(size_t outputs, size_t depth) {
  size_t rest = outputs % 16;
  return outputs / 16 * panel_bytes(16, depth) +
         (rest == 0 ? 0 : panel_bytes(rest <= 8 ? 8 : 16, depth));
}

/* Columns k ..< k + 16 of eight rows: the pair of each row, one after the other, is a row of `w`. */
KRN_AVX2_INLINE void pack_pairs(const int8_t *const row[8], size_t k, int8_t *w, size_t stride) {
  __m128i a[8], b[8];
  for (size_t i = 0; i < 8; i++) a[i] = _mm_loadu_si128((const __m128i *)(row[i] + k));
  for (size_t i = 0; i < 4; i++) { /* rows 2 i and 2 i + 1: pairs 0-3, then 4-7 */
    b[i] = _mm_unpacklo_epi16(a[2 * i], a[2 * i + 1]);
    b[i + 4] = _mm_unpackhi_epi16(a[2 * i], a[2 * i + 1]);
  }
  for (size_t half = 0; half < 8; half += 4)
    for (size_t i = 0; i < 2; i++) { /* four rows, pairs 0 and 1, then 2 and 3 */
      a[half + i] = _mm_unpacklo_epi32(b[half + 2 * i], b[half + 2 * i + 1]);
      a[half + i + 2] = _mm_unpackhi_epi32(b[half + 2 * i], b[half + 2 * i + 1]);
    }
  for (size_t i = 0; i < 4; i++) {
    const __m128i *both = a + 2 * i;
    _mm_storeu_si128((__m128i *)(w + 2 * i * stride), _mm_unpacklo_epi64(both[0], both[1]));
    _mm_storeu_si128((__m128i *)(w + (2 * i + 1) * stride), _mm_unpackhi_epi64(both[0], both[1]));
  }
}

KRN_AVX2 void krn_gemm_s8_pack__avx2(size_t outputs, size_t depth, const int8_t *weights,
                                     const int32_t *bias, const float *scale, void *packed) {
  char *panel = packed;
  for (size_t n = 0; n < outputs;) {
    size_t width = outputs - n <= 8 ? 8 : 16;
    int32_t *panel_bias = (int32_t *)panel;
    float *panel_scale = (float *)(panel_bias + width);
    int8_t *w = (int8_t *)(panel_scale + width);
    const int8_t *row[16];
    for (size_t i = 0; i < width; i++) {
      size_t output = n + (width == 16 ? order16[i] : i);
      int real = output < outputs;
      panel_bias[i] = real ? bias[output] : 0;
      panel_scale[i] = real ? scale[output] : 0;
      row[i] = real ? weights + output * depth : NULL;
    }
    size_t k = 0;
    if (n + width <= outputs)
      for (; k + 16 <= depth; k += 16)
        for (size_t i = 0; i < width; i += 8) pack_pairs(row + i, k, w + k * width + 2 * i, 2 * width);
    for (; k < depth; k += 2)
      for (size_t i = 0; i < width; i++) {
        int8_t *both = w + k * width + 2 * i;
        both[0] = row[i] ? row[i][k] : 0;
        both[1] = row[i] && k + 1 < depth ? row[i][k + 1] : 0;
      }
    panel += panel_bytes(width, depth);
    n += width;
  }
}

/* Widens rows to pairs of 16 bits, `pairs` of them a row. */
KRN_AVX2_INLINE void widen(size_t rows, size_t depth, const int8_t *a, size_t a_stride,
                           int32_t *pair, size_t pairs) {
  for (size_t m = 0; m < rows; m++, a += a_stride, pair += pairs) {
    size_t k = 0;
    for (; k + 16 <= depth; k += 16) {
      __m128i bytes = _mm_loadu_si128((const __m128i *)(a + k));
      _mm256_storeu_si256((__m256i *)(pair + k / 2), _mm256_cvtepi8_epi16(bytes));
    }
    if (depth >= 16 && k + 2 <= depth) { /* once more, overlapping what is done */
      k = depth / 2 * 2;
      __m128i bytes = _mm_loadu_si128((const __m128i *)(a + k - 16));
      _mm256_storeu_si256((__m256i *)(pair + k / 2 - 8), _mm256_cvtepi8_epi16(bytes));
    }
    for (; k < depth; k += 2) {
      int32_t second = k + 1 < depth ? a[k + 1] : 0;
      pair[k / 2] = (int32_t)((uint32_t)(uint16_t)a[k] | (uint32_t)second << 16);
    }
  }
}

KRN_AVX2_INLINE void finish(const size_t rows, const size_t vectors, __m256i sum[ROWS][2],
                            const float *scale, int8_t *out, size_t out_stride, size_t count,
                            const krn_output_avx2 *o) {
  __m256 factor[2];
  for (size_t v = 0; v < vectors; v++) factor[v] = _mm256_loadu_ps(scale + 8 * v);
  for (size_t m = 0; m < rows; m++, out += out_stride) {
    __m256i first = krn_scale_avx2(sum[m][0], factor[0], o);
    __m128i bytes = vectors == 1
                        ? krn_bytes8_avx2(first, o)
                        : krn_bytes16_avx2(first, krn_scale_avx2(sum[m][1], factor[1], o), o);
    krn_store_avx2(out, bytes, count);
  }
}

/* `rows` rows by 8 * `vectors` outputs of which `count` exist; constants after inlining. */
KRN_AVX2_INLINE void tile(const size_t rows, const size_t vectors, const int32_t *pair,
                          size_t pairs, const void *panel, int8_t *out, size_t out_stride,
                          size_t count, const krn_output_avx2 *o) {
  const __m256i *bias = panel;
  const float *scale = (const float *)(bias + vectors);
  const __m128i *w = (const __m128i *)(scale + 8 * vectors);
  __m256i sum[ROWS][2];
  for (size_t m = 0; m < rows; m++)
    for (size_t v = 0; v < vectors; v++) sum[m][v] = _mm256_loadu_si256(bias + v);
  for (size_t j = 0; j < pairs; j++, w += vectors) {
    __m256i wide[2];
    for (size_t v = 0; v < vectors; v++) wide[v] = _mm256_cvtepi8_epi16(_mm_loadu_si128(w + v));
    for (size_t m = 0; m < rows; m++) {
      __m256i both = _mm256_set1_epi32(pair[m * pairs + j]);
      for (size_t v = 0; v < vectors; v++)
        sum[m][v] = _mm256_add_epi32(sum[m][v], _mm256_madd_epi16(both, wide[v]));
    }
  }
  if (count == 8 * vectors) { /* a constant, too: no branch a row */
    finish(rows, vectors, sum, scale, out, out_stride, 8 * vectors, o);
  } else {
    finish(rows, vectors, sum, scale, out, out_stride, count, o);
  }
}

typedef void tile_fn(const int32_t *pair, size_t pairs, const void *panel, int8_t *out,
                     size_t out_stride, size_t count, const krn_output_avx2 *o);

#define TILE(rows, vectors)                                                                        \
  KRN_AVX2 static void tile##rows##x##vectors(const int32_t *pair, size_t pairs,                   \
                                              const void *panel, int8_t *out, size_t out_stride,   \
                                              size_t count, const krn_output_avx2 *o) {            \
    tile(rows, vectors, pair, pairs, panel, out, out_stride, count, o);                            \
  }
TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1)
TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2)

static tile_fn *const tiles[2][ROWS] = {
    {tile1x1, tile2x1, tile3x1, tile4x1, tile5x1, tile6x1},
    {tile1x2, tile2x2, tile3x2, tile4x2, tile5x2, tile6x2},
};

/* The next tile's height of `left` rows: full ones, the last two of about the same height. */
static size_t next_rows(size_t left) {
  return left >= 2 * ROWS ? ROWS : left > ROWS ? (left + 1) / 2 : left;
}

/* Rows widened at a time: as many as fit, but few enough that their output stays in the first cache
 * while the panels pass over it, unless the weights then were read too often. */
static size_t block_rows(size_t pairs, size_t outputs) {
  size_t fitting = BLOCK_BYTES / sizeof(int32_t) / pairs;
  size_t wanted = 16384 / outputs < 48 ? 48 : 16384 / outputs;
  size_t rows = fitting < wanted ? fitting : wanted;
  return rows >= ROWS ? rows - rows % ROWS : rows;
}

KRN_AVX2 void krn_gemm_s8__avx2(const krn_gemm_s8_job *job) {
  int32_t pair[BLOCK_BYTES / sizeof(int32_t)] __attribute__((aligned(64)));
  krn_output_avx2 o = krn_output_avx2_of(job->output);
  size_t pairs = (job->depth + 1) / 2;
  size_t block = block_rows(pairs, job->outputs);
  for (size_t top = 0; top < job->rows; top += block) {
    size_t rows = job->rows - top < block ? job->rows - top : block;
    widen(rows, job->depth, job->a + top * job->a_stride, job->a_stride, pair, pairs);
    const char *panel = job->packed;
    for (size_t n = 0; n < job->outputs;) {
      size_t left = job->outputs - n, vectors = left <= 8 ? 1 : 2;
      size_t count = left < 8 * vectors ? left : 8 * vectors;
      for (size_t m = 0; m < rows;) {
        size_t height = next_rows(rows - m);
        int8_t *out = job->out + (top + m) * job->out_stride + n;
        tiles[vectors - 1][height - 1](pair + m * pairs, pairs, panel, out, job->out_stride, count,
                                       &o);
        m += height;
      }
      panel += panel_bytes(8 * vectors, job->depth);
      n += 8 * vectors;
    }
  }
}
#endif
