/* How the dot-product depthwise kernel's weights are packed.
 *
 * Packed: blocks of 16 channels (dwconv_s8__neon.h). A block is whether its results are near
 * (neon.h), bias, scale, then for each quad the four weights of each channel side by side; missing
 * taps are zero. */
#ifndef KRN_DWCONV_S8_DOTPROD_PACK_H
#define KRN_DWCONV_S8_DOTPROD_PACK_H

#include "dwconv_s8__neon.h"

#include "../quads.h"
#include "../variants.h"

typedef struct {
  int32_t near[4];
  int32_t bias[WIDTH];
  float scale[WIDTH];
  int8_t weights[];
} block_head;

static size_t block_bytes(size_t taps) {
  return sizeof(block_head) + 4 * WIDTH * quads_of(taps).count;
}

size_t krn_dwconv_s8_packed_size__dotprod(size_t taps, size_t channels) {
  return block_count(channels) * block_bytes(taps);
}

void krn_dwconv_s8_pack__dotprod(size_t taps, size_t channels, const int8_t *weights,
                                 const int32_t *bias, const float *scale, void *packed) {
  memset(packed, 0, krn_dwconv_s8_packed_size__dotprod(taps, channels));
  const quads all = quads_of(taps);
  for (size_t b = 0; b < block_count(channels); b++) {
    block_head *head = (block_head *)((char *)packed + b * block_bytes(taps));
    head->near[0] = 1;
    for (size_t i = 0; i < WIDTH; i++) {
      size_t c = channel_at(b, i, channels);
      head->bias[i] = bias[c];
      head->scale[i] = scale[c];
      head->near[0] &= krn_is_near_neon(taps, weights + c, channels, bias[c], scale[c]);
      for (size_t g = 0; g < all.count; g++) {
        quad_taps q = quad_at(all, g);
        for (size_t t = 0; t < q.count; t++)
          head->weights[(g * WIDTH + i) * 4 + t] = weights[(q.first + t * q.stride) * channels + c];
      }
    }
  }
}

#endif
