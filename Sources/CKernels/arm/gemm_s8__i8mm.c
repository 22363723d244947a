#if defined(__aarch64__)
#define GROUP 8
#define COPIES 2 /* as the sums of two rows lie */
#include "gemm_s8__groups.h"

#include "../variants.h"

/* SMMLA: two rows of eight k by two outputs of eight k make four sums; tiles of up to three pairs
 * of rows by eight pairs of outputs, sixteen k a step. The rows of a block are zipped once for all
 * panels: of each pair eight k of the one beside eight k of the other, the pairs of a tile side by
 * side; depth is rounded up to 8 with zeros. */

enum { ROWS = 6, PAIRS = ROWS / 2, BLOCK_BYTES = 65536 };

#define I8MM __attribute__((target("arch=armv8.2-a+i8mm")))

static inline size_t place_of(size_t k, size_t depth) {
  (void)depth;
  return k;
}

static inline size_t rounded(size_t depth) { return (depth + GROUP - 1) / GROUP * GROUP; }

KRN_NEON_INLINE int8x16_t low_of(int8x16_t x, int8x16_t y) {
  return vreinterpretq_s8_s64(vzip1q_s64(vreinterpretq_s64_s8(x), vreinterpretq_s64_s8(y)));
}
KRN_NEON_INLINE int8x16_t high_of(int8x16_t x, int8x16_t y) {
  return vreinterpretq_s8_s64(vzip2q_s64(vreinterpretq_s64_s8(x), vreinterpretq_s64_s8(y)));
}

/* The last `depth` % 8 bytes of a row, zeros behind them. */
KRN_NEON_INLINE int8x8_t last_of(const int8_t *row, size_t depth) {
  const size_t rest = depth % GROUP;
  if (depth >= GROUP) {
    int64x1_t shift = vdup_n_s64(-8 * (int64_t)(GROUP - rest));
    return vreinterpret_s8_u64(vshl_u64(vreinterpret_u64_s8(vld1_s8(row + depth - GROUP)), shift));
  }
  int8_t all[GROUP] = {0};
  memcpy(all, row, rest);
  return vld1_s8(all);
}

/* Zips `pairs` pairs of rows, the last of `rows` perhaps with itself; `pairs` is a constant after
 * inlining. */
KRN_NEON_INLINE void zip(const size_t pairs, size_t rows, size_t depth, const int8_t *a,
                         size_t stride, int8_t *out) {
  const int8_t *row[ROWS];
  for (size_t m = 0; m < 2 * pairs; m++) row[m] = a + (m < rows ? m : m - 1) * stride;
  size_t k = 0;
  for (; k + 16 <= depth; k += 16, out += 32 * pairs) {
    for (size_t i = 0; i < pairs; i++) {
      int8x16_t x = vld1q_s8(row[2 * i] + k), y = vld1q_s8(row[2 * i + 1] + k);
      vst1q_s8(out + 16 * i, low_of(x, y));
      vst1q_s8(out + 16 * (pairs + i), high_of(x, y));
    }
  }
  if (k + 8 <= depth) {
    for (size_t i = 0; i < pairs; i++)
      vst1q_s8(out + 16 * i, vcombine_s8(vld1_s8(row[2 * i] + k), vld1_s8(row[2 * i + 1] + k)));
    k += 8;
    out += 16 * pairs;
  }
  if (k < depth) {
    for (size_t i = 0; i < pairs; i++)
      vst1q_s8(out + 16 * i,
               vcombine_s8(last_of(row[2 * i], depth), last_of(row[2 * i + 1], depth)));
  }
}

/* All of a block of rows; a tile of `rows` of them takes as many bytes as its pairs times twice the
 * rounded depth. */
