/* How the taps of a depthwise window make groups of four, which one dot product takes. */
#ifndef KRN_QUADS_H
#define KRN_QUADS_H

#include <stddef.h>

/* Of 9 taps the quads are the columns; of 25 the upper four of each column, the fifth ones of the first four columns,
 * and the last tap; of any other number each four in a row. */
typedef struct {
  size_t taps, side, tall, count;
} quads;

/* A quad: its first tap, how many it has, and how far they are apart. */
typedef struct {
  size_t first, count, stride;
} quad_taps;

static inline quads quads_of(size_t taps) {
  if (taps == 9) return (quads){9, 3, 3, 3};
  if (taps == 25) return (quads){25, 5, 4, 7};
  return (quads){taps, 4, 4, (taps + 3) / 4};
}

/* The taps of quad `g`. */
static inline quad_taps quad_at(quads all, size_t g) {
  if (all.taps == 25 && g == 5) return (quad_taps){4, 4, 5};
  if (all.taps == 25 && g == 6) return (quad_taps){24, 1, 1};
  size_t first = g * all.side, left = all.taps - first;
  return (quad_taps){first, left < all.tall ? left : all.tall, 1};
}

#endif
