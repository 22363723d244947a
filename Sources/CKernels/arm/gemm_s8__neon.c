#if defined(__aarch64__)
#include "neon.h"

#include "../variants.h"

/* Sixteen k at a time of up to 4 rows by 4 outputs: SMULL and SMLAL2 add two products in 16 bits,
 * SADALP adds neighbours to four sums of 32 bits an output, which are added at the end. Two
 * products fit 16 bits unless both are -128 * -128: panels with a weight of -128 are marked and
 * take each product to 32 bits alone.
 *
 * Packed: panels of 4 outputs, outputs past the end zero. A panel is a head, then for each sixteen
 * k the 16 weights of each output. What is left of depth is a last step of 16, or of 8 if that is
 * enough: it ends with the row, and its weights of k already taken (or before the row) are zero. */

enum { ROWS = 4, WIDTH = 4, STEP = 16 };

typedef struct {
  int32_t bias[WIDTH];
  float scale[WIDTH];
  int32_t wide[4]; /* [0]: whether a weight is -128 */
} head;

/* Bytes of an output's last step: 0, 8 or 16. */
static size_t last_step(size_t depth) { return (depth % STEP + 7) / 8 * 8; }

static size_t panel_bytes(size_t depth) {
  return sizeof(head) + WIDTH * (depth / STEP * STEP + last_step(depth));
}

size_t krn_gemm_s8_packed_size__neon(size_t outputs, size_t depth) {
  return (outputs + WIDTH - 1) / WIDTH * panel_bytes(depth);
}

void krn_gemm_s8_pack__neon(size_t outputs, size_t depth, const int8_t *weights,
                            const int32_t *bias, const float *scale, void *packed) {
  size_t whole = depth / STEP * STEP, last = last_step(depth);
  for (size_t n = 0; n < outputs; n += WIDTH) {
    head *h = (head *)((char *)packed + n / WIDTH * panel_bytes(depth));
    int8_t *w = (int8_t *)(h + 1);
    *h = (head){{0}, {0}, {0}};
    memset(w, 0, panel_bytes(depth) - sizeof(head));
    for (size_t i = 0; i < WIDTH && n + i < outputs; i++) {
      const int8_t *row = weights + (n + i) * depth;
      h->bias[i] = bias[n + i];
      h->scale[i] = scale[n + i];
      for (size_t k = 0; k < depth; k++) {
        size_t at = k < whole ? k / STEP * STEP * WIDTH + STEP * i + k % STEP
                              : whole * WIDTH + last * i + last - depth + k;
        w[at] = row[k];
        h->wide[0] |= row[k] == -128;
      }
    }
  }
}

/* The loop over whole steps of four rows, without a weight of -128, in the order in which a
 * processor that takes instructions as they come (Cortex-A53, A55) finds a multiplier's result
 * ready: eight products are on their way at a time, and what the next step needs is loaded before
 * the last sums of this one. v0-v3 are the rows, v4-v7 the weights. */
#define MUL(op, t, x, y, xs, ys) op " v" #t ".8h, v" #x "." #xs ", v" #y "." #ys "\n"
#define MUL4(op, t0, t1, t2, t3, y, s)                                                             \
  MUL(op, t0, 0, y, s, s) MUL(op, t1, 1, y, s, s) MUL(op, t2, 2, y, s, s) MUL(op, t3, 3, y, s, s)
#define PRODUCTS(y0, y1)                                                                           \
  MUL4("smull", 8, 9, 10, 11, y0, 8b) MUL4("smull", 12, 13, 14, 15, y1, 8b)                        \
  MUL4("smlal2", 8, 9, 10, 11, y0, 16b) MUL4("smlal2", 12, 13, 14, 15, y1, 16b)
#define ADD(m, i, t) "sadalp %[s" #m #i "].4s, v" #t ".8h\n"
#define ADD4(i, t0, t1, t2, t3) ADD(0, i, t0) ADD(1, i, t1) ADD(2, i, t2) ADD(3, i, t3)

