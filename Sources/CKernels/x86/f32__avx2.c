#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#include "lanes__avx2.h"

/* A tile of 3 x 2 sums is 12 of the 16 vector registers. */
#define LANES_TILE_ROWS 3
#define LANES_TILE_OUTPUTS 2

#include "../lanes/elementary_f32.h"
#include "../lanes/linear_f32.h"
#include "../lanes/widen_f16.h"
#endif
