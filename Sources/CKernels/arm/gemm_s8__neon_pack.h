/* How the NEON GEMM's weights are packed.
 *
 * Packed: panels of 4 outputs, outputs past the end zero. A panel is a head, the first k of each
 * sixteen in the order in which they are taken, then the 16 weights of each output, of a pair of
 * sixteens side by side. What is left of depth is a last step of 16, or of 8 if that is enough: it
 * ends with the row, and its weights of k already taken (or before the row) are zero. */
#ifndef KRN_GEMM_S8_NEON_PACK_H
#define KRN_GEMM_S8_NEON_PACK_H

#include "neon.h"

#include "../variants.h"

enum { WIDTH = 4, STEP = 16, GREATEST = 255, TRIES = 8 };

typedef struct {
  int32_t near, wide;         /* whether results are near (neon.h); whether a weight is -128 */
  uint32_t pairs, singles;    /* sixteens taken two and two, and alone */
  uint32_t tail, unused[3];   /* whether the last of those alone is taken with a last step of 8 */
  int32_t bias[WIDTH][WIDTH]; /* in one of four lanes, which are added */
  float scale[WIDTH];
  uint32_t order[];
} head;

/* Bytes of an output's last step: 0, 8 or 16. */
static size_t last_step(size_t depth) { return (depth % STEP + 7) / 8 * 8; }

static size_t order_bytes(size_t depth) { return (depth / STEP + 3) / 4 * 16; }

static size_t panel_bytes(size_t depth) {
  return sizeof(head) + order_bytes(depth) + WIDTH * (depth / STEP * STEP + last_step(depth));
}

size_t krn_gemm_s8_packed_size__neon(size_t outputs, size_t depth) {
  return (outputs + WIDTH - 1) / WIDTH * panel_bytes(depth);
}

static int magnitude(int8_t weight) { return weight < 0 ? -weight : weight; }

/* The weights of k and k + 8 whose products are added, the greatest sum of `rows` outputs. */
static int greatest_two(const int8_t *w, size_t rows, size_t depth, size_t k) {
  int greatest = 0;
  for (size_t i = 0; i < rows; i++, w += depth)
    for (size_t j = k; j < k + 8; j++) {
      int sum = magnitude(w[j]) + magnitude(w[j + 8]);
      if (sum > greatest) greatest = sum;
    }
  return greatest;
}

/* Whether four products fit 16 bits where the sixteens at `k` and `l` are taken together. */
static int four_fit(const int8_t *w, size_t rows, size_t depth, size_t k, size_t l) {
  for (size_t i = 0; i < rows; i++, w += depth)
    for (size_t j = 0; j < 8; j++)
      if (magnitude(w[k + j]) + magnitude(w[k + j + 8]) + magnitude(w[l + j]) +
              magnitude(w[l + j + 8]) >
          GREATEST)
        return 0;
  return 1;
}

/* Whether three products fit 16 bits where the sixteen at `k` and the last eight are taken
 * together. */
static int three_fit(const int8_t *w, size_t rows, size_t depth, size_t k) {
  for (size_t i = 0; i < rows; i++, w += depth)
    for (size_t j = 0; j < 8; j++)
      if (magnitude(w[k + j]) + magnitude(w[k + j + 8]) + magnitude(w[depth - 8 + j]) > GREATEST)
        return 0;
  return 1;
}

/* If a last step of 8 can be taken with one of those that are taken alone, puts that last. */
static void find_tail(const int8_t *w, size_t rows, size_t depth, head *h) {
  uint32_t *alone = h->order + 2 * h->pairs, n = 0;
  if (last_step(depth) != 8) return;
  while (n < h->singles && !three_fit(w, rows, depth, alone[n])) n++;
  if (n == h->singles) return;
  uint32_t k = alone[n];
  alone[n] = alone[h->singles - 1];
  alone[h->singles - 1] = k;
  h->tail = 1;
}

/* Finds the order of a panel's sixteens and how many pairs it begins with: those with the greatest
 * weights first, each with the first that fits of some with the least. */
static void find_order(const int8_t *w, size_t rows, size_t depth, head *h) {
  uint16_t sorted[32768 / STEP];
  size_t count = depth / STEP, starts[GREATEST + 2] = {0};
  for (size_t n = 0; n < count; n++)
    starts[GREATEST - greatest_two(w, rows, depth, n * STEP) + 1]++;
  for (size_t i = 1; i < GREATEST + 2; i++) starts[i] += starts[i - 1];
  for (size_t n = 0; n < count; n++)
    sorted[starts[GREATEST - greatest_two(w, rows, depth, n * STEP)]++] = (uint16_t)n;
  size_t single = count;
  for (size_t n = 0; n < count; n++) {
    uint32_t k = sorted[n] * (uint32_t)STEP;
    size_t other = count;
    for (size_t tries = 0; other > n + 1 && tries < TRIES; tries++) {
      other--;
      if (four_fit(w, rows, depth, k, sorted[other] * (size_t)STEP)) break;
      if (other == n + 1 || tries + 1 == TRIES) other = 0;
    }
    if (other > n && other < count) {
      h->order[2 * h->pairs] = k;
      h->order[2 * h->pairs++ + 1] = sorted[other] * (uint32_t)STEP;
      for (count--; other < count; other++) sorted[other] = sorted[other + 1];
    } else {
      h->order[--single] = k;
      h->singles++;
    }
  }
}

void krn_gemm_s8_pack__neon(size_t outputs, size_t depth, const int8_t *weights,
                            const int32_t *bias, const float *scale, void *packed) {
  const size_t whole = depth / STEP * STEP, last = last_step(depth);
  memset(packed, 0, krn_gemm_s8_packed_size__neon(outputs, depth));
  for (size_t n = 0; n < outputs; n += WIDTH, weights += WIDTH * depth) {
    head *h = packed;
    const size_t rows = outputs - n < WIDTH ? outputs - n : WIDTH;
    h->near = 1;
    for (size_t i = 0; i < rows; i++) {
      h->bias[i][0] = bias[n + i];
      h->scale[i] = scale[n + i];
      h->near &= krn_is_near_neon(depth, weights + i * depth, 1, bias[n + i], scale[n + i]);
      h->wide |= memchr(weights + i * depth, -128, depth) != NULL;
    }
    if (h->wide) {
      h->singles = (uint32_t)(whole / STEP);
      for (uint32_t i = 0; i < h->singles; i++) h->order[i] = i * STEP;
    } else {
      find_order(weights, rows, depth, h);
      find_tail(weights, rows, depth, h);
    }
    int8_t *w = (int8_t *)h->order + order_bytes(depth);
    for (size_t i = 0; i < rows; i++) {
      const int8_t *row = weights + i * depth;
      for (size_t s = 0; s < whole / STEP; s++) {
        const size_t paired = 2 * h->pairs, pair = s < paired;
        const size_t at = pair ? s / 2 * 2 * WIDTH + 2 * i + s % 2 : s * WIDTH + i;
        memcpy(w + at * STEP, row + h->order[s], STEP);
      }
      for (size_t k = whole; k < depth; k++)
        w[whole * WIDTH + last * i + last - depth + k] = row[k];
    }
    packed = (char *)packed + panel_bytes(depth);
  }
}

#endif