KRN_NEON_INLINE void steps4(const int8_t *const a[ROWS], const int8_t *w, size_t steps,
                            int32x4_t sum[ROWS][WIDTH]) {
  size_t k = 0;
  __asm__ volatile(
      "ldr q0, [%[a0]]\n ldr q1, [%[a1]]\n ldr q2, [%[a2]]\n ldr q3, [%[a3]]\n"
      "ldr q4, [%[w]]\n ldr q5, [%[w], #16]\n ldr q6, [%[w], #32]\n ldr q7, [%[w], #48]\n"
      "subs %[steps], %[steps], #1\n"
      "b.eq 2f\n"
      "1:\n" KRN_LOOP_TEXT("gemm_s8 neon", "256")
      "add %[w], %[w], #64\n add %[k], %[k], #16\n subs %[steps], %[steps], #1\n"
      PRODUCTS(4, 5)
      ADD4(0, 8, 9, 10, 11) ADD4(1, 12, 13, 14, 15)
      PRODUCTS(6, 7)
      "ldr q0, [%[a0], %[k]]\n ldr q1, [%[a1], %[k]]\n"
      "ldr q2, [%[a2], %[k]]\n ldr q3, [%[a3], %[k]]\n"
      "ldr q4, [%[w]]\n ldr q5, [%[w], #16]\n ldr q6, [%[w], #32]\n ldr q7, [%[w], #48]\n"
      ADD4(2, 8, 9, 10, 11) ADD4(3, 12, 13, 14, 15)
      "b.ne 1b\n"
      "2:\n"
      PRODUCTS(4, 5)
      ADD4(0, 8, 9, 10, 11) ADD4(1, 12, 13, 14, 15)
      PRODUCTS(6, 7)
      ADD4(2, 8, 9, 10, 11) ADD4(3, 12, 13, 14, 15)
      : [w] "+r"(w), [k] "+r"(k), [steps] "+r"(steps),
        [s00] "+w"(sum[0][0]), [s01] "+w"(sum[0][1]), [s02] "+w"(sum[0][2]), [s03] "+w"(sum[0][3]),
        [s10] "+w"(sum[1][0]), [s11] "+w"(sum[1][1]), [s12] "+w"(sum[1][2]), [s13] "+w"(sum[1][3]),
        [s20] "+w"(sum[2][0]), [s21] "+w"(sum[2][1]), [s22] "+w"(sum[2][2]), [s23] "+w"(sum[2][3]),
        [s30] "+w"(sum[3][0]), [s31] "+w"(sum[3][1]), [s32] "+w"(sum[3][2]), [s33] "+w"(sum[3][3])
      : [a0] "r"(a[0]), [a1] "r"(a[1]), [a2] "r"(a[2]), [a3] "r"(a[3])
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",
        "v12", "v13", "v14", "v15");
}

