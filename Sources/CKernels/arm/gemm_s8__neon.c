#if defined(__aarch64__)
#include "gemm_s8__neon_pack.h"
#include "gemm_s8__rows.h"

/* Tiles of up to 4 rows by 4 outputs: SMULL and SMLAL add up products in 16 bits, SADALP adds
 * neighbours to four sums of 32 bits an output, which are added at the end. As many products are
 * added in 16 bits as the weights allow: two of any fit, unless both are -128 * -128; four do if
 * their weights come to no more than 255. The sixteens of k are taken in an order in which two and
 * two of them do, as far as that can be found; each of the others is taken alone. Panels with a
 * weight of -128 are marked and take each product to 32 bits alone. */

enum { ROWS = 4 };

/* The loops of four rows without a weight of -128, in the order in which a processor that takes
 * instructions as they come (Cortex-A53, A55) finds a multiplier's result ready; what the next step
 * needs is loaded before the last sums of this one. t are products, x rows, y weights. */
#define MUL(op, t, x, y, s) op " v" #t ".8h, v" #x "." #s ", v" #y "." #s "\n"
#define MUL4(op, t0, t1, t2, t3, x0, x1, x2, x3, y, s)                                             \
  MUL(op, t0, x0, y, s) MUL(op, t1, x1, y, s) MUL(op, t2, x2, y, s) MUL(op, t3, x3, y, s)
#define ADD(m, i, t) "sadalp %[s" #m #i "].4s, v" #t ".8h\n"
#define ADD4(i, t0, t1, t2, t3) ADD(0, i, t0) ADD(1, i, t1) ADD(2, i, t2) ADD(3, i, t3)
#define LOAD_ROWS(x0, x1, x2, x3, k)                                                               \
  "ldr q" #x0 ", [%[a0], %w[" #k "], uxtw]\n ldr q" #x1 ", [%[a1], %w[" #k "], uxtw]\n"            \
  "ldr q" #x2 ", [%[a2], %w[" #k "], uxtw]\n ldr q" #x3 ", [%[a3], %w[" #k "], uxtw]\n"
#define SUMS                                                                                       \
  [s00] "+w"(sum[0][0]), [s01] "+w"(sum[0][1]), [s02] "+w"(sum[0][2]), [s03] "+w"(sum[0][3]),      \
      [s10] "+w"(sum[1][0]), [s11] "+w"(sum[1][1]), [s12] "+w"(sum[1][2]), [s13] "+w"(sum[1][3]),  \
      [s20] "+w"(sum[2][0]), [s21] "+w"(sum[2][1]), [s22] "+w"(sum[2][2]), [s23] "+w"(sum[2][3]),  \
      [s30] "+w"(sum[3][0]), [s31] "+w"(sum[3][1]), [s32] "+w"(sum[3][2]), [s33] "+w"(sum[3][3])
#define REST                                                                                       \
  : [a0] "r"(a[0]), [a1] "r"(a[1]), [a2] "r"(a[2]), [a3] "r"(a[3])                                 \
  : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",      \
    "v12", "v13", "v14", "v15"

/* Pairs of sixteens: v0-v3 are the rows at the first, v4-v7 at the second, v8-v15 products and
 * outputs' weights, the first output's in v14 and v15. On a Cortex-A53 a multiplier's sum is ready
 * for the next product after six instructions, and nothing may be ready before what was begun
 * earlier: a load costs a cycle, and one that moves its pointer six. So pointers move at the end,
 * where the branch waits anyway, and the order was found by trying with llvm-mca's model of that
 * core. N makes of an instruction that loads for the next pair itself or nothing. */
