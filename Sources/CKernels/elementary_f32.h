/* Constants of the elementary functions, shared by the reference and the vector form.
 *
 * exp: x = n ln 2 + r, |r| <= ln 2 / 2, ln 2 in two parts; exp(r) = 1 + r + r^2 P(r).
 * log: x = 2^e m, sqrt(1/2) <= m < sqrt(2), f = m - 1; log(1 + f) = f - f^2 / 2 + f^3 Q(f).
 * Polynomials: S. L. Moshier, Cephes Mathematical Library, single precision, expf and logf. */
#ifndef KRN_ELEMENTARY_F32_H
#define KRN_ELEMENTARY_F32_H

#define KRN_MAGIC 12582912.0f /* 1.5 * 2^23: adding it rounds to an integer, held in the low bits */
#define KRN_MAGIC_BITS 0x4b400000
#define KRN_NAN_BITS 0x7fc00000
#define KRN_LOG2_E 1.44269504088896341f
#define KRN_LN2_HIGH 0.693359375f
#define KRN_LN2_LOW -2.12194440e-4f

/* exp is 0 below the first and infinite above the second */
#define KRN_EXP_LEAST -104.0f
#define KRN_EXP_MOST 89.0f

/* coefficients, highest power first */
#define KRN_EXP_P(X)                                                                             \
  X(1.9875691500e-4f)                                                                            \
  X(1.3981999507e-3f) X(8.3334519073e-3f) X(4.1665795894e-2f) X(1.6666665459e-1f)                \
  X(5.0000001201e-1f)

#define KRN_LOG_Q(X)                                                                             \
  X(7.0376836292e-2f)                                                                            \
  X(-1.1514610310e-1f) X(1.1676998740e-1f) X(-1.2420140846e-1f) X(1.4249322787e-1f)              \
  X(-1.6668057665e-1f) X(2.0000714765e-1f) X(-2.4999993993e-1f) X(3.3333331174e-1f)

#define KRN_SQRT_HALF_BITS 0x3f3504f3
#define KRN_ONE_BITS 0x3f800000
#define KRN_LEAST_NORMAL 1.17549435e-38f
#define KRN_DENORMAL_SCALE 8388608.0f /* 2^23 */

#endif
