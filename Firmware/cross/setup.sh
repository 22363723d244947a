#!/usr/bin/env bash
# Makes what compiles Loam for arm64 on an amd64 machine, once:
#   toolchain   Swift's compiler as Debian has it (amd64): a tree whose /usr is put over this machine's while it compiles
#   sysroot     the board's headers and libraries (arm64) with Debian's Swift runtime
#   sdks        a Swift SDK that names that sysroot
# Downloads about 1.1 GB and keeps about 4 GB. Needs root, Linux on amd64 and Debian's tools (.ci/install-deps.sh firmware).
set -euo pipefail
# shellcheck source=Firmware/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[[ $(uname -m) == x86_64 ]] || stop "the cross toolchain runs on amd64 only: on an arm64 machine use ARCH=arm64 with its own Swift"

tree=$work/toolchain
if [[ ! -e $tree/.done ]]; then
  need_root
  need_mirror
  say "Swift's compiler from Debian $swift_suite (amd64)"
  rm -rf "$tree"
  leave_out=()
  for part in 'bin/lldb*' bin/sourcekit-lsp bin/clangd bin/docc bin/wasmkit bin/swift-format 'lib/liblldb*' 'lib/libsourcekitd*' \
    'lib/libclang.so*' 'lib/libLTO*' 'lib/swift/embedded/*' 'lib/swift_static/*'; do
    leave_out+=(--dpkgopt="path-exclude=/usr/libexec/swift/$part")
  done
  "${debootstrap[@]}" --mode=root --variant=extract --format=directory "${leave_out[@]}" --architectures=amd64 --setup-hook="$merge_usr" \
    --include=base-files,bash,coreutils,sed,grep,findutils,mawk,hostname,git,swiftlang,libc6-dev,libstdc++-15-dev,libgcc-15-dev,binutils,pkgconf-bin \
    "$swift_suite" "$tree" "$mirror" \
    || stop "Debian $swift_suite's Swift could not be fetched: try another day, or SWIFT_SUITE=<a release that has swiftlang 6.2 or newer>"
  # Packages that are only unpacked have none of the links that their scripts would make.
  ln -sf bash "$tree/usr/bin/sh"
  ln -sf mawk "$tree/usr/bin/awk"
  [[ -e $tree/usr/bin/pkg-config ]] || ln -s pkgconf "$tree/usr/bin/pkg-config"
  touch "$tree/.done"
fi

root=$work/sysroot
libraries=libc6-dev,libstdc++-14-dev,libgcc-14-dev,libsqlite3-dev,libjpeg62-turbo-dev,libgpiod-dev,libxxhash-dev
# One that was made for fewer libraries is made anew.
if [[ $(cat "$root/.done" 2>/dev/null) != "$libraries" ]]; then
  need_root
  need_mirror
  say "the board's libraries from Debian $board_suite (arm64)"
  rm -rf "$root"
  "${debootstrap[@]}" --mode=root --variant=extract --format=directory --architectures=arm64 --setup-hook="$merge_usr" \
    --include="$libraries" \
    "$board_suite" "$root" "$mirror"
  say "Swift's runtime from Debian $swift_suite (arm64)"
  apt_for "$swift_suite" arm64 update
  debs=$(mktemp -d)
  trap 'rm -rf "$debs"' EXIT
  (cd "$debs" && apt_for "$swift_suite" arm64 download swiftlang libswiftlang)
  from=./usr/libexec/swift/lib
  dpkg-deb --fsys-tarfile "$debs"/libswiftlang_*_arm64.deb | tar -x -C "$root" --exclude="$from/swift/host" "$from"
  dpkg-deb --fsys-tarfile "$debs"/swiftlang_*_arm64.deb | tar -x -C "$root" --wildcards \
    --exclude="$from/swift/embedded" --exclude="$from/swift/host" --exclude="$from/swift/pm" \
    "$from/swift" "$from/swift_static" "$from/clang/*/include" "$from/clang/*/lib/linux/*builtins*" ./usr/share/doc/swiftlang/copyright
  for each in swift swift_static; do ln -sfn "../libexec/swift/lib/$each" "$root/usr/lib/$each"; done
  # Debian ships the module of Testing's bridge to Foundation without its library: a test that imports both would not link.
  rm -rf "$root"/usr/lib/swift/linux/Testing.swiftcrossimport "$root"/usr/lib/swift/linux/_Testing_Foundation.swiftmodule
  printf '%s' "$libraries" >"$root/.done"
fi

sdk=$work/sdks/loam-board.artifactbundle
mkdir -p "$sdk/sdk"
ln -sfn ../../../sysroot "$sdk/sdk/sysroot"
cat >"$sdk/info.json" <<'JSON'
{"schemaVersion": "1.0", "artifacts": {"loam-board": {"type": "swiftSDK", "version": "1",
  "variants": [{"path": "sdk", "supportedTriples": ["x86_64-pc-linux-gnu", "x86_64-unknown-linux-gnu"]}]}}}
JSON
cat >"$sdk/sdk/swift-sdk.json" <<'JSON'
{"schemaVersion": "4.0", "targetTriples": {"aarch64-unknown-linux-gnu": {"sdkRootPath": "sysroot",
  "swiftResourcesPath": "sysroot/usr/lib/swift", "swiftStaticResourcesPath": "sysroot/usr/lib/swift_static", "toolsetPaths": ["toolset.json"]}}}
JSON
echo '{"schemaVersion": "1.0", "swiftCompiler": {"extraCLIOptions": ["-use-ld=lld"]}}' >"$sdk/sdk/toolset.json"
say "the cross toolchain is in $work"