#define M(t, x, y) MUL("smull", t, x, y, 8b)
#define M2(t, x, y) MUL("smull2", t, x, y, 16b)
#define L(t, x, y) MUL("smlal", t, x, y, 8b)
#define L2(t, x, y) MUL("smlal2", t, x, y, 16b)
#define W(y, z, at) "ldp q" #y ", q" #z ", [%[w], #" #at "]\n"
#define A(x, m, k) "ldr q" #x ", [%[a" #m "], %w[" #k "], uxtw]\n"
#define PAIR(N)                                                                                    \
  M2(12, 3, 14) M(13, 0, 14) M2(11, 2, 14) M2(9, 1, 14) W(10, 8, 32) L(12, 3, 14) L2(13, 0, 14)    \
  L(11, 2, 14) L(9, 1, 14) M2(14, 1, 10) L2(12, 7, 15) L2(13, 4, 15) L(11, 6, 15) L(9, 5, 15)      \
  L(14, 5, 8) L(12, 7, 15) L(13, 4, 15) L2(11, 6, 15) L2(9, 5, 15) M2(15, 3, 10) L(14, 1, 10)      \
  ADD(3, 0, 12) M(12, 2, 10) ADD(0, 0, 13) ADD(2, 0, 11) L(15, 3, 10) M(13, 0, 10) L2(14, 5, 8)    \
  L2(12, 2, 10) ADD(1, 0, 9) W(9, 11, 64) L(15, 7, 8) L2(13, 0, 10) ADD(1, 1, 14) M(14, 3, 9)      \
  M2(10, 1, 9) L2(12, 6, 8) L2(15, 7, 8) L2(13, 4, 8) L2(14, 3, 9) L(10, 1, 9) L(12, 6, 8)         \
  ADD(3, 1, 15) L(13, 4, 8) M2(8, 2, 9) M(15, 0, 9) L(10, 5, 11) L2(14, 7, 11) ADD(2, 1, 12)       \
  ADD(0, 1, 13) L(8, 2, 9) L2(15, 0, 9) L2(10, 5, 11) W(13, 12, 96) L(14, 7, 11) L(8, 6, 11)       \
  L(15, 4, 11) ADD(1, 2, 10) M(9, 1, 13) M2(10, 2, 13) ADD(3, 2, 14) M(14, 0, 13) L2(15, 4, 11)    \
  L2(8, 6, 11) L2(9, 1, 13) L(10, 2, 13) M(11, 3, 13) L2(14, 0, 13) ADD(0, 2, 15) ADD(2, 2, 8)     \
  L(9, 5, 12) L2(10, 6, 12) L2(11, 3, 13) N("ldp %w[k], %w[l], [%[order], #8]\n")                  \
  N("subs %[steps], %[steps], #1\n") L(14, 4, 12) L2(9, 5, 12) L(10, 6, 12) N(A(1, 1, k))          \
  L(11, 7, 12) N(A(0, 0, k)) L2(14, 4, 12) ADD(1, 3, 9) ADD(2, 3, 10) N(A(6, 2, l)) L2(11, 7, 12)  \
  N(A(2, 2, k)) ADD(0, 3, 14) N(A(4, 0, l)) N(A(5, 1, l)) N(A(3, 3, k)) ADD(3, 3, 11)              \
  N(A(7, 3, l)) N(W(14, 15, 128)) "add %[order], %[order], #8\n" "add %[w], %[w], #128\n"

/* What is taken next. */
typedef struct {
  const int8_t *weights;
  const uint32_t *order;
} place;

#define NEXT(instruction) instruction
#define LAST(instruction)

KRN_NEON_INLINE void pairs4(const int8_t *const a[ROWS], place *at, size_t steps,
                            int32x4_t sum[ROWS][WIDTH]) {
  uint32_t k, l;
  __asm__ volatile(
      "ldp %w[k], %w[l], [%[order]]\n" W(14, 15, 0)
      LOAD_ROWS(0, 1, 2, 3, k) LOAD_ROWS(4, 5, 6, 7, l)
      "subs %[steps], %[steps], #1\n"
      "b.eq 2f\n"
      "1:\n" KRN_LOOP_TEXT("gemm_s8 neon", "512")
      PAIR(NEXT)
      "b.ne 1b\n"
      "2:\n"
      PAIR(LAST)
      : [w] "+&r"(at->weights), [order] "+&r"(at->order), [steps] "+&r"(steps), [k] "=&r"(k),
        [l] "=&r"(l), SUMS
      REST);
}

/* Sixteens one by one: v0-v3 are the rows, v4-v7 the weights; eight products are on their way. */
#define PRODUCTS(y0, y1)                                                                           \
  MUL4("smull", 8, 9, 10, 11, 0, 1, 2, 3, y0, 8b)                                                  \
  MUL4("smull", 12, 13, 14, 15, 0, 1, 2, 3, y1, 8b)                                                \
  MUL4("smlal2", 8, 9, 10, 11, 0, 1, 2, 3, y0, 16b)                                                \
  MUL4("smlal2", 12, 13, 14, 15, 0, 1, 2, 3, y1, 16b)

