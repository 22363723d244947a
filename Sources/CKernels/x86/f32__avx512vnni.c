#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#include "lanes__avx512.h"

/* A tile of 5 x 5 sums is 25 of the 32 vector registers. */
#define LANES_TILE_ROWS 5
#define LANES_TILE_OUTPUTS 5

#include "../lanes/elementary_f32.h"
#include "../lanes/linear_f32.h"
#include "../lanes/widen_f16.h"
#endif
