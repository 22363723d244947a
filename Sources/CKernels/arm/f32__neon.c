#if defined(__aarch64__)
#pragma STDC FP_CONTRACT OFF
#include "lanes__neon.h"

/* A tile of 2 x 2 sums is 16 of the 32 vector registers, its factors 12 more at most. */
#define LANES_TILE_ROWS 2
#define LANES_TILE_OUTPUTS 2

#include "../lanes/elementary_f32.h"
#include "../lanes/linear_f32.h"
#include "../lanes/widen_f16.h"
#endif
