#!/bin/sh
# Compares every kernel variant that this processor runs with its scalar reference; exits 1 on a
# difference. With --bench it measures them instead, on shapes of EfficientNet-Lite0.
set -eu
cd "$(dirname "$0")/.."

compiler=${CC:-clang}
if ! command -v "$compiler" >/dev/null; then
  echo "kernels: not run: missing $compiler"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046 # a list of words
"$compiler" -std=c11 -O3 -ffp-contract=off -Wall -Wextra -Werror -D_GNU_SOURCE \
  -o "$work/check" $(find Sources/CKernels Tests/KernelCheck -name '*.c') -lm
"$work/check" "$@"
