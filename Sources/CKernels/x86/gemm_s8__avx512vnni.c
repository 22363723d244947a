#if defined(__x86_64__)
#include "avx512.h"

#include "../variants.h"

/* vpdpbusd: unsigned by signed bytes, four products a 32-bit lane, sums modulo 2^32; tiles of up to
 * 12 rows by 32 outputs. Activations become unsigned by adding 128, which 128 * sum of weights,
 * taken off the packed bias, makes good.
 *
 * Packed: panels of 32 outputs, the last of 16 if no more than 16 are left, outputs past the end
 * zero. A panel is bias, scale, then for each four k the four weights of each output side by side;
 * depth is rounded up to 4 with zeros. */

enum { ROWS = 12, BLOCK_BYTES = 65536 };

static size_t panel_bytes(size_t width, size_t depth) {
  return width * (sizeof(int32_t) + sizeof(float) + (depth + 3) / 4 * 4);
}

size_t krn_gemm_s8_packed_size__avx512vnni(size_t outputs, size_t depth) {
  size_t rest = outputs % 32;
  return outputs / 32 * panel_bytes(32, depth) +
         (rest == 0 ? 0 : panel_bytes(rest <= 16 ? 16 : 32, depth));
}

void krn_gemm_s8_pack__avx512vnni(size_t outputs, size_t depth, const int8_t *weights,
                                  const int32_t *bias, const float *scale, void *packed) {
  char *panel = packed;
  for (size_t n = 0; n < outputs;) {
    size_t width = outputs - n <= 16 ? 16 : 32;
    int32_t *panel_bias = (int32_t *)panel;
    float *panel_scale = (float *)(panel_bias + width);
    int8_t *w = (int8_t *)(panel_scale + width);
    for (size_t i = 0; i < width; i++) {
      int real = n + i < outputs;
      int32_t sum = 0;
      for (size_t k = 0; k < (depth + 3) / 4 * 4; k++) {
        int8_t weight = real && k < depth ? weights[(n + i) * depth + k] : 0;
        w[k / 4 * 4 * width + 4 * i + k % 4] = weight;
        sum += weight;
      }
      panel_bias[i] = real ? (int32_t)((uint32_t)bias[n + i] - 128u * (uint32_t)sum) : 0;
      panel_scale[i] = real ? scale[n + i] : 0;
    }
    panel += panel_bytes(width, depth);
    n += width;
  }
}

/* Adds 128 to rows of bytes, `quads` four-byte groups a row. */
KRN_AVX512_INLINE void offset(size_t rows, size_t depth, const int8_t *a, size_t a_stride,
                              int32_t *quad, size_t quads) {
  const __m256i sign = _mm256_set1_epi8(-128);
  for (size_t m = 0; m < rows; m++, a += a_stride, quad += quads) {
    char *bytes = (char *)quad;
    size_t k = 0;
    for (; k + 32 <= depth; k += 32) {
      __m256i x = _mm256_loadu_si256((const __m256i *)(a + k));
      _mm256_storeu_si256((__m256i *)(bytes + k), _mm256_xor_si256(x, sign));
    }
    for (; k < depth; k++) bytes[k] = (char)(a[k] ^ -128);
    for (; k < 4 * quads; k++) bytes[k] = 0;
  }
}

/* `rows` rows by 16 * `vectors` outputs of which `count` exist; constants after inlining. */
KRN_AVX512_INLINE void tile(const size_t rows, const size_t vectors, const int32_t *quad,
                            size_t quads, const void *panel, int8_t *out, size_t out_stride,
                            size_t count, krn_output_s8 output) {
  const int32_t *bias = panel;
  const float *scale = (const float *)(bias + 16 * vectors);
  const int8_t *w = (const int8_t *)(scale + 16 * vectors);
  krn_int512 sum[ROWS][2];
  for (size_t m = 0; m < rows; m++)
    for (size_t v = 0; v < vectors; v++) sum[m][v] = _mm512_loadu_si512(bias + 16 * v);
  for (size_t j = 0; j < quads; j++, w += 64 * vectors) {
    krn_int512 weights[2];
    for (size_t v = 0; v < vectors; v++) weights[v] = _mm512_loadu_si512(w + 64 * v);
    for (size_t m = 0; m < rows; m++) {
      krn_int512 x = _mm512_set1_epi32(quad[m * quads + j]);
      for (size_t v = 0; v < vectors; v++)
        sum[m][v] = _mm512_dpbusd_epi32(sum[m][v], x, weights[v]);
    }
  }
  krn_float512 low = _mm512_set1_ps((float)(output.low - output.zero_point));
  krn_float512 high = _mm512_set1_ps((float)(output.high - output.zero_point));
  krn_int512 zero = _mm512_set1_epi32(output.zero_point);
  for (size_t v = 0; v < vectors && 16 * v < count; v++) {
    krn_float512 factor = _mm512_loadu_ps(scale + 16 * v);
    for (size_t m = 0; m < rows; m++) {
      krn_float512 real = _mm512_mul_ps(_mm512_cvtepi32_ps(sum[m][v]), factor);
      krn_float512 limited = _mm512_min_ps(_mm512_max_ps(real, low), high);
      krn_int512 integer = _mm512_add_epi32(_mm512_cvtps_epi32(limited), zero);
      krn_store_avx2(out + m * out_stride + 16 * v, _mm512_cvtsepi32_epi8(integer),
                     count - 16 * v < 16 ? count - 16 * v : 16);
    }
  }
}

typedef void tile_fn(const int32_t *quad, size_t quads, const void *panel, int8_t *out,
                     size_t out_stride, size_t count, krn_output_s8 output);

#define TILE(rows, vectors)                                                                        \
  KRN_AVX512 static void tile##rows##x##vectors(const int32_t *quad, size_t quads,                 \
                                                const void *panel, int8_t *out, size_t out_stride, \
                                                size_t count, krn_output_s8 output) {              \
    tile(rows, vectors, quad, quads, panel, out, out_stride, count, output);                       \
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
  size_t fitting = BLOCK_BYTES / sizeof(int32_t) / quads;
  size_t wanted = 16384 / outputs < 48 ? 48 : 16384 / outputs;
  size_t rows = fitting < wanted ? fitting : wanted;
  return rows >= ROWS ? rows - rows % ROWS : rows;
}

KRN_AVX512 void krn_gemm_s8__avx512vnni(const krn_gemm_s8_job *job) {
  int32_t quad[BLOCK_BYTES / sizeof(int32_t)] __attribute__((aligned(64)));
  size_t quads = (job->depth + 3) / 4;
  size_t block = block_rows(quads, job->outputs);
  for (size_t top = 0; top < job->rows; top += block) {
    size_t rows = job->rows - top < block ? job->rows - top : block;
    offset(rows, job->depth, job->a + top * job->a_stride, job->a_stride, quad, quads);
    const char *panel = job->packed;
    for (size_t n = 0; n < job->outputs;) {
      size_t left = job->outputs - n, vectors = left <= 16 ? 1 : 2;
      size_t count = left < 16 * vectors ? left : 16 * vectors;
      for (size_t m = 0; m < rows;) {
        size_t height = next_rows(rows - m);
        int8_t *out = job->out + (top + m) * job->out_stride + n;
        tiles[vectors - 1][height - 1](quad + m * quads, quads, panel, out, job->out_stride, count,
                                       job->output);
        m += height;
      }
      panel += panel_bytes(16 * vectors, job->depth);
      n += 16 * vectors;
    }
  }
}
#endif