static void zip_block(size_t rows, size_t depth, const int8_t *a, size_t stride, int8_t *zipped) {
  for (; rows >= ROWS; rows -= ROWS, a += ROWS * stride, zipped += ROWS * rounded(depth))
    zip(PAIRS, ROWS, depth, a, stride, zipped);
  switch ((rows + 1) / 2) {
  case 3: zip(3, rows, depth, a, stride, zipped); break;
  case 2: zip(2, rows, depth, a, stride, zipped); break;
  case 1: zip(1, rows, depth, a, stride, zipped); break;
  default: break;
  }
}

/* Near sums of a tile to bytes, plain output. A vector of bytes has two of one row beside two of
 * the other. */
KRN_NEON_INLINE void finish_near(const size_t rows, const size_t width,
                                 int32x4_t sum[PAIRS][WIDTH / 2], const float *scale, int8_t *out,
                                 size_t stride, const krn_output_neon *o) {
  int16x8_t words[PAIRS][4];
  for (size_t j = 0; j < width / 4; j++) {
    float32x4_t first = vld1q_f32(scale + 8 * j), second = vld1q_f32(scale + 8 * j + 4);
    for (size_t i = 0; i < (rows + 1) / 2; i++)
      words[i][j] = krn_near8_neon(sum[i][2 * j], sum[i][2 * j + 1], first, second, o->rounder);
  }
  for (size_t i = 0; i < (rows + 1) / 2; i++, out += 2 * stride) {
    int16x8_t x = vreinterpretq_s16_s8(vqmovn_high_s16(vqmovn_s16(words[i][0]), words[i][1]));
    int16x8_t y = x;
    if (width == WIDTH)
      y = vreinterpretq_s16_s8(vqmovn_high_s16(vqmovn_s16(words[i][2]), words[i][3]));
    krn_store_neon(out, vreinterpretq_s8_s16(vuzp1q_s16(x, y)), width);
    if (2 * i + 1 < rows)
      krn_store_neon(out + stride, vreinterpretq_s8_s16(vuzp2q_s16(x, y)), width);
  }
}

/* Any sums of a tile to bytes. */
KRN_NEON_INLINE void finish_any(const size_t rows, const size_t width,
                                int32x4_t sum[PAIRS][WIDTH / 2], const float *scale, int8_t *out,
                                size_t stride, size_t count, const krn_output_neon *o) {
  for (size_t m = 0; m < rows; m++, out += stride) {
    int32x4_t whole[4];
    for (size_t v = 0; v < 4; v++) {
      const size_t at = 2 * v % (width / 2);
      int64x2_t first = vreinterpretq_s64_s32(sum[m / 2][at]);
      int64x2_t second = vreinterpretq_s64_s32(sum[m / 2][at + 1]);
      int32x4_t row =
          vreinterpretq_s32_s64(m % 2 ? vzip2q_s64(first, second) : vzip1q_s64(first, second));
      whole[v] =
          krn_scale_neon(row, vcombine_f32(vld1_f32(scale + 4 * at), vld1_f32(scale + 4 * at + 4)));
    }
    krn_store_neon(out, krn_bytes16_neon(whole, o), count);
  }
}

/* What the tiles of a panel have in common. */
typedef struct {
  panel_parts parts;
  size_t groups, out_stride, count;
} panel;

/* `rows` zipped rows x by `width` outputs; constants after inlining, as is `easy`: all outputs
 * exist, are near and plain. */
