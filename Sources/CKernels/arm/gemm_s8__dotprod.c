#if defined(__aarch64__)
#define GROUP 4
#include "gemm_s8__groups.h"

#include "../variants.h"

/* SDOT by lane, four products a 32-bit lane, sixteen k a step. */

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

/* Four k of every row: lane `q` of each row's sixteen, with the weights at `at`. */
#define FOUR(q, at)                                                                                \
  {                                                                                                \
    int8x16_t z[4];                                                                                \
    for (size_t v = 0; v < 4; v++) z[v] = vld1q_s8((at) + 16 * v);                                 \
    for (size_t m = 0; m < rows; m++)                                                              \
      for (size_t v = 0; v < 4; v++) sum[m][v] = vdotq_laneq_s32(sum[m][v], z[v], x[m], q);        \
  }

/* The loop over whole steps of four rows, ordered for processors that take instructions as they
 * come (Cortex-A55): the weights of the next four k are loaded before the products of these, and in
 * the last four each row's next k as soon as the row is done. v0-v3 are the rows, v4-v11 the
 * weights. */
#define ROW(q, m, y0, y1, y2, y3)                                                                  \
  "sdot %[s" #m "0].4s, v" #y0 ".16b, v" #m ".4b[" #q "]\n"                                        \
  "sdot %[s" #m "1].4s, v" #y1 ".16b, v" #m ".4b[" #q "]\n"                                        \
  "sdot %[s" #m "2].4s, v" #y2 ".16b, v" #m ".4b[" #q "]\n"                                        \
  "sdot %[s" #m "3].4s, v" #y3 ".16b, v" #m ".4b[" #q "]\n"
#define EVEN(q, m) ROW(q, m, 4, 5, 6, 7)
#define ODD(q, m) ROW(q, m, 8, 9, 10, 11)
#define LOAD(y, at) "ldr q" #y ", [%[w], #" #at "]\n"
#define LOAD4(y0, y1, y2, y3, at0, at1, at2, at3)                                                  \
  LOAD(y0, at0) LOAD(y1, at1) LOAD(y2, at2) LOAD(y3, at3)
#define THREE_QUARTERS                                                                             \
  LOAD4(8, 9, 10, 11, 64, 80, 96, 112)                                                             \
  EVEN(0, 0) EVEN(0, 1) EVEN(0, 2) EVEN(0, 3)                                                      \
  LOAD4(4, 5, 6, 7, 128, 144, 160, 176)                                                            \
  ODD(1, 0) ODD(1, 1) ODD(1, 2) ODD(1, 3)                                                          \
  LOAD4(8, 9, 10, 11, 192, 208, 224, 240)                                                          \
  EVEN(2, 0) EVEN(2, 1) EVEN(2, 2) EVEN(2, 3)

DOTPROD KRN_NEON_INLINE void steps4(const int8_t *const a[ROWS], const int8_t *w, size_t steps,
                                    int32x4_t sum[ROWS][4]) {
  size_t k = 0;
  __asm__ volatile(
      "ldr q0, [%[a0]]\n ldr q1, [%[a1]]\n ldr q2, [%[a2]]\n ldr q3, [%[a3]]\n"
      LOAD4(4, 5, 6, 7, 0, 16, 32, 48)
      "subs %[steps], %[steps], #1\n"
      "b.eq 2f\n"
      "1:\n" KRN_LOOP_TEXT("gemm_s8 dotprod", "1024")
      "add %[k], %[k], #16\n subs %[steps], %[steps], #1\n"
      THREE_QUARTERS
      "add %[w], %[w], #256\n"
      ODD(3, 0) "ldr q0, [%[a0], %[k]]\n"
      ODD(3, 1) "ldr q1, [%[a1], %[k]]\n"
      ODD(3, 2) "ldr q2, [%[a2], %[k]]\n"
      ODD(3, 3) "ldr q3, [%[a3], %[k]]\n"
      LOAD4(4, 5, 6, 7, 0, 16, 32, 48)
      "b.ne 1b\n"
      "2:\n"
      THREE_QUARTERS
      ODD(3, 0) ODD(3, 1) ODD(3, 2) ODD(3, 3)
      : [w] "+r"(w), [k] "+r"(k), [steps] "+r"(steps),
        [s00] "+w"(sum[0][0]), [s01] "+w"(sum[0][1]), [s02] "+w"(sum[0][2]), [s03] "+w"(sum[0][3]),
        [s10] "+w"(sum[1][0]), [s11] "+w"(sum[1][1]), [s12] "+w"(sum[1][2]), [s13] "+w"(sum[1][3]),
        [s20] "+w"(sum[2][0]), [s21] "+w"(sum[2][1]), [s22] "+w"(sum[2][2]), [s23] "+w"(sum[2][3]),
        [s30] "+w"(sum[3][0]), [s31] "+w"(sum[3][1]), [s32] "+w"(sum[3][2]), [s33] "+w"(sum[3][3])
      : [a0] "r"(a[0]), [a1] "r"(a[1]), [a2] "r"(a[2]), [a3] "r"(a[3])
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11");
}

/* `rows` is a constant after inlining. */
DOTPROD KRN_NEON_INLINE void tile(const size_t rows, const krn_gemm_s8_job *job, size_t top,
                                  const void *panel, size_t n, const krn_output_neon *o) {
  const int32_t *bias = panel;
  const float *scale = (const float *)(bias + WIDTH);
  const int8_t *w = (const int8_t *)(scale + WIDTH);
  const int8_t *a[ROWS];
  const size_t depth = job->depth, whole = depth / STEP * STEP;
  int32x4_t sum[ROWS][4];
  for (size_t m = 0; m < rows; m++) {
    a[m] = job->a + (top + m) * job->a_stride;
    for (size_t v = 0; v < 4; v++) sum[m][v] = vld1q_s32(bias + 4 * v);
  }
  if (rows == ROWS) {
    if (whole > 0) steps4(a, w, whole / STEP, sum);
  } else {
    for (size_t k = 0; k < whole; k += STEP) {
      KRN_LOOP("gemm_s8 dotprod", rows * WIDTH * STEP);
      const int8_t *y = w + k * WIDTH;
      int8x16_t x[ROWS];
      for (size_t m = 0; m < rows; m++) x[m] = vld1q_s8(a[m] + k);
      FOUR(0, y) FOUR(1, y + 4 * WIDTH) FOUR(2, y + 8 * WIDTH) FOUR(3, y + 12 * WIDTH)
    }
  }
  w += whole * WIDTH;
  if (depth > whole) {
    int8x16_t x[ROWS];
    for (size_t m = 0; m < rows; m++) x[m] = krn_load_end_neon(a[m], depth);
    FOUR(3, w)
    if (depth - whole > 4) FOUR(2, w + 4 * WIDTH)
    if (depth - whole > 8) FOUR(1, w + 8 * WIDTH)
    if (depth - whole > 12) FOUR(0, w + 12 * WIDTH)
  }
  size_t count = job->outputs - n < WIDTH ? job->outputs - n : WIDTH;
  for (size_t m = 0; m < rows; m++) {
    for (size_t v = 0; v < 4; v++) sum[m][v] = krn_scale_neon(sum[m][v], vld1q_f32(scale + 4 * v));
    int8_t *out = job->out + (top + m) * job->out_stride + n;
    krn_store_neon(out, krn_bytes16_neon(sum[m], o), count);
  }
}

GEMM_S8(DOTPROD, dotprod)
#endif
