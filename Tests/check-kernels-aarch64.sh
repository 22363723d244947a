#!/bin/sh
# Builds the kernels and Tests/KernelCheck for aarch64 and compares every NEON variant with its
# scalar reference under qemu-user: on a Cortex-A53 and -A72 (which have no dot product and trap on
# it), and on all features (i8mm too); says which variants ran on each. Needs clang with lld,
# Debian's libc6-dev-arm64-cross, gcc-aarch64-linux-gnu and qemu-user-static; installs nothing. A
# tool that is absent is named and the check is not run; a difference exits 1.
set -eu
cd "$(dirname "$0")/.."

qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
compiler=${CC:-clang}
missing=
command -v "$compiler" >/dev/null || missing="$missing $compiler"
[ -n "$qemu" ] || missing="$missing qemu-aarch64-static"
[ -f /usr/aarch64-linux-gnu/lib/libc.a ] || missing="$missing libc6-dev-arm64-cross"
ls /usr/lib/gcc-cross/aarch64-linux-gnu/*/libgcc.a >/dev/null 2>&1 ||
  missing="$missing gcc-aarch64-linux-gnu"
if [ -n "$missing" ]; then
  echo "aarch64 kernels: not run: missing$missing"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046 # a list of words
"$compiler" --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include -static \
  -fuse-ld=lld -std=c11 -O3 -ffp-contract=off -Wall -Wextra -Werror -D_GNU_SOURCE -o "$work/check" \
  $(find Sources/CKernels Tests/KernelCheck -name '*.c') -lm
for processor in cortex-a53 cortex-a72 max; do
  echo "aarch64 kernels on $processor:"
  "$qemu" -cpu "$processor" "$work/check"
done
