#if defined(__x86_64__)
#include "avx512.h"

#include "../variants.h"

/* vpdpbusd: unsigned by signed bytes, four products a 32-bit lane, sums modulo 2^32; tiles of up to
 * 12 rows by 32 outputs. Activations become unsigned by adding 128, unless they are so already, which
 * 128 * sum of weights, taken off the packed bias, makes good. Bytes are made of two rows of 32 outputs or four of 16 at a
 * time, a whole vector of them.
 *
 * Packed: panels of 32 outputs, the last of 16 if no more than 16 are left, outputs past the end
 * zero. A panel is bias, scale, then for each four k the four weights of each output side by side;
 * depth is rounded up to 4 with zeros. The outputs of a panel of 32 stand in the order that packing
 * vectors of integers to bytes undoes. */

enum { ROWS = 12, BLOCK_BYTES = 65536 };

static size_t panel_bytes(size_t width, size_t depth) {
  return width * (sizeof(int32_t) + sizeof(float) + (depth + 3) / 4 * 4);
}

size_t krn_gemm_s8_packed_size__avx512vnni(size_t outputs, size_t depth) {
  size_t rest = outputs % 32;
  return outputs / 32 * panel_bytes(32, depth) +
         (rest == 0 ? 0 : panel_bytes(rest <= 16 ? 16 : 32, depth));
}

/* The output of a panel that stands at lane `i`: vector 0 of two has four of each eight. */
static size_t output_at(size_t i, size_t width) {
  return width == 32 ? i % 16 / 4 * 8 + i / 16 * 4 + i % 4 : i;
}

/* Columns k ... k + 15 of 16 rows: vector q of `quad` has the four weights k + 4 q ... of each row side by side,
 * row by row. */
KRN_AVX512_INLINE void load_quads(const int8_t *const row[16], size_t k, krn_int512 quad[4]) {
  krn_int512 four[4], pair[4];
  for (size_t r = 0; r < 4; r++) { /* rows r, 4 + r, 8 + r and 12 + r, 128 bits each */
    __m128i part[4];
    for (size_t l = 0; l < 4; l++) part[l] = _mm_loadu_si128((const __m128i *)(row[4 * l + r] + k));
    __m256i first = _mm256_inserti128_si256(_mm256_castsi128_si256(part[0]), part[1], 1);
    __m256i second = _mm256_inserti128_si256(_mm256_castsi128_si256(part[2]), part[3], 1);
    four[r] = _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
  }
  for (size_t i = 0; i < 2; i++) {
    pair[i] = _mm512_unpacklo_epi32(four[2 * i], four[2 * i + 1]);
    pair[i + 2] = _mm512_unpackhi_epi32(four[2 * i], four[2 * i + 1]);
  }
  for (size_t i = 0; i < 4; i += 2) {
    quad[i] = _mm512_unpacklo_epi64(pair[i], pair[i + 1]);
    quad[i + 1] = _mm512_unpackhi_epi64(pair[i], pair[i + 1]);
  }
}

/* Packs the weights of 16 outputs, those of `row`, into a panel of `width`, and adds them up. A row that is NULL
 * counts as zeros. */
KRN_AVX512 static void pack_vector(const int8_t *const row[16], size_t depth, size_t width, int8_t *w,
                                   int32_t sums[16]) {
  static const int8_t zeros[16];
  const krn_int512 ones = _mm512_set1_epi8(1);
  krn_int512 sum = _mm512_set1_epi32(0), quad[4];
  int all = 1;
  for (size_t i = 0; i < 16; i++) all = all && row[i];
  for (size_t k = 0; k < depth; k += 16, w += 16 * width) {
    size_t left = depth - k < 16 ? depth - k : 16;
    if (all && left == 16) {
      load_quads(row, k, quad);
    } else {
      int8_t edge[16][16] = {{0}};
      const int8_t *start[16];
      for (size_t i = 0; i < 16; i++) {
        if (row[i]) memcpy(edge[i], row[i] + k, left);
        start[i] = row[i] ? edge[i] : zeros;
      }
      load_quads(start, 0, quad);
    }
    for (size_t q = 0; 4 * q < left; q++) {
      _mm512_storeu_si512(w + 4 * q * width, quad[q]);
      sum = _mm512_dpbusd_epi32(sum, ones, quad[q]);
    }
  }
  _mm512_storeu_si512(sums, sum);
}

void krn_gemm_s8_pack__avx512vnni(size_t outputs, size_t depth, const int8_t *weights,
                                  const int32_t *bias, const float *scale, void *packed) {
  char *panel = packed;
  for (size_t n = 0; n < outputs;) {
    size_t width = outputs - n <= 16 ? 16 : 32;
    int32_t *panel_bias = (int32_t *)panel;
    float *panel_scale = (float *)(panel_bias + width);
    int8_t *w = (int8_t *)(panel_scale + width);
    for (size_t first = 0; first < width; first += 16) {
      const int8_t *row[16];
      int32_t sums[16];
      for (size_t i = 0; i < 16; i++) {
        size_t output = n + output_at(first + i, width);
        row[i] = output < outputs ? weights + output * depth : NULL;
      }
      pack_vector(row, depth, width, w + 4 * first, sums);
      for (size_t i = 0; i < 16; i++) {
        size_t output = n + output_at(first + i, width);
        int real = output < outputs;
        uint32_t offset = 128u * (uint32_t)sums[i];
        panel_bias[first + i] = real ? (int32_t)((uint32_t)bias[output] - offset) : 0;
        panel_scale[first + i] = real ? scale[output] : 0;
      }
    }
    panel += panel_bytes(width, depth);
    n += width;
  }
}

