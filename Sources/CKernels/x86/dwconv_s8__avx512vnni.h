/* Depthwise blocks of one vector width, included once for each (dwconv_s8__avx512vnni.c):
 *   VECTOR    bytes of a vector, and channels of a block: 32 or 64
 *   NAME(f)   the name of a function of this width
 *   vector, floats       its types
 *   V(name), VI(name)    its intrinsics, VI those that name the whole vector's type */

/* Bytes of one tap, `count` of which exist, plus 128. */
KRN_AVX512_INLINE vector NAME(load)(const int8_t *row, const size_t count) {
  const vector sign = V(set1_epi8)(-128);
  if (count == VECTOR) return VI(xor)(VI(loadu)((const vector *)row), sign);
  int8_t all[VECTOR] = {0};
  memcpy(all, row, count);
  return VI(xor)(VI(loadu)((const vector *)all), sign);
}

/* Four taps, `stride` pointers apart, side by side: a 32-bit lane holds a channel's. `taps` of them,
 * a constant, exist. */
KRN_AVX512_INLINE void NAME(interleave)(const int8_t *const *rows, const size_t taps,
                                        const size_t stride, size_t c, const size_t count,
                                        vector quad[4]) {
  vector x[4];
  for (size_t i = 0; i < 4; i++)
    x[i] = i < taps ? NAME(load)(rows[i * stride] + c, count) : VI(setzero)();
  vector low01 = V(unpacklo_epi8)(x[0], x[1]), high01 = V(unpackhi_epi8)(x[0], x[1]);
  vector low23 = V(unpacklo_epi8)(x[2], x[3]), high23 = V(unpackhi_epi8)(x[2], x[3]);
  quad[0] = V(unpacklo_epi16)(low01, low23);
  quad[1] = V(unpackhi_epi16)(low01, low23);
  quad[2] = V(unpacklo_epi16)(high01, high23);
  quad[3] = V(unpackhi_epi16)(high01, high23);
}

KRN_AVX512_INLINE void NAME(add)(vector sum[4], const vector quad[4], const int8_t *w) {
  for (size_t v = 0; v < 4; v++) sum[v] = V(dpbusd_epi32)(sum[v], quad[v], VI(loadu)((const vector *)w + v));
}

/* Sums of a block to bytes. */
KRN_AVX512_INLINE void NAME(store)(int8_t *out, const vector sum[4], const float *scale,
                                   const size_t count, const krn_output_s8 *o) {
  const floats high = V(set1_ps)((float)(o->high - o->zero_point));
  vector x[4];
  for (size_t v = 0; v < 4; v++) {
    floats real = V(mul_ps)(V(cvtepi32_ps)(sum[v]), V(loadu_ps)(scale + v * VECTOR / 4));
    x[v] = V(cvtps_epi32)(V(min_ps)(real, high));
  }
  const vector zero = V(set1_epi16)((int16_t)o->zero_point);
  vector first = V(adds_epi16)(V(packs_epi32)(x[0], x[1]), zero);
  vector second = V(adds_epi16)(V(packs_epi32)(x[2], x[3]), zero);
  vector bytes = V(max_epi8)(V(packs_epi16)(first, second), V(set1_epi8)(o->low));
  if (count == VECTOR) {
    VI(storeu)((vector *)out, bytes);
  } else {
    int8_t all[VECTOR];
    VI(storeu)((vector *)all, bytes);
    memcpy(out, all, count);
  }
}

KRN_AVX512_INLINE void NAME(begin)(const size_t pixels, vector sum[][4], const void *packed) {
  for (size_t p = 0; p < pixels; p++)
    for (size_t v = 0; v < 4; v++) sum[p][v] = VI(loadu)((const vector *)packed + v);
}

/* `pixels` pixels from `first` on, each with its own taps. */
KRN_AVX512_INLINE void NAME(apart)(const size_t pixels, const krn_dwconv_s8_job *job, size_t first,
                                   const void *packed, size_t c, const size_t count) {
  const float *scale = (const float *)packed + VECTOR;
  const int8_t *w = (const int8_t *)(scale + VECTOR);
  const size_t taps = job->taps, step = job->row_step;
  const int8_t *const *rows = job->rows + first * step;
  vector sum[PIXELS][4];
  NAME(begin)(pixels, sum, packed);
  quads all = quads_of(taps);
  for (size_t g = 0; g < all.count; g++, w += 4 * VECTOR) {
    quad_taps q = quad_at(all, g);
    for (size_t p = 0; p < pixels; p++) {
      vector quad[4];
      const int8_t *const *row = rows + p * step + q.first;
      switch (q.count) {
      case 1: NAME(interleave)(row, 1, 1, c, count, quad); break;
      case 2: NAME(interleave)(row, 2, q.stride, c, count, quad); break;
      case 3: NAME(interleave)(row, 3, q.stride, c, count, quad); break;
      default: NAME(interleave)(row, 4, q.stride, c, count, quad); break;
      }
      NAME(add)(sum[p], quad, w);
    }
  }
  for (size_t p = 0; p < pixels; p++)
    NAME(store)(job->out + (first + p) * job->out_stride + c, sum[p], scale, count, &job->output);
}

