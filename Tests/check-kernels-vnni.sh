#!/bin/sh
# Compares the AVX-512-VNNI kernels with their scalar references. Where the processor has VNNI they
# run as they are; elsewhere the very same source is compiled against SIMDe (Debian's libsimde-dev),
# which does AVX-512 in AVX2. Installs nothing: without VNNI, SIMDe or AVX2 the check is not run and
# says so. A difference exits 1.
set -eu
cd "$(dirname "$0")/.."

compiler=${CC:-clang}
emulation=
missing=
if ! grep -qw avx512_vnni /proc/cpuinfo; then
  [ -f /usr/include/simde/x86/avx512.h ] || missing="libsimde-dev"
  grep -qw avx2 /proc/cpuinfo || missing="a processor with AVX2"
  emulation="-DKRN_SIMDE -mavx2 -mfma -mf16c -Wno-psabi"
fi
command -v "$compiler" >/dev/null || missing="$compiler"
if [ -n "$missing" ]; then
  echo "AVX-512-VNNI kernels: not run: missing $missing"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046,SC2086 # lists of words
"$compiler" -std=c11 -O2 -ffp-contract=off -Wall -Wextra -Werror $emulation -D_GNU_SOURCE \
  -o "$work/check" $(find Sources/CKernels Tests/KernelCheck -name '*.c') -lm
echo "AVX-512-VNNI kernels${emulation:+, emulated by SIMDe}:"
"$work/check"