/* Adds 128 to `count` bytes. */
KRN_AVX512_INLINE void offset_bytes(size_t count, const int8_t *a, int8_t *out) {
  const krn_int512 sign = _mm512_set1_epi8(-128);
  const __m128i sign16 = _mm_set1_epi8(-128);
  size_t k = 0;
  for (; k + 64 <= count; k += 64)
    _mm512_storeu_si512(out + k, _mm512_xor_si512(_mm512_loadu_si512(a + k), sign));
  for (; k < count; k += 16) {
    if (k + 16 > count) {
      if (count < 16) break;
      k = count - 16; /* some of them once more */
    }
    __m128i x = _mm_loadu_si128((const __m128i *)(a + k));
    _mm_storeu_si128((__m128i *)(out + k), _mm_xor_si128(x, sign16));
  }
  for (; k < count; k++) out[k] = (int8_t)(a[k] ^ -128);
}

/* Copies rows of bytes to rows of `step` bytes, a multiple of 4, and adds 128 unless that is done. */
KRN_AVX512_INLINE void offset(size_t rows, const krn_gemm_s8_job *job, const int8_t *a, int8_t *out,
                              size_t step) {
  size_t depth = job->depth;
  if (job->a_flip == 0 && job->a_stride == depth && depth == step) { /* nothing between the rows */
    offset_bytes(rows * depth, a, out);
    return;
  }
  for (size_t m = 0; m < rows; m++, a += job->a_stride, out += step) {
    memset(out + step - 4, 0, 4);
    if (job->a_flip == 0)
      offset_bytes(depth, a, out);
    else
      memcpy(out, a, depth);
  }
}

/* The first `count` bytes of 32. */
KRN_AVX512_INLINE void store32(int8_t *out, __m256i bytes, size_t count) {
  if (count == 32) {
    _mm256_storeu_si256((__m256i *)out, bytes);
    return;
  }
  size_t first = count < 16 ? count : 16;
  krn_store_avx2(out, _mm256_castsi256_si128(bytes), first);
  if (count > 16) krn_store_avx2(out + 16, _mm256_extracti128_si256(bytes, 1), count - 16);
}

/* `rows` rows by 16 * `vectors` outputs of which `count` exist; constants after inlining. */
KRN_AVX512_INLINE void tile(const size_t rows, const size_t vectors, const int8_t *a,
                            size_t a_stride, size_t quads, const void *panel, int8_t *out,
                            size_t out_stride, size_t count, const krn_output_avx512 *o) {
  const int32_t *bias = panel;
  const float *scale = (const float *)(bias + 16 * vectors);
  const int8_t *w = (const int8_t *)(scale + 16 * vectors);
  krn_int512 sum[ROWS][2];
  KRN_UNROLL for (size_t m = 0; m < rows; m++)
    KRN_UNROLL for (size_t v = 0; v < vectors; v++) sum[m][v] = _mm512_loadu_si512(bias + 16 * v);
  for (size_t j = 0; j < quads; j++, a += 4, w += 64 * vectors) {
    krn_int512 weights[2];
    KRN_UNROLL for (size_t v = 0; v < vectors; v++) weights[v] = _mm512_loadu_si512(w + 64 * v);
    KRN_UNROLL for (size_t m = 0; m < rows; m++) {
      int32_t quad;
      memcpy(&quad, a + m * a_stride, sizeof quad);
      krn_int512 x = _mm512_set1_epi32(quad);
      KRN_UNROLL for (size_t v = 0; v < vectors; v++)
        sum[m][v] = _mm512_dpbusd_epi32(sum[m][v], x, weights[v]);
    }
  }
  krn_float512 factor[2];
  KRN_UNROLL for (size_t v = 0; v < vectors; v++) factor[v] = _mm512_loadu_ps(scale + 16 * v);
  if (krn_any_large(factor, vectors)) {
    KRN_UNROLL for (size_t v = 0; v < vectors; v++) {
      KRN_UNROLL for (size_t m = 0; m < rows; m++)
        sum[m][v] = krn_limit_large(sum[m][v], factor[v]);
      factor[v] = _mm512_min_ps(factor[v], _mm512_set1_ps(KRN_LARGEST_FACTOR));
    }
  }
  if (vectors == 2) { /* two rows make a vector of bytes: eight of one, eight of the other, … */
    const krn_int512 order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    KRN_UNROLL for (size_t m = 0; m < rows; m += 2, out += 2 * out_stride) {
      const size_t n = m + 1 < rows ? m + 1 : m;
      krn_int512 x[4];
      KRN_UNROLL for (size_t v = 0; v < 2; v++) {
        x[v] = krn_scaled(sum[m][v], factor[v]);
        x[2 + v] = krn_scaled(sum[n][v], factor[v]);
      }
      krn_int512 bytes = _mm512_permutexvar_epi64(order, krn_bytes64(x, o));
      store32(out, _mm512_castsi512_si256(bytes), count);
      if (n > m) store32(out + out_stride, _mm512_extracti64x4_epi64(bytes, 1), count);
    }
  } else { /* four rows do: four of each, … */
    const krn_int512 order =
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    KRN_UNROLL for (size_t m = 0; m < rows; m += 4, out += 4 * out_stride) {
      krn_int512 x[4];
      KRN_UNROLL for (size_t i = 0; i < 4; i++)
        x[i] = krn_scaled(sum[m + i < rows ? m + i : m][0], factor[0]);
      krn_int512 bytes = _mm512_permutexvar_epi32(order, krn_bytes64(x, o));
      krn_store_avx2(out, _mm512_castsi512_si128(bytes), count);
      if (m + 1 < rows)
        krn_store_avx2(out + out_stride, _mm512_extracti32x4_epi32(bytes, 1), count);
      if (m + 2 < rows)
        krn_store_avx2(out + 2 * out_stride, _mm512_extracti32x4_epi32(bytes, 2), count);
      if (m + 3 < rows)
        krn_store_avx2(out + 3 * out_stride, _mm512_extracti32x4_epi32(bytes, 3), count);
    }
  }
}

