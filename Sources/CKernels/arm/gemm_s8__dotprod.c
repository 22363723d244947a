#if defined(__aarch64__)
#define GROUP 4
#define COPIES 1
#include "gemm_s8__groups.h"
#include "gemm_s8__rows.h"

#include "../variants.h"

/* SDOT by lane, four products a 32-bit lane, sixteen k a step; tiles of up to 5 rows by 16 outputs.
 * What is left of depth after whole steps are as many groups as it takes, the last of them first;
 * they end with the row, and their weights of k already taken (or before the row) are zero. */

enum { ROWS = 5 };

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

static inline size_t place_of(size_t k, size_t depth) {
  size_t whole = depth / STEP * STEP, to_end = depth - 1 - k;
  return k < whole ? k : whole + to_end / GROUP * GROUP + GROUP - 1 - to_end % GROUP;
}

/* Four k of every row: lane `q` of each row's sixteen, with the weights at `at`. */
#define FOUR(q, at)                                                                                \
  {                                                                                                \
    int8x16_t z[4];                                                                                \
    for (size_t v = 0; v < vectors; v++) z[v] = vld1q_s8((at) + 16 * v);                           \
    for (size_t m = 0; m < rows; m++)                                                              \
      for (size_t v = 0; v < vectors; v++) sum[m][v] = vdotq_laneq_s32(sum[m][v], z[v], x[m], q);  \
  }

/* The loop over whole steps of five rows by 16 outputs, ordered for processors that take
 * instructions as they come (Cortex-A55): the weights of the next eight outputs are loaded before
 * the products of these, and after its last product each row's next k. v20-v24 are the rows,
 * v26-v29 the weights. */
#define HALF(q, m, s0, s1, y0, y1)                                                                 \
  "sdot %[s" #m #s0 "].4s, v" #y0 ".16b, v2" #m ".4b[" #q "]\n"                                    \
  "sdot %[s" #m #s1 "].4s, v" #y1 ".16b, v2" #m ".4b[" #q "]\n"
#define FIRST(q) HALF(q, 0, 0, 1, 26, 27) HALF(q, 1, 0, 1, 26, 27) HALF(q, 2, 0, 1, 26, 27)        \
  HALF(q, 3, 0, 1, 26, 27) HALF(q, 4, 0, 1, 26, 27)
#define SECOND(q, m) HALF(q, m, 2, 3, 28, 29)
#define ALL_SECOND(q) SECOND(q, 0) SECOND(q, 1) SECOND(q, 2) SECOND(q, 3) SECOND(q, 4)
#define LOAD(y0, y1, at) "ldp q" #y0 ", q" #y1 ", [%[w], #" #at "]\n"
#define NEXT(m) "ldr q2" #m ", [%[a" #m "], %[k]]\n"
#define SEVEN_EIGHTHS                                                                              \
  LOAD(28, 29, 32) FIRST(0) LOAD(26, 27, 64) ALL_SECOND(0)                                         \
  LOAD(28, 29, 96) FIRST(1) LOAD(26, 27, 128) ALL_SECOND(1)                                        \
  LOAD(28, 29, 160) FIRST(2) LOAD(26, 27, 192) ALL_SECOND(2)                                       \
  LOAD(28, 29, 224) FIRST(3)
#define BIAS(m)                                                                                    \
  "ldp %q[s" #m "0], %q[s" #m "1], [%[bias]]\n"                                                    \
  "ldp %q[s" #m "2], %q[s" #m "3], [%[bias], #32]\n"
