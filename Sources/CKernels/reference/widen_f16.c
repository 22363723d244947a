#include <string.h>

#include "../variants.h"

#pragma STDC FP_CONTRACT OFF

/* The exponent's bias is 15 in a half, 127 in fp32; a subnormal half begins as a subnormal float. */
void krn_widen_f16__scalar(size_t count, const uint16_t *x, float *out) {
  for (size_t i = 0; i < count; i++) {
    uint32_t magnitude = (uint32_t)(x[i] & 0x7FFF) << 13, sign = (uint32_t)(x[i] & 0x8000) << 16;
    float wide;
    memcpy(&wide, &magnitude, sizeof wide);
    wide *= 0x1p112f;
    memcpy(&magnitude, &wide, sizeof wide);
    magnitude |= sign;
    memcpy(out + i, &magnitude, sizeof magnitude);
  }
}