I8MM KRN_NEON_INLINE void tile(const size_t rows, const size_t width, const int easy, const panel p,
                               const int8_t *x, int8_t *out, const krn_output_neon *o) {
  const size_t pairs = (rows + 1) / 2, vectors = width / 2;
  const int8_t *w = p.parts.weights;
  int32x4_t sum[PAIRS][WIDTH / 2];
  for (size_t i = 0; i < pairs; i++)
    for (size_t v = 0; v < vectors; v += 2)
      KRN_LOAD_PAIR_NEON(sum[i][v], sum[i][v + 1], p.parts.bias, 16 * v);
#define EIGHT(z)                                                                                   \
  for (size_t v = 0; v < vectors; v++, w += 16) {                                                  \
    int8x16_t y = vld1q_s8(w);                                                                     \
    for (size_t i = 0; i < pairs; i++) sum[i][v] = vmmlaq_s32(sum[i][v], (z)[i], y);               \
  }
  for (size_t g = p.groups / 2; g > 0; g--) {
    KRN_LOOP("gemm_s8 i8mm", rows * width * STEP);
    int8x16_t z[2 * PAIRS];
    for (size_t i = 0; i < 2 * pairs; i++, x += 16) z[i] = vld1q_s8(x);
    EIGHT(z) EIGHT(z + pairs)
  }
  if (p.groups % 2) {
    int8x16_t z[PAIRS];
    for (size_t i = 0; i < pairs; i++) z[i] = vld1q_s8(x + 16 * i);
    EIGHT(z)
  }
#undef EIGHT
  if (easy)
    finish_near(rows, width, sum, p.parts.scale, out, p.out_stride, o);
  else
    finish_any(rows, width, sum, p.parts.scale, out, p.out_stride, p.count, o);
}

/* `rows` rows of a panel; `width` and `easy` are constants after inlining. */
I8MM KRN_NEON_INLINE void panel_rows(const size_t width, const int easy, size_t rows, const panel p,
                                     const int8_t *x, int8_t *out, const krn_output_neon *o) {
  const size_t bytes = ROWS * GROUP * p.groups;
  for (; rows >= ROWS; rows -= ROWS, x += bytes, out += ROWS * p.out_stride)
    tile(ROWS, width, easy, p, x, out, o);
  switch (rows) {
  case 5: tile(5, width, easy, p, x, out, o); break;
  case 4: tile(4, width, easy, p, x, out, o); break;
  case 3: tile(3, width, easy, p, x, out, o); break;
  case 2: tile(2, width, easy, p, x, out, o); break;
  case 1: tile(1, width, easy, p, x, out, o); break;
  default: break;
  }
}

GEMM_S8_PACKING(i8mm)

/* Rows of a block: whole tiles that stay in the first cache, or one tile, or two rows where not
 * even that fits. */
static size_t block_rows(size_t depth) {
  size_t rows = BLOCK_BYTES / rounded(depth);
  if (rows < ROWS) return 2;
  return rows < 4 * ROWS ? ROWS : rows / 3 / ROWS * ROWS;
}

I8MM void krn_gemm_s8__i8mm(const krn_gemm_s8_job *job) {
  int8_t zipped[BLOCK_BYTES] __attribute__((aligned(64)));
  const krn_output_neon o = krn_output_neon_of(job->output);
  const size_t block = block_rows(job->depth), groups = rounded(job->depth) / GROUP;
  for (size_t top = 0; top < job->rows; top += block) {
    const size_t rows = job->rows - top < block ? job->rows - top : block;
    const char *packed = job->packed;
    int8_t *out = job->out + top * job->out_stride;
    zip_block(rows, job->depth, job->a + top * job->a_stride, job->a_stride, zipped);
    for (size_t n = 0; n < job->outputs; n += WIDTH, out += WIDTH) {
      const size_t left = job->outputs - n, width = panel_width(left);
      const panel p = {parts_of(packed, width), groups, job->out_stride,
                       left < width ? left : width};
      const int easy = p.parts.near && o.plain && left >= width;
      if (width == WIDTH && easy)
        panel_rows(WIDTH, 1, rows, p, zipped, out, &o);
      else if (width == WIDTH)
        panel_rows(WIDTH, 0, rows, p, zipped, out, &o);
      else if (easy)
        panel_rows(WIDTH / 2, 1, rows, p, zipped, out, &o);
      else
        panel_rows(WIDTH / 2, 0, rows, p, zipped, out, &o);
      packed += panel_bytes(width, job->depth);
    }
  }
}
#endif
