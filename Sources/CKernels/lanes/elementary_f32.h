/* Elementary functions on fp32 over sixteen lanes, for any instruction set that defines them; the
 * reference with its scalar steps stands in reference/elementary_f32.c. */
#include "../elementary_f32.h"
#include "../reference/lanes.h"
#include "../variants.h"

LANES_INLINE lanes lanes_exp(lanes x) {
  const lanes magic = lanes_set(KRN_MAGIC), one = lanes_set(1);
  lanes limited = lanes_least(lanes_set(KRN_EXP_MOST), lanes_most(lanes_set(KRN_EXP_LEAST), x));
  lanes shifted = lanes_add(lanes_multiply(limited, lanes_set(KRN_LOG2_E)), magic);
  lanes_int n = lanes_int_subtract(lanes_bits(shifted), lanes_int_set(KRN_MAGIC_BITS));
  lanes whole = lanes_subtract(shifted, magic);
  lanes r = lanes_fma(whole, lanes_set(-KRN_LN2_HIGH), limited);
  r = lanes_fma(whole, lanes_set(-KRN_LN2_LOW), r);
  lanes p = lanes_set(0);
#define X(coefficient) p = lanes_fma(p, r, lanes_set(coefficient));
  KRN_EXP_P(X)
#undef X
  lanes y = lanes_add(lanes_fma(p, lanes_multiply(r, r), r), one);
  lanes_int half = lanes_int_halve(n), bias = lanes_int_set(127);
  lanes_int first = lanes_int_to_exponent(lanes_int_add(half, bias));
  lanes_int second = lanes_int_to_exponent(lanes_int_add(lanes_int_subtract(n, half), bias));
  y = lanes_multiply(lanes_multiply(y, lanes_of_bits(first)), lanes_of_bits(second));
  return lanes_where_equal(x, x, y, lanes_of_bits(lanes_int_set(KRN_NAN_BITS)));
}

LANES_INLINE lanes lanes_log(lanes x) {
  const lanes zero = lanes_set(0), least = lanes_set(KRN_LEAST_NORMAL);
  lanes normal = lanes_where_below(x, least, lanes_multiply(x, lanes_set(KRN_DENORMAL_SCALE)), x);
  lanes_int bits =
      lanes_int_add(lanes_bits(normal), lanes_int_set(KRN_ONE_BITS - KRN_SQRT_HALF_BITS));
  lanes_int exponent = lanes_int_subtract(lanes_int_from_exponent(bits), lanes_int_set(127));
  lanes e =
      lanes_subtract(lanes_of_int(exponent), lanes_where_below(x, least, lanes_set(23), zero));
  lanes_int fraction = lanes_int_and(bits, lanes_int_set(0x007fffff));
  fraction = lanes_int_add(fraction, lanes_int_set(KRN_SQRT_HALF_BITS));
  lanes f = lanes_subtract(lanes_of_bits(fraction), lanes_set(1));
  lanes z = lanes_multiply(f, f);
  lanes q = zero;
#define X(coefficient) q = lanes_fma(q, f, lanes_set(coefficient));
  KRN_LOG_Q(X)
#undef X
  lanes y = lanes_fma(e, lanes_set(KRN_LN2_LOW), lanes_multiply(lanes_multiply(q, f), z));
  y = lanes_fma(lanes_set(-0.5f), z, y);
  y = lanes_fma(e, lanes_set(KRN_LN2_HIGH), lanes_add(f, y));
  y = lanes_where_above(x, lanes_set(3.402823466e38f), x, y);
  lanes nan = lanes_of_bits(lanes_int_set(KRN_NAN_BITS));
  y = lanes_where_above(x, zero, y, nan);
  return lanes_where_equal(x, zero, lanes_of_bits(lanes_int_set((int32_t)0xff800000)), y);
}

#define MAP(name, function)                                                                        \
  LANES_TARGET void LANES_NAME(name)(size_t count, const float *x, float *out) {                   \
    size_t i = 0;                                                                                  \
    for (; i + KRN_LANES <= count; i += KRN_LANES)                                                 \
      lanes_store(out + i, function(lanes_load(x + i)));                                           \
    if (i < count)                                                                                 \
      lanes_store_first(out + i, function(lanes_load_first(x + i, count - i)), count - i);         \
  }
MAP(krn_exp_f32, lanes_exp)
MAP(krn_log_f32, lanes_log)
#undef MAP

LANES_TARGET void LANES_NAME(krn_softmax_f32)(size_t rows, size_t columns, float *x) {
  size_t whole = columns - columns % KRN_LANES, rest = columns - whole;
  for (size_t row = 0; row < rows; row++, x += columns) {
    float most = x[0]; /* the same in any order */
    for (size_t i = 1; i < columns; i++) most = x[i] > most ? x[i] : most;
    lanes shift = lanes_set(most), sum = lanes_set(0);
    for (size_t i = 0; i < whole; i += KRN_LANES) {
      lanes e = lanes_exp(lanes_subtract(lanes_load(x + i), shift));
      lanes_store(x + i, e);
      sum = lanes_add(sum, e);
    }
    if (rest > 0) {
      lanes e = lanes_exp(lanes_subtract(lanes_load_first(x + whole, rest), shift));
      lanes_store_first(x + whole, e, rest);
      sum = lanes_add(sum, lanes_load_first(x + whole, rest));
    }
    lanes total = lanes_set(lanes_sum(sum));
    for (size_t i = 0; i < whole; i += KRN_LANES)
      lanes_store(x + i, lanes_divide(lanes_load(x + i), total));
    if (rest > 0)
      lanes_store_first(x + whole, lanes_divide(lanes_load_first(x + whole, rest), total), rest);
  }
}