/* Half a quad of a column: the channels of vectors 2 `half` and 2 `half` + 1. */
KRN_AVX512_INLINE void NAME(interleave_half)(const int8_t *const *rows, const size_t taps,
                                             const size_t stride, size_t c, const size_t half,
                                             vector quad[2]) {
  vector x[4];
  for (size_t i = 0; i < 4; i++)
    x[i] = i < taps ? NAME(load)(rows[i * stride] + c, VECTOR) : VI(setzero)();
  vector x01 = half ? V(unpackhi_epi8)(x[0], x[1]) : V(unpacklo_epi8)(x[0], x[1]);
  vector x23 = half ? V(unpackhi_epi8)(x[2], x[3]) : V(unpacklo_epi8)(x[2], x[3]);
  quad[0] = V(unpacklo_epi16)(x01, x23);
  quad[1] = V(unpackhi_epi16)(x01, x23);
}

/* `pixels` pixels of a square window of `side` 3 or 5, columns `stride` apart: a column's taps are
 * interleaved once for all pixels that see it. Half the channels at a time, so that their weights
 * stay in registers. All but `job`, `first`, `packed` and `c` are constants. */
KRN_AVX512_INLINE void NAME(together)(const size_t pixels, const size_t side, const size_t stride,
                                      const krn_dwconv_s8_job *job, size_t first,
                                      const void *packed, size_t c) {
  const vector *bias = packed, *w = bias + 8;
  const float *scale = (const float *)packed + VECTOR;
  const int8_t *const *rows = job->rows + first * stride * side;
  const size_t tall = side < 4 ? side : 4;
  const floats high = V(set1_ps)((float)(job->output.high - job->output.zero_point));
  const vector zero = V(set1_epi16)((int16_t)job->output.zero_point);
  vector words[PIXELS][2];
  KRN_UNROLL for (size_t half = 0; half < 2; half++) {
    vector sum[PIXELS][2], quad[2];
    for (size_t p = 0; p < pixels; p++)
      for (size_t v = 0; v < 2; v++) sum[p][v] = VI(loadu)(bias + 2 * half + v);
    KRN_UNROLL for (size_t column = 0; column < (pixels - 1) * stride + side; column++) {
      NAME(interleave_half)(rows + column * side, tall, 1, c, half, quad);
      KRN_UNROLL for (size_t p = 0; p < pixels; p++)
        if (column >= p * stride && column - p * stride < side)
          for (size_t v = 0; v < 2; v++)
            sum[p][v] = V(dpbusd_epi32)(sum[p][v], quad[v],
                                        VI(loadu)(w + (column - p * stride) * 4 + 2 * half + v));
    }
    if (side == 5) /* the fifth row of each column */
      KRN_UNROLL for (size_t p = 0; p < pixels; p++) {
        const int8_t *const *row = rows + p * stride * side + 4;
        NAME(interleave_half)(row, 4, 5, c, half, quad);
        for (size_t v = 0; v < 2; v++)
          sum[p][v] = V(dpbusd_epi32)(sum[p][v], quad[v], VI(loadu)(w + 20 + 2 * half + v));
        NAME(interleave_half)(row + 20, 1, 1, c, half, quad);
        for (size_t v = 0; v < 2; v++)
          sum[p][v] = V(dpbusd_epi32)(sum[p][v], quad[v], VI(loadu)(w + 24 + 2 * half + v));
      }
    for (size_t p = 0; p < pixels; p++) {
      vector x[2];
      for (size_t v = 0; v < 2; v++) {
        floats factor = V(loadu_ps)(scale + (2 * half + v) * VECTOR / 4);
        x[v] = V(cvtps_epi32)(V(min_ps)(V(mul_ps)(V(cvtepi32_ps)(sum[p][v]), factor), high));
      }
      words[p][half] = V(adds_epi16)(V(packs_epi32)(x[0], x[1]), zero);
    }
  }
  for (size_t p = 0; p < pixels; p++)
    VI(storeu)((vector *)(job->out + (first + p) * job->out_stride + c),
               V(max_epi8)(V(packs_epi16)(words[p][0], words[p][1]),
                           V(set1_epi8)(job->output.low)));
}

#define ROW(side, stride, many)                                                                    \
  KRN_AVX512 static void NAME(row_##side##x##stride)(const krn_dwconv_s8_job *job,                 \
                                                     const void *packed, size_t c) {               \
    size_t p = 0;                                                                                  \
    for (; p + many <= job->pixels; p += many)                                                     \
      NAME(together)(many, side, stride, job, p, packed, c);                                       \
    switch (job->pixels - p) {                                                                     \
    case 3: NAME(together)(3, side, stride, job, p, packed, c); break;                             \
    case 2: NAME(together)(2, side, stride, job, p, packed, c); break;                             \
    case 1: NAME(together)(1, side, stride, job, p, packed, c); break;                             \
    default: break;                                                                                \
    }                                                                                              \
  }
ROW(3, 1, 4) ROW(3, 2, 2) ROW(5, 1, 4) ROW(5, 2, 2)
#undef ROW

/* A block of channels of all pixels. */
KRN_AVX512 static void NAME(block)(const krn_dwconv_s8_job *job, const void *packed, size_t c) {
  if (job->taps == 9 && job->row_step == 3) {
    NAME(row_3x1)(job, packed, c);
  } else if (job->taps == 9 && job->row_step == 6) {
    NAME(row_3x2)(job, packed, c);
  } else if (job->taps == 25 && job->row_step == 5) {
    NAME(row_5x1)(job, packed, c);
  } else if (job->taps == 25 && job->row_step == 10) {
    NAME(row_5x2)(job, packed, c);
  } else {
    size_t p = 0;
    for (; p + 2 <= job->pixels; p += 2) NAME(apart)(2, job, p, packed, c, VECTOR);
    for (; p < job->pixels; p++) NAME(apart)(1, job, p, packed, c, VECTOR);
  }
}

#undef VECTOR
#undef NAME
#undef vector
#undef floats
#undef V
#undef VI
