/* One list per family: every variant compiled in, fastest first, the reference last, with what it
 * needs of the processor and, in two families, whether it takes flipped bytes. The lists feed the
 * declarations below and the tables of dispatch.c, and through those every test and benchmark. */
#ifndef KRN_VARIANTS_H
#define KRN_VARIANTS_H

#include "include/CKernels.h"

#if defined(__x86_64__)
#define KRN_GEMM_S8_VARIANTS(X)                                                                  \
  X(avx512vnni, KRN_CPU_AVX512VNNI, 1) X(avx2, KRN_CPU_AVX2, 0) X(scalar, 0, 1)
#define KRN_DWCONV_S8_VARIANTS(X)                                                                \
  X(avx512vnni, KRN_CPU_AVX512VNNI, 1) X(avx2, KRN_CPU_AVX2, 0) X(scalar, 0, 1)
#define KRN_ADD_S8_VARIANTS(X)                                                                   \
  X(avx512vnni, KRN_CPU_AVX512VNNI) X(avx2, KRN_CPU_AVX2) X(scalar, 0)
#define KRN_FIXADD_S8_VARIANTS(X)                                                                \
  X(avx512vnni, KRN_CPU_AVX512VNNI) X(avx2, KRN_CPU_AVX2) X(scalar, 0)
#define KRN_MEAN_S8_VARIANTS(X) X(avx2, KRN_CPU_AVX2) X(scalar, 0)
#define KRN_F32_VARIANTS(X)                                                                      \
  X(avx512vnni, KRN_CPU_AVX512VNNI) X(avx2, KRN_CPU_AVX2) X(scalar, 0)
#elif defined(__aarch64__)
#define KRN_GEMM_S8_VARIANTS(X)                                                                  \
  X(i8mm, KRN_CPU_I8MM, 0) X(dotprod, KRN_CPU_DOTPROD, 0) X(neon, KRN_CPU_NEON, 0) X(scalar, 0, 1)
#define KRN_DWCONV_S8_VARIANTS(X)                                                                \
  X(dotprod, KRN_CPU_DOTPROD, 0) X(neon, KRN_CPU_NEON, 0) X(scalar, 0, 1)
#define KRN_ADD_S8_VARIANTS(X) X(neon, KRN_CPU_NEON) X(scalar, 0)
#define KRN_FIXADD_S8_VARIANTS(X) X(neon, KRN_CPU_NEON) X(scalar, 0)
#define KRN_MEAN_S8_VARIANTS(X) X(neon, KRN_CPU_NEON) X(scalar, 0)
#define KRN_F32_VARIANTS(X) X(neon, KRN_CPU_NEON) X(scalar, 0)
#else
#define KRN_GEMM_S8_VARIANTS(X) X(scalar, 0, 1)
#define KRN_DWCONV_S8_VARIANTS(X) X(scalar, 0, 1)
#define KRN_ADD_S8_VARIANTS(X) X(scalar, 0)
#define KRN_FIXADD_S8_VARIANTS(X) X(scalar, 0)
#define KRN_MEAN_S8_VARIANTS(X) X(scalar, 0)
#define KRN_F32_VARIANTS(X) X(scalar, 0)
#endif

#define X(v, bits, flips)                                                                        \
  size_t krn_gemm_s8_packed_size__##v(size_t outputs, size_t depth);                             \
  void krn_gemm_s8_pack__##v(size_t outputs, size_t depth, const int8_t *weights,                \
                             const int32_t *bias, const float *scale, void *packed);             \
  void krn_gemm_s8__##v(const krn_gemm_s8_job *job);
KRN_GEMM_S8_VARIANTS(X)
#undef X

#define X(v, bits, flips)                                                                        \
  size_t krn_dwconv_s8_packed_size__##v(size_t taps, size_t channels);                           \
  void krn_dwconv_s8_pack__##v(size_t taps, size_t channels, const int8_t *weights,              \
                               const int32_t *bias, const float *scale, void *packed);           \
  void krn_dwconv_s8__##v(const krn_dwconv_s8_job *job);
KRN_DWCONV_S8_VARIANTS(X)
#undef X

#define X(v, bits) void krn_add_s8__##v(const krn_add_s8_job *job);
KRN_ADD_S8_VARIANTS(X)
#undef X

#define X(v, bits) void krn_fixadd_s8__##v(const krn_fixadd_s8_job *job);
KRN_FIXADD_S8_VARIANTS(X)
#undef X

#define X(v, bits) void krn_mean_s8__##v(const krn_mean_s8_job *job);
KRN_MEAN_S8_VARIANTS(X)
#undef X

#define X(v, bits)                                                                               \
  void krn_gemm_f32__##v(const krn_gemm_f32_job *job);                                           \
  void krn_outer_f32__##v(const krn_outer_f32_job *job);                                         \
  void krn_dwconv_f32__##v(const krn_dwconv_f32_job *job);                                       \
  void krn_exp_f32__##v(size_t count, const float *x, float *out);                               \
  void krn_log_f32__##v(size_t count, const float *x, float *out);                               \
  void krn_widen_f16__##v(size_t count, const uint16_t *x, float *out);                          \
  void krn_softmax_f32__##v(size_t rows, size_t columns, float *x);
KRN_F32_VARIANTS(X)
#undef X

#endif
