/* Random bytes and floats that are the same everywhere (SplitMix64). */
#ifndef SEEDED_H
#define SEEDED_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  uint64_t state;
} seeded;

static inline uint64_t seeded_next(seeded *s) {
  uint64_t z = (s->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline size_t seeded_below(seeded *s, size_t n) { return seeded_next(s) % n; }

/* 0 <= x < 1 */
static inline float seeded_unit(seeded *s) { return (float)(seeded_next(s) >> 40) * 0x1p-24f; }

/* mode 0: any byte; 1: nothing but -128; 2: -128 or 127; 3: any but -128; 4: -127 or 127; as weights,
 * several of whose products may fit 16 bits: 5: mostly within 64; 6: 64 or 63, most of them
 * negative */
static inline void seeded_bytes(seeded *s, int8_t *out, size_t n, int mode) {
  for (size_t i = 0; i < n; i++) {
    uint64_t r = seeded_next(s);
    if (mode >= 5) {
      int small = mode == 5 ? (int)(r >> 20 & 127) - 63 : i % 64 < 48 ? 64 : 63;
      out[i] = (int8_t)(mode == 5 && (r & 63) == 0 ? 127 : r >> 8 & 7 ? -small : small);
      continue;
    }
    int8_t byte = mode % 3 == 0 ? (int8_t)(r >> 20) : mode == 1 || (r >> 20 & 1) ? -128 : 127;
    out[i] = mode >= 3 && byte == -128 ? -127 : byte;
  }
}

/* mode 0: -1..1; 1: any finite magnitude down to denormals, both zeros among them */
static inline void seeded_floats(seeded *s, float *out, size_t n, int mode) {
  for (size_t i = 0; i < n; i++) {
    if (mode == 0) {
      out[i] = seeded_unit(s) * 2 - 1;
      continue;
    }
    uint64_t r = seeded_next(s);
    out[i] = r % 7 == 0 ? (r & 8 ? -0.0f : 0.0f)
                        : ldexpf(seeded_unit(s) * 2 - 1, (int)(r >> 8 & 127) - 100);
  }
}

#endif