/* `rows` and `wide` are constants after inlining. */
KRN_NEON_INLINE void tile(const size_t rows, const int wide, const krn_gemm_s8_job *job, size_t top,
                          const head *h, size_t n, const krn_output_neon *o) {
  const int8_t *w = (const int8_t *)(h + 1);
  const int8_t *a[ROWS];
  int32x4_t sum[ROWS][WIDTH];
  for (size_t m = 0; m < rows; m++) {
    a[m] = job->a + (top + m) * job->a_stride;
    for (size_t i = 0; i < WIDTH; i++) sum[m][i] = vdupq_n_s32(0);
  }
#define SIXTEEN(load, at)                                                                          \
  int8x16_t x[ROWS];                                                                               \
  for (size_t m = 0; m < rows; m++) x[m] = load;                                                   \
  for (size_t i = 0; i < WIDTH; i++) {                                                             \
    int8x16_t y = vld1q_s8(at + STEP * i);                                                         \
    for (size_t m = 0; m < rows; m++) {                                                            \
      int16x8_t product = vmull_s8(vget_low_s8(x[m]), vget_low_s8(y));                             \
      if (wide) {                                                                                  \
        sum[m][i] = vpadalq_s16(sum[m][i], product);                                               \
        product = vmull_high_s8(x[m], y);                                                          \
      } else {                                                                                     \
        product = vmlal_high_s8(product, x[m], y);                                                 \
      }                                                                                            \
      sum[m][i] = vpadalq_s16(sum[m][i], product);                                                 \
    }                                                                                              \
  }
  const size_t depth = job->depth, steps = depth / STEP, last = last_step(depth);
  if (rows == ROWS && !wide) {
    if (steps > 0) steps4(a, w, steps, sum);
  } else {
    for (size_t k = 0; k < steps * STEP; k += STEP) {
      if (wide)
        KRN_LOOP("gemm_s8 neon_wide", rows * WIDTH * STEP);
      else
        KRN_LOOP("gemm_s8 neon", rows * WIDTH * STEP);
      SIXTEEN(vld1q_s8(a[m] + k), w + k * WIDTH)
    }
  }
  w += steps * STEP * WIDTH;
  if (last == 16) {
    SIXTEEN(krn_load_end_neon(a[m], depth), w)
  } else if (last == 8) {
    for (size_t m = 0; m < rows; m++) {
      int8x8_t x = depth >= 8 ? vld1_s8(a[m] + depth - 8)
                              : vget_high_s8(krn_load_end_neon(a[m], depth));
      for (size_t i = 0; i < WIDTH; i++)
        sum[m][i] = vpadalq_s16(sum[m][i], vmull_s8(x, vld1_s8(w + 8 * i)));
    }
  }
#undef SIXTEEN
  int32x4_t x[ROWS];
  for (size_t m = 0; m < ROWS; m++) {
    const int32x4_t *s = sum[m < rows ? m : 0];
    x[m] = vpaddq_s32(vpaddq_s32(s[0], s[1]), vpaddq_s32(s[2], s[3]));
    x[m] = krn_scale_neon(vaddq_s32(x[m], vld1q_s32(h->bias)), vld1q_f32(h->scale));
  }
  int32x4_t bytes = vreinterpretq_s32_s8(krn_bytes16_neon(x, o));
  size_t count = job->outputs - n < WIDTH ? job->outputs - n : WIDTH;
  int8_t *out = job->out + top * job->out_stride + n;
  for (size_t m = 0; m < rows; m++, out += job->out_stride) {
    int32_t four = vgetq_lane_s32(bytes, 0);
    bytes = vextq_s32(bytes, bytes, 1);
    if (count == WIDTH)
      memcpy(out, &four, WIDTH);
    else
      for (size_t i = 0; i < count; i++) out[i] = (int8_t)(four >> 8 * i);
  }
}

typedef void tile_fn(const krn_gemm_s8_job *job, size_t top, const head *h, size_t n,
                     const krn_output_neon *o);

#define TILE(rows, wide)                                                                           \
  static void tile##rows##_##wide(const krn_gemm_s8_job *job, size_t top, const head *h, size_t n, \
                                  const krn_output_neon *o) {                                      \
    tile(rows, wide, job, top, h, n, o);                                                           \
  }
TILE(1, 0) TILE(2, 0) TILE(3, 0) TILE(4, 0) TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1)

static tile_fn *const tiles[2][ROWS] = {{tile1_0, tile2_0, tile3_0, tile4_0},
                                        {tile1_1, tile2_1, tile3_1, tile4_1}};

void krn_gemm_s8__neon(const krn_gemm_s8_job *job) {
  krn_output_neon o = krn_output_neon_of(job->output);
  const size_t block = krn_block_rows_neon(job->depth, ROWS), bytes = panel_bytes(job->depth);
  for (size_t top = 0; top < job->rows; top += block) {
    size_t end = job->rows - top < block ? job->rows : top + block;
    for (size_t n = 0; n < job->outputs; n += WIDTH) {
      const head *h = (const head *)((const char *)job->packed + n / WIDTH * bytes);
      tile_fn *const *of_rows = tiles[h->wide[0] != 0];
      for (size_t m = top; m < end; m += ROWS)
        of_rows[(end - m < ROWS ? end - m : ROWS) - 1](job, m, h, n, &o);
    }
  }
}
#endif
