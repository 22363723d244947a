#!/usr/bin/env bash
# Runs a command of the cross toolchain: cross/swift.sh build -c release --product loam, cross/swift.sh test, …
# `build`, `test` and `run` are for the board; what is built lies in $LOAM_FIRMWARE_BUILD/swift-arm64. The toolchain's /usr stands over
# this machine's in a mount namespace of its own, which ends with the command: git, certificates and paths are this machine's.
# `test` needs this kernel to run arm64 programs: qemu-user-static with binfmt_misc.
set -euo pipefail
# shellcheck source=Firmware/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[[ -e $work/toolchain/.done ]] || stop "the cross toolchain is not there: make -C Firmware cross-setup"
[[ -L /lib && -L /bin ]] || stop "this machine's /bin and /lib are not links into /usr (Debian before 12?): the toolchain cannot stand in for it"

verb=${1:?say what Swift shall do: build, test, run}
shift
scratch=$work/swift-arm64
arguments=("$verb" "$@")
case $verb in
  build | test | run)
    arguments=("$verb" --package-path "$repository" --scratch-path "$scratch" --swift-sdks-path "$work/sdks" --swift-sdk loam-board "$@") ;;
esac

as_root=()
[[ $(id -u) -eq 0 ]] || as_root=(--map-root-user)
: >"$work/no-cache"
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare "${as_root[@]}" --mount --propagation private bash -euc '
  work=$1
  shift
  mount --bind "$work/no-cache" /etc/ld.so.cache 2>/dev/null || true
  mount --rbind "$work/toolchain/usr" /usr
  exec env LC_ALL=C PATH=/usr/libexec/swift/bin:/usr/bin:/bin QEMU_LD_PREFIX="$work/sysroot" swift "$@"
' -- "$work" "${arguments[@]}"
