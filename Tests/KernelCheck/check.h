/* Compares every variant of every family with its reference, bit for bit; see main.c. */
#ifndef CHECK_H
#define CHECK_H

#include "../../Sources/CKernels/include/CKernels.h"
#include "guarded.h"
#include "seeded.h"

/* Each returns how many cases differ from the reference, after printing them. */
int check_gemm_s8(const krn_gemm_s8_variant *v);
int check_dwconv_s8(const krn_dwconv_s8_variant *v);
int check_add_s8(const krn_add_s8_variant *v);
int check_fixadd_s8(const krn_fixadd_s8_variant *v);
int check_mean_s8(const krn_mean_s8_variant *v);
int check_gemm_f32(const krn_gemm_f32_variant *v);
int check_outer_f32(const krn_outer_f32_variant *v);
int check_dwconv_f32(const krn_dwconv_f32_variant *v);
int check_exp_f32(const krn_map_f32_variant *v);
int check_log_f32(const krn_map_f32_variant *v);
int check_widen_f16(const krn_widen_f16_variant *v);
int check_softmax_f32(const krn_softmax_f32_variant *v);

/* Prints GMAC/s of each variant that runs here, on shapes of EfficientNet-Lite0. */
void bench(void);

#endif
