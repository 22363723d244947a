/* Compares every compiled variant of every kernel family with the family's scalar reference: random
 * and extreme values, lengths either side of each vector width, buffers that end at an unreadable
 * page. Exits 1 on a difference. A variant that this processor lacks is printed as not run.
 *
 *   Tests/check-kernels.sh            compare
 *   Tests/check-kernels.sh --bench    measure
 *
 * KRN_SIMDE says that AVX-512 intrinsics were compiled into something that AVX2 processors run. */
#include "check.h"

static int supported(uint32_t cpu) {
  uint32_t present = krn_cpu_detect();
#ifdef KRN_SIMDE
  present |= KRN_CPU_AVX512VNNI;
#endif
  return (cpu & ~present) == 0;
}

/* The reference itself has no other to be compared with. */
#define CHECK(family)                                                                              \
  for (size_t i = 0; krn_##family##_variant_at(i); i++) {                                          \
    const char *name = krn_##family##_variant_at(i)->name;                                         \
    if (strcmp(name, "scalar") == 0) continue;                                                     \
    if (!supported(krn_##family##_variant_at(i)->cpu)) {                                           \
      printf("%-12s %-12s not run: this processor lacks it\n", #family, name);                     \
      continue;                                                                                    \
    }                                                                                              \
    int failed = check_##family(krn_##family##_variant_at(i));                                     \
    printf("%-12s %-12s %s\n", #family, name, failed ? "DIFFERS" : "same bytes");                  \
    failures += failed;                                                                            \
    compared++;                                                                                    \
  }

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc > 1 && strcmp(argv[1], "--bench") == 0) {
    bench();
    return 0;
  }
  int failures = 0, compared = 0;
  CHECK(gemm_s8)
  CHECK(dwconv_s8)
  CHECK(add_s8)
  CHECK(fixadd_s8)
  CHECK(mean_s8)
  CHECK(gemm_f32)
  CHECK(outer_f32)
  CHECK(dwconv_f32)
  CHECK(exp_f32)
  CHECK(log_f32)
  CHECK(widen_f16)
  CHECK(softmax_f32)
  printf("%d variants compared, %d differing cases\n", compared, failures);
  return failures != 0;
}