KRN_NEON_INLINE void singles4(const int8_t *const a[ROWS], place *at, size_t steps,
                              int32x4_t sum[ROWS][WIDTH]) {
  uint32_t k;
  __asm__ volatile(
      "ldr %w[k], [%[order]], #4\n"
      LOAD_ROWS(0, 1, 2, 3, k)
      "ldr q4, [%[w]]\n ldr q5, [%[w], #16]\n ldp q6, q7, [%[w], #32]\n"
      "add %[w], %[w], #64\n"
      "subs %[steps], %[steps], #1\n"
      "b.eq 2f\n"
      "1:\n" KRN_LOOP_TEXT("gemm_s8 neon_alone", "256")
      "ldr %w[k], [%[order]], #4\n subs %[steps], %[steps], #1\n"
      PRODUCTS(4, 5)
      ADD4(0, 8, 9, 10, 11) ADD4(1, 12, 13, 14, 15)
      PRODUCTS(6, 7)
      LOAD_ROWS(0, 1, 2, 3, k)
      "ldr q4, [%[w]]\n ldr q5, [%[w], #16]\n ldp q6, q7, [%[w], #32]\n"
      "add %[w], %[w], #64\n"
      ADD4(2, 8, 9, 10, 11) ADD4(3, 12, 13, 14, 15)
      "b.ne 1b\n"
      "2:\n"
      PRODUCTS(4, 5)
      ADD4(0, 8, 9, 10, 11) ADD4(1, 12, 13, 14, 15)
      PRODUCTS(6, 7)
      ADD4(2, 8, 9, 10, 11) ADD4(3, 12, 13, 14, 15)
      : [w] "+&r"(at->weights), [order] "+&r"(at->order), [steps] "+&r"(steps), [k] "=&r"(k), SUMS
      REST);
}

/* Sixteen k of each row, x, by the weights of four outputs from `w` on, `step` bytes apart. */
KRN_NEON_INLINE void sixteen(const size_t rows, const int wide, const int8x16_t x[ROWS],
                             const int8_t *w, const size_t step, int32x4_t sum[ROWS][WIDTH]) {
  for (size_t i = 0; i < WIDTH; i++) {
    int8x16_t y = vld1q_s8(w + step * i);
    for (size_t m = 0; m < rows; m++) {
      int16x8_t product = vmull_s8(vget_low_s8(x[m]), vget_low_s8(y));
      if (wide) {
        sum[m][i] = vpadalq_s16(sum[m][i], product);
        product = vmull_high_s8(x[m], y);
      } else {
        product = vmlal_high_s8(product, x[m], y);
      }
      sum[m][i] = vpadalq_s16(sum[m][i], product);
    }
  }
}

/* Stores four rows of four bytes. */
KRN_NEON_INLINE void store_fours(int8_t *out, size_t stride, int8x16_t bytes) {
  __asm__ volatile("st1 {%1.s}[0], [%0], %2\n st1 {%1.s}[1], [%0], %2\n"
                   "st1 {%1.s}[2], [%0], %2\n st1 {%1.s}[3], [%0]\n"
                   : "+&r"(out)
                   : "w"(bytes), "r"(stride)
                   : "memory");
}

/* The last eight k of four rows that end at a[m] + `end`. */
KRN_NEON_INLINE void eight4(const int8_t *const a[ROWS], size_t end, const int8_t *w,
                            int32x4_t sum[ROWS][WIDTH]) {
  end -= 8;
  __asm__ volatile(
      "ldr d0, [%[a0], %[end]]\n ldr d1, [%[a1], %[end]]\n"
      "ldr d2, [%[a2], %[end]]\n ldr d3, [%[a3], %[end]]\n"
      "ldp d4, d5, [%[w]]\n ldp d6, d7, [%[w], #16]\n"
      MUL4("smull", 8, 9, 10, 11, 0, 1, 2, 3, 4, 8b)
      MUL4("smull", 12, 13, 14, 15, 0, 1, 2, 3, 5, 8b)
      ADD4(0, 8, 9, 10, 11) ADD4(1, 12, 13, 14, 15)
      MUL4("smull", 8, 9, 10, 11, 0, 1, 2, 3, 6, 8b)
      MUL4("smull", 12, 13, 14, 15, 0, 1, 2, 3, 7, 8b)
      ADD4(2, 8, 9, 10, 11) ADD4(3, 12, 13, 14, 15)
      : SUMS
      : [w] "r"(w), [end] "r"(end), [a0] "r"(a[0]), [a1] "r"(a[1]), [a2] "r"(a[2]), [a3] "r"(a[3])
      : "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",
        "v13", "v14", "v15");
}