typedef void tile_fn(const int8_t *a, size_t a_stride, size_t quads, const void *panel, int8_t *out,
                     size_t out_stride, size_t count, const krn_output_avx512 *o);

#define TILE(rows, vectors)                                                                        \
  KRN_AVX512 static void tile##rows##x##vectors(                                                   \
      const int8_t *a, size_t a_stride, size_t quads, const void *panel, int8_t *out,              \
      size_t out_stride, size_t count, const krn_output_avx512 *o) {                               \
    tile(rows, vectors, a, a_stride, quads, panel, out, out_stride, count, o);                     \
  }
TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1)
TILE(7, 1) TILE(8, 1) TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1)
TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2)
TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)

static tile_fn *const tiles[2][ROWS] = {
    {tile1x1, tile2x1, tile3x1, tile4x1, tile5x1, tile6x1, tile7x1, tile8x1, tile9x1, tile10x1,
     tile11x1, tile12x1},
    {tile1x2, tile2x2, tile3x2, tile4x2, tile5x2, tile6x2, tile7x2, tile8x2, tile9x2, tile10x2,
     tile11x2, tile12x2},
};

/* The next tile's height of `left` rows: full ones, the last two of about the same height. */
static size_t next_rows(size_t left) {
  return left >= 2 * ROWS ? ROWS : left > ROWS ? (left + 1) / 2 : left;
}

/* Rows taken at a time: as many as fit, but few enough that their output stays in the first cache
 * while the panels pass over it, unless the weights then were read too often. */
static size_t block_rows(size_t quads, size_t outputs) {
  size_t fitting = BLOCK_BYTES / 4 / quads;
  size_t wanted = 16384 / outputs < 48 ? 48 : 16384 / outputs;
  size_t rows = fitting < wanted ? fitting : wanted;
  return rows >= ROWS ? rows - rows % ROWS : rows;
}

KRN_AVX512 void krn_gemm_s8__avx512vnni(const krn_gemm_s8_job *job) {
  int8_t copy[BLOCK_BYTES] __attribute__((aligned(64)));
  const krn_output_avx512 o = krn_output_avx512_of(job->output, job->out_flip);
  size_t quads = (job->depth + 3) / 4;
  /* Rows are read where they lie if they are unsigned and no group of four ends past them. */
  int in_place = job->a_flip != 0 && job->depth % 4 == 0;
  size_t block = block_rows(quads, job->outputs), step = in_place ? job->a_stride : 4 * quads;
  for (size_t top = 0; top < job->rows; top += block) {
    size_t rows = job->rows - top < block ? job->rows - top : block;
    const int8_t *a = job->a + top * job->a_stride;
    if (!in_place) {
      offset(rows, job, a, copy, step);
      a = copy;
    }
    const char *panel = job->packed;
    for (size_t n = 0; n < job->outputs;) {
      size_t left = job->outputs - n, vectors = left <= 16 ? 1 : 2;
      size_t count = left < 16 * vectors ? left : 16 * vectors;
      for (size_t m = 0; m < rows;) {
        size_t height = next_rows(rows - m);
        int8_t *out = job->out + (top + m) * job->out_stride + n;
        tiles[vectors - 1][height - 1](a + m * step, step, quads, panel, out, job->out_stride,
                                       count, &o);
        m += height;
      }
      panel += panel_bytes(16 * vectors, job->depth);
      n += 16 * vectors;
    }
  }
}
#endif