#define SUMS(m)                                                                                    \
  [s##m##0] "=&w"(sum[m][0]), [s##m##1] "=&w"(sum[m][1]), [s##m##2] "=&w"(sum[m][2]),              \
      [s##m##3] "=&w"(sum[m][3])

DOTPROD KRN_NEON_INLINE void steps5(const int8_t *const a[ROWS], panel_parts p, size_t steps,
                                    int32x4_t sum[ROWS][4]) {
  size_t k = 0;
  __asm__ volatile(
      BIAS(0) BIAS(1) BIAS(2) BIAS(3) BIAS(4)
      NEXT(0) NEXT(1) NEXT(2) NEXT(3) NEXT(4) LOAD(26, 27, 0)
      "subs %[steps], %[steps], #1\n"
      "b.eq 2f\n"
      "1:\n" KRN_LOOP_TEXT("gemm_s8 dotprod", "1280")
      "add %[k], %[k], #16\n subs %[steps], %[steps], #1\n"
      SEVEN_EIGHTHS
      "add %[w], %[w], #256\n"
      LOAD(26, 27, 0)
      SECOND(3, 0) NEXT(0) SECOND(3, 1) NEXT(1) SECOND(3, 2) NEXT(2) SECOND(3, 3) NEXT(3)
      SECOND(3, 4) NEXT(4)
      "b.ne 1b\n"
      "2:\n"
      SEVEN_EIGHTHS ALL_SECOND(3)
      : [w] "+&r"(p.weights), [k] "+&r"(k), [steps] "+&r"(steps),
        SUMS(0), SUMS(1), SUMS(2), SUMS(3), SUMS(4)
      : [bias] "r"(p.bias), [a0] "r"(a[0]), [a1] "r"(a[1]), [a2] "r"(a[2]), [a3] "r"(a[3]),
        [a4] "r"(a[4])
      : "cc", "memory", "v20", "v21", "v22", "v23", "v24", "v26", "v27", "v28", "v29");
}

/* What the tiles of a panel have in common. */
typedef struct {
  panel_parts parts;
  size_t depth, last, stride, out_stride, count; /* `last`: where a row's last 16 bytes begin */
} panel;

/* `rows`, `width` and `easy` are constants after inlining; `easy`: depth is at least 16, and all
 * outputs exist, are near and plain. */
DOTPROD KRN_NEON_INLINE void tile(const size_t rows, const size_t width, const int easy,
                                  const panel p, const int8_t *from, int8_t *out,
                                  const krn_output_neon *o) {
  const size_t whole = p.depth / STEP * STEP, rest = p.depth % STEP, vectors = width / 4;
  const int8_t *a[ROWS];
  int32x4_t sum[ROWS][4];
  for (size_t m = 0; m < rows; m++, from += p.stride) a[m] = from;
  if (rows == ROWS && width == WIDTH && (easy || whole > 0)) {
    steps5(a, p.parts, whole / STEP, sum);
  } else {
    for (size_t m = 0; m < rows; m++)
      for (size_t v = 0; v < vectors; v += 2)
        KRN_LOAD_PAIR_NEON(sum[m][v], sum[m][v + 1], p.parts.bias, 16 * v);
    for (size_t k = 0; k < whole; k += STEP) {
      KRN_LOOP("gemm_s8 dotprod", rows * width * STEP);
      const int8_t *y = p.parts.weights + k * width;
      int8x16_t x[ROWS];
      for (size_t m = 0; m < rows; m++) x[m] = vld1q_s8(a[m] + k);
      FOUR(0, y) FOUR(1, y + 4 * width) FOUR(2, y + 8 * width) FOUR(3, y + 12 * width)
    }
  }
  if (rest > 0) {
    const int8_t *y = p.parts.weights + whole * width;
    int8x16_t x[ROWS];
    for (size_t m = 0; m < rows; m++) x[m] = vld1q_s8(a[m] + p.last);
    FOUR(3, y)
    if (rest > 4) FOUR(2, y + 4 * width)
    if (rest > 8) FOUR(1, y + 8 * width)
    if (rest > 12) FOUR(0, y + 12 * width)
  }
  store_rows(rows, width, sum, p.parts.scale, easy || (p.parts.near && o->plain), out, p.out_stride,
             easy ? width : p.count, o);
}

/* `rows` rows of a panel; `width` and `easy` are constants after inlining. */
DOTPROD KRN_NEON_INLINE void panel_rows(const size_t width, const int easy, size_t rows,
                                        const panel p, const int8_t *a, int8_t *out,
                                        const krn_output_neon *o) {
  for (; rows >= ROWS; rows -= ROWS, a += ROWS * p.stride, out += ROWS * p.out_stride)
    tile(ROWS, width, easy, p, a, out, o);
  switch (rows) {
  case 4: tile(4, width, easy, p, a, out, o); break;
  case 3: tile(3, width, easy, p, a, out, o); break;
  case 2: tile(2, width, easy, p, a, out, o); break;
  case 1: tile(1, width, easy, p, a, out, o); break;
  default: break;
  }
}

/* `rows` rows of all panels. Those of less than 16 bytes end with 16. */
DOTPROD static void block_of(const krn_gemm_s8_job *job, size_t rows, size_t row_depth,
                             const int8_t *a, size_t stride, int8_t *out,
                             const krn_output_neon *o) {
  const size_t depth = job->depth, last = row_depth - STEP;
  const char *packed = job->packed;
  for (size_t n = 0; n < job->outputs; n += WIDTH, out += WIDTH) {
    const size_t left = job->outputs - n, width = panel_width(left);
    const panel p = {parts_of(packed, width),    depth, last, stride, job->out_stride,
                     left < width ? left : width};
    const int easy = p.parts.near && o->plain && left >= width && depth >= STEP;
    if (width < WIDTH)
      panel_rows(WIDTH / 2, 0, rows, p, a, out, o);
    else if (easy)
      panel_rows(WIDTH, 1, rows, p, a, out, o);
    else
      panel_rows(WIDTH, 0, rows, p, a, out, o);
    packed += panel_bytes(width, depth);
  }
}

GEMM_S8_PACKING(dotprod)

void krn_gemm_s8__dotprod(const krn_gemm_s8_job *job) {
  krn_gemm_all_rows(job, ROWS, 16384, block_of);
}
#endif
