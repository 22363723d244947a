#!/usr/bin/env bash
# Builds the program for one architecture, stripped: cross/build.sh arm64 | amd64. Prints where it and its Swift libraries lie:
#   $LOAM_FIRMWARE_BUILD/ARCH/loam, $LOAM_FIRMWARE_BUILD/ARCH/lib/*.so
# On a machine of that architecture its own Swift builds it; arm64 on amd64 takes the cross toolchain.
set -euo pipefail
# shellcheck source=Firmware/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
arch=${1:?say for which architecture: arm64 or amd64}
target=$(triple "$arch")
out=$work/$arch
scratch=$work/swift-$arch

# Swift's libraries are linked into the program: as shared ones they take a fifth more memory on the board (43 MiB against 35 just
# after the start), because each brings its own relocated pages, and Debian's stable releases do not carry them anyway. Relative
# relocations are packed, equal functions folded and no names exported, by lld. SWIFT_RUNTIME=shared puts them beside the program.
flags=(-c release --product loam -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs -Xlinker --icf=all -Xlinker --no-export-dynamic)
if [[ ${SWIFT_RUNTIME:-static} == shared ]]; then
  # shellcheck disable=SC2016 # the loader expands $ORIGIN
  flags+=(-Xswiftc -no-toolchain-stdlib-rpath -Xlinker -rpath -Xlinker '$ORIGIN/../lib/loam')
else
  flags+=(--static-swift-stdlib)
fi
read -ra more <<<"${LOAM_SWIFT_FLAGS-}"
flags+=("${more[@]}")

if [[ $(uname -m)-$arch == x86_64-amd64 || $(uname -m)-$arch == aarch64-arm64 ]]; then
  have swift || stop "Swift is not installed: .ci/install-deps.sh build says how"
  say "building for $arch with this machine's Swift"
  swift build --package-path "$repository" --scratch-path "$scratch" "${flags[@]}"
  runtime=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/linux
else
  [[ $arch == arm64 ]] || stop "amd64 is built on an amd64 machine"
  "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
  say "building for $arch with the cross toolchain"
  "$(dirname "${BASH_SOURCE[0]}")/swift.sh" build "${flags[@]}"
  runtime=$work/sysroot/usr/lib/swift/linux
fi

# LLVM's objcopy strips programs of any architecture; the cross toolchain's own needs a newer C library than this machine's.
objcopy=$(dirname "$(command -v swift)")/llvm-objcopy
[[ -x $objcopy ]] || objcopy=$(command -v llvm-objcopy) || stop "llvm-objcopy is not there: install Debian's llvm"
rm -rf "$out.new"
mkdir -p "$out.new/lib"
"$objcopy" --strip-all "$scratch/$target/release/loam" "$out.new/loam"

# What the program needs of Swift's runtime, and what that needs in turn.
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
queue=("$out.new/loam")
while ((${#queue[@]} > 0)); do
  file=${queue[0]}
  queue=("${queue[@]:1}")
  while read -r name; do
    [[ -e $runtime/$name && ! -e $out.new/lib/$name ]] || continue
    "$objcopy" --strip-all "$runtime/$name" "$out.new/lib/$name"
    chmod 644 "$out.new/lib/$name"
    queue+=("$out.new/lib/$name")
  done < <(needed "$file")
done
rm -rf "$out"
mv "$out.new" "$out"
say "$arch: $(stat -c %s "$out/loam") bytes of program, $(du -bs "$out/lib" | sed 's/\t.*//') bytes of $(find "$out/lib" -name '*.so' | wc -l) Swift libraries"