/* The last sixteen of `order` and the last eight k of four rows that end at a[m] + `end`: v0-v3 and
 * v4-v7 are the rows, v12 and v13 two outputs' weights of the sixteen, v14 and v15 of the eight. */
#define THREE(i, y, z)                                                                             \
  MUL4("smull", 8, 9, 10, 11, 0, 1, 2, 3, y, 8b) MUL4("smlal2", 8, 9, 10, 11, 0, 1, 2, 3, y, 16b)  \
  MUL4("smlal", 8, 9, 10, 11, 4, 5, 6, 7, z, 8b) ADD4(i, 8, 9, 10, 11)
KRN_NEON_INLINE void tail4(const int8_t *const a[ROWS], size_t end, const place *at,
                           int32x4_t sum[ROWS][WIDTH]) {
  uint32_t k = *at->order;
  end -= 8;
  __asm__ volatile(
      LOAD_ROWS(0, 1, 2, 3, k)
      "ldr d4, [%[a0], %[end]]\n ldr d5, [%[a1], %[end]]\n"
      "ldr d6, [%[a2], %[end]]\n ldr d7, [%[a3], %[end]]\n"
      "ldp q12, q13, [%[w]]\n ldp d14, d15, [%[w], #64]\n"
      THREE(0, 12, 14) THREE(1, 13, 15)
      "ldp q12, q13, [%[w], #32]\n ldp d14, d15, [%[w], #80]\n"
      THREE(2, 12, 14) THREE(3, 13, 15)
      : SUMS : [w] "r"(at->weights), [k] "r"(k), [end] "r"(end), [a0] "r"(a[0]), [a1] "r"(a[1]),
        [a2] "r"(a[2]), [a3] "r"(a[3])
      : "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",
        "v13", "v14", "v15");
}

/* What the tiles of a panel have in common. */
typedef struct {
  const head *h;
  const int8_t *w;
  size_t pairs, singles, tail, depth, last, stride, count;
} panel;

/* `rows`, `wide` and `easy` are constants after inlining; `easy`: all four outputs exist, are near
 * and plain. Depth is at least 16. */
KRN_NEON_INLINE void tile(const size_t rows, const int wide, const int easy, const panel p,
                          const int8_t *from, int8_t *out, const size_t out_stride,
                          const krn_output_neon *o) {
  const head *h = p.h;
  const int8_t *a[ROWS];
  place at = {p.w, h->order};
  int32x4_t sum[ROWS][WIDTH];
  for (size_t m = 0; m < rows; m++, from += p.stride) a[m] = from;
  for (size_t m = 0; m < rows; m++) {
    KRN_LOAD_PAIR_NEON(sum[m][0], sum[m][1], h->bias, 0);
    KRN_LOAD_PAIR_NEON(sum[m][2], sum[m][3], h->bias, 32);
  }
  if (rows == ROWS && !wide) {
    if (p.pairs > 0) pairs4(a, &at, p.pairs, sum);
    if (p.singles > p.tail) singles4(a, &at, p.singles - p.tail, sum);
  } else {
    for (uint32_t s = 0; s < 2 * p.pairs + p.singles; s++) {
      const int together = !wide && s < 2 * p.pairs;
      if (wide) KRN_LOOP("gemm_s8 neon_wide", rows * WIDTH * STEP);
      int8x16_t x[ROWS];
      for (size_t m = 0; m < rows; m++) x[m] = vld1q_s8(a[m] + (wide ? s * STEP : h->order[s]));
      sixteen(rows, wide, x, at.weights, together ? 2 * STEP : STEP, sum);
      at.weights += !together ? WIDTH * STEP : s % 2 ? (2 * WIDTH - 1) * STEP : STEP;
    }
  }
  if (p.tail && rows == ROWS) {
    tail4(a, p.depth, &at, sum);
  } else if (p.last == 8 && rows == ROWS) {
    eight4(a, p.depth, at.weights, sum);
  } else if (p.last > 0) {
    /* eight k are sixteen, of whose weights the first eight are zero */
    int8x16_t x[ROWS];
    for (size_t m = 0; m < rows; m++) x[m] = vld1q_s8(a[m] + p.depth - STEP);
    if (p.last == STEP)
      sixteen(rows, wide, x, at.weights, STEP, sum);
    else
      for (size_t m = 0; m < rows; m++)
        for (size_t i = 0; i < WIDTH; i++)
          sum[m][i] =
              vpadalq_s16(sum[m][i], vmull_s8(vget_high_s8(x[m]), vld1_s8(at.weights + 8 * i)));
  }
  int32x4_t x[ROWS];
  float32x4_t scale[ROWS];
  for (size_t m = 0; m < ROWS; m++) {
    const int32x4_t *s = sum[m < rows ? m : 0];
    x[m] = vpaddq_s32(vpaddq_s32(s[0], s[1]), vpaddq_s32(s[2], s[3]));
    scale[m] = vld1q_f32(h->scale);
  }
  const int8x16_t bytes = easy ? krn_near16_neon(x, scale, o->rounder)
                               : krn_finish16_neon(x, scale, h->near && o->plain, o);
  if (rows == ROWS && (easy || p.count == WIDTH)) {
    store_fours(out, out_stride, bytes);
    return;
  }
  int8_t all[16];
  vst1q_s8(all, bytes);
  for (size_t m = 0; m < rows; m++, out += out_stride) {
    if (easy || p.count == WIDTH)
      memcpy(out, all + WIDTH * m, WIDTH);
    else
      memcpy(out, all + WIDTH * m, p.count);
  }
}

