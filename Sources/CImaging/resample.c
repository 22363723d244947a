#include "CImaging.h"

/* Integer sums: the same bytes however the compiler orders or vectorises them. Weights of one output pixel add
 * up to 2^22 within rounding and, for the sharpest filter used, to at most 1.4 x 2^22 in absolute value:
 * 255 x 1.4 x 2^22 < 2^31. */
enum { HALF = 1 << (CIM_WEIGHT_BITS - 1), CHUNK = 384 };

static inline uint8_t rounded(int32_t sum) {
  int32_t value = sum >> CIM_WEIGHT_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void cim_resample_row(const uint8_t *row, const int32_t *first, const int32_t *counts, const int32_t *weights,
                      size_t stride, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i++) {
    const uint8_t *source = row + 3 * (size_t)first[i];
    const int32_t *weight = weights + i * stride;
    int32_t red = HALF, green = HALF, blue = HALF;
    for (int32_t k = 0; k < counts[i]; k++) {
      red += weight[k] * source[3 * k];
      green += weight[k] * source[3 * k + 1];
      blue += weight[k] * source[3 * k + 2];
    }
    out[3 * i] = rounded(red);
    out[3 * i + 1] = rounded(green);
    out[3 * i + 2] = rounded(blue);
  }
}

void cim_combine_rows(const uint8_t *ring, size_t capacity, size_t start, const int32_t *weights, size_t taps,
                      size_t row_bytes, const uint8_t *table, uint8_t *out, ptrdiff_t pixel_step) {
  int32_t sums[CHUNK];
  for (size_t from = 0; from < row_bytes; from += CHUNK) {
    size_t count = row_bytes - from < CHUNK ? row_bytes - from : CHUNK;
    for (size_t i = 0; i < count; i++) sums[i] = HALF;
    for (size_t k = 0; k < taps; k++) {
      const uint8_t *row = ring + (start + k) % capacity * row_bytes + from;
      int32_t weight = weights[k];
      for (size_t i = 0; i < count; i++) sums[i] += weight * row[i];
    }
    for (size_t i = 0; i < count; i += 3) {
      uint8_t *pixel = out + (ptrdiff_t)((from + i) / 3) * pixel_step;
      for (size_t channel = 0; channel < 3; channel++) {
        uint8_t value = rounded(sums[i + channel]);
        pixel[channel] = table != NULL ? table[value] : value;
      }
    }
  }
}
