/* What the GEMM kernels share whose instructions take GROUP neighbouring k at once. Before this is
 * included are defined: GROUP, which divides STEP; ROWS, the height of a tile; COPIES, how often
 * bias and scale of two outputs stand side by side.
 *
 * Packed: panels of 16 outputs, the last of 8 if no more than 8 are left, outputs past the end
 * zero. A panel is whether its results are near (neon.h), bias, scale, then for each GROUP of k the
 * weights of each output side by side. `place_of` tells in which order k stand. */
#ifndef KRN_GEMM_S8_GROUPS_H
#define KRN_GEMM_S8_GROUPS_H

#include "neon.h"

enum { WIDTH = 16, STEP = 16 };

/* The parts of a panel of `width` outputs. */
typedef struct {
  int32_t near;
  const int32_t *bias;
  const float *scale;
  const int8_t *weights;
} panel_parts;

static inline panel_parts parts_of(const void *panel, size_t width) {
  const int32_t *bias = (const int32_t *)panel + 4;
  const float *scale = (const float *)(bias + COPIES * width);
  return (panel_parts){*(const int32_t *)panel, bias, scale,
                       (const int8_t *)(scale + COPIES * width)};
}

static inline size_t panel_bytes(size_t width, size_t depth) {
  return 16 +
         width * (COPIES * (sizeof(int32_t) + sizeof(float)) + (depth + GROUP - 1) / GROUP * GROUP);
}

/* Outputs of the panel that begins with `left` to go. */
static inline size_t panel_width(size_t left) { return left > WIDTH / 2 ? WIDTH : WIDTH / 2; }

static inline size_t packed_size(size_t outputs, size_t depth) {
  size_t rest = outputs % WIDTH;
  return outputs / WIDTH * panel_bytes(WIDTH, depth) +
         (rest ? panel_bytes(panel_width(rest), depth) : 0);
}

/* Where weight `k` of an output stands: its group * GROUP + its place there. Defined by a variant.
 */
static inline size_t place_of(size_t k, size_t depth);

static inline void pack(size_t outputs, size_t depth, const int8_t *weights, const int32_t *bias,
                        const float *scale, void *packed) {
  memset(packed, 0, packed_size(outputs, depth));
  for (size_t n = 0; n < outputs; n += WIDTH) {
    const size_t width = panel_width(outputs - n);
    panel_parts p = parts_of(packed, width);
    int near = 1;
    for (size_t i = 0; i < width && n + i < outputs; i++, weights += depth) {
      for (size_t copy = 0; copy < COPIES; copy++) {
        size_t at = COPIES * (i / 2 * 2) + 2 * copy + i % 2;
        ((int32_t *)p.bias)[at] = bias[n + i];
        ((float *)p.scale)[at] = scale[n + i];
      }
      near &= krn_is_near_neon(depth, weights, 1, bias[n + i], scale[n + i]);
      for (size_t k = 0; k < depth; k++) {
        size_t place = place_of(k, depth);
        ((int8_t *)p.weights)[(place / GROUP * width + i) * GROUP + place % GROUP] = weights[k];
      }
    }
    *(int32_t *)packed = near;
    packed = (char *)packed + panel_bytes(width, depth);
  }
}

/* Sums of `rows` rows by `width` outputs, the first `count` of which exist, to bytes; `near` as in
 * krn_finish16_neon. Panels of 8 outputs make a vector of bytes of two rows. */
KRN_NEON_INLINE void store_rows(const size_t rows, const size_t width, int32x4_t sum[][WIDTH / 4],
                                const float *scale, const int near, int8_t *out, size_t stride,
                                const size_t count, const krn_output_neon *o) {
  float32x4_t factor[4];
  for (size_t v = 0; v < 4; v++) factor[v] = vld1q_f32(scale + 4 * v % width);
  for (size_t m = 0; m < rows; m += WIDTH / width, out += WIDTH / width * stride) {
    if (width == WIDTH) {
      krn_store_neon(out, krn_finish16_neon(sum[m], factor, near, o), count);
    } else {
      const size_t other = m + 1 < rows ? m + 1 : m;
      int32x4_t x[4] = {sum[m][0], sum[m][1], sum[other][0], sum[other][1]};
      int8x16_t bytes = krn_finish16_neon(x, factor, near, o);
      krn_store_neon(out, bytes, count);
      if (other > m) krn_store_neon(out + stride, vextq_s8(bytes, bytes, 8), count);
    }
  }
}

/* The sizes and the packing of a variant. */
#define GEMM_S8_PACKING(variant)                                                                   \
  size_t krn_gemm_s8_packed_size__##variant(size_t outputs, size_t depth) {                        \
    return packed_size(outputs, depth);                                                            \
  }                                                                                                \
  void krn_gemm_s8_pack__##variant(size_t outputs, size_t depth, const int8_t *weights,            \
                                   const int32_t *bias, const float *scale, void *packed) {        \
    pack(outputs, depth, weights, bias, scale, packed);                                            \
  }

#endif