/* `rows` rows of a panel; `wide` and `easy` are constants after inlining. */
KRN_NEON_INLINE void panel_rows(const int wide, const int easy, size_t rows, const panel p,
                                const int8_t *a, int8_t *out, const size_t out_stride,
                                const krn_output_neon *o) {
  for (; rows >= ROWS; rows -= ROWS, a += ROWS * p.stride, out += ROWS * out_stride)
    tile(ROWS, wide, easy, p, a, out, out_stride, o);
  switch (rows) {
  case 3: tile(3, wide, easy, p, a, out, out_stride, o); break;
  case 2: tile(2, wide, easy, p, a, out, out_stride, o); break;
  case 1: tile(1, wide, easy, p, a, out, out_stride, o); break;
  default: break;
  }
}

/* Each case has a function, and with it the registers, of its own. */
#define ROWS_OF(name, wide, easy)                                                                  \
  __attribute__((noinline)) static void name(size_t rows, const panel *p, const int8_t *a,         \
                                             int8_t *out, size_t out_stride,                       \
                                             const krn_output_neon *o) {                           \
    panel_rows(wide, easy, rows, *p, a, out, out_stride, o);                                       \
  }
ROWS_OF(easy_rows, 0, 1)
ROWS_OF(other_rows, 0, 0)
ROWS_OF(wide_rows, 1, 0)

/* `rows` rows of all panels; their depth is `depth` or, if that is less than 16, 16. */
static void block_of(const krn_gemm_s8_job *job, size_t rows, size_t depth, const int8_t *a,
                     size_t stride, int8_t *out, const krn_output_neon *o) {
  const size_t bytes = panel_bytes(job->depth);
  for (size_t n = 0; n < job->outputs; n += WIDTH, out += WIDTH) {
    const head *h = (const head *)((const char *)job->packed + n / WIDTH * bytes);
    const size_t count = job->outputs - n < WIDTH ? job->outputs - n : WIDTH;
    const panel p = {
        .h = h,
        .w = (const int8_t *)h->order + order_bytes(job->depth),
        .pairs = h->pairs,
        .singles = h->singles,
        .tail = h->tail,
        .depth = depth,
        .last = last_step(job->depth),
        .stride = stride,
        .count = count,
    };
    if (h->wide)
      wide_rows(rows, &p, a, out, job->out_stride, o);
    else if (h->near && o->plain && count == WIDTH)
      easy_rows(rows, &p, a, out, job->out_stride, o);
    else
      other_rows(rows, &p, a, out, job->out_stride, o);
  }
}

void krn_gemm_s8__neon(const krn_gemm_s8_job *job) {
  krn_gemm_all_rows(job, ROWS, 24576, block_of);
}
#endif
