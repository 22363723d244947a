#!/usr/bin/env bash
# Installs what is missing for one purpose, and nothing that is there already.
#   .ci/install-deps.sh build    Swift (checked, not installed), libjpeg, SQLite, libgpiod, libcrypt and xxHash headers, git
#   .ci/install-deps.sh python   a Python 3 that can make virtual environments
#   .ci/install-deps.sh browser  Chromium with a font, to look at reports
#   .ci/install-deps.sh sync     an sshd, ssh, sftp and rsync to send bundles with
#   .ci/install-deps.sh overlay  the device-tree compiler
#   .ci/install-deps.sh other-cpus   what checks the kernels of processors that this machine has not (some hundred MB; CI only)
#   .ci/install-deps.sh cross    what fetches the compiler for arm64, and runs programs of arm64
#   .ci/install-deps.sh firmware what makes the Debian package and the image, and the emulated board that tests boot
set -euo pipefail

say() { printf 'install-deps: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Whether the C header $1 lies where the compiler looks for it (Debian's multi-architecture folders too).
header() { compgen -G "/usr/include/$1" || compgen -G "/usr/include/*-linux-*/$1" || compgen -G "/usr/local/include/$1"; } >/dev/null

check_swift() {
  local advice="get Swift 6.2 or newer from https://www.swift.org/install/linux/, put its usr/bin in PATH, and run make again"
  have swift || stop "Swift is not installed, and no Debian package has it: $advice"
  local version
  version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
  [[ -n $version ]] || stop "'swift --version' names no version: $advice"
  local major=${version% *} minor=${version#* }
  if ((major < 6 || (major == 6 && minor < 2))); then stop "Swift $major.$minor is too old: $advice"; fi
}

install() {
  local packages=("$@") as_root=()
  if ! have apt-get; then
    stop "missing: ${packages[*]} (Debian's names), and there is no apt-get here: install them with this system's own package manager"
  fi
  if [[ $(id -u) -ne 0 ]]; then
    have sudo || stop "missing: ${packages[*]}, and neither root nor sudo is here: run as root: apt-get install ${packages[*]}"
    as_root=(sudo)
    [[ -t 0 ]] || as_root=(sudo -n)
  fi
  say "installing ${packages[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq) log
  log=$(mktemp)
  # The package lists may be old or absent, as on a fresh machine; the install tells whether they do.
  "${apt[@]}" update >"$log" 2>&1 || true
  if ! "${apt[@]}" -y --no-install-recommends install "${packages[@]}" >>"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    stop "could not install ${packages[*]}: run as root: apt-get install ${packages[*]}"
  fi
  rm -f "$log"
}

purpose=${1:-build}
missing=()
case $purpose in
  build)
    check_swift
    have git || missing+=(git ca-certificates)
    header jpeglib.h || missing+=(libjpeg-dev)
    header sqlite3.h || missing+=(libsqlite3-dev)
    header gpiod.h || missing+=(libgpiod-dev)
    header crypt.h || missing+=(libcrypt-dev)
    header xxhash.h || missing+=(libxxhash-dev)
    ;;
  python)
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
    ;;
  browser)
    have chromium || missing+=(chromium fonts-dejavu-core)
    have python3 || missing+=(python3)
    ;;
  sync)
    PATH="$PATH:/usr/sbin:/sbin" have sshd || missing+=(openssh-server)
    { have ssh && have sftp; } || missing+=(openssh-client)
    have rsync || missing+=(rsync)
    have python3 || missing+=(python3)
    ;;
  overlay)
    have dtc || missing+=(device-tree-compiler)
    ;;
  other-cpus)
    have qemu-aarch64-static || have qemu-aarch64 || missing+=(qemu-user-static)
    [[ -f /usr/aarch64-linux-gnu/lib/libc.a ]] || missing+=(libc6-dev-arm64-cross)
    compgen -G '/usr/lib/gcc-cross/aarch64-linux-gnu/*/libgcc.a' >/dev/null || missing+=(gcc-aarch64-linux-gnu)
    header simde/x86/avx512.h || missing+=(libsimde-dev)
    ;;
  cross)
    have mmdebstrap || missing+=(mmdebstrap)
    have qemu-aarch64-static || have qemu-aarch64 || missing+=(qemu-user-static)
    have dpkg-deb || missing+=(dpkg)
    ;;
  firmware)
    have mmdebstrap || missing+=(mmdebstrap)
    have qemu-aarch64-static || missing+=(qemu-user-static)
    { have qemu-system-aarch64 && [[ -e /usr/lib/ipxe/qemu/efi-virtio.rom || -e /usr/share/qemu/efi-virtio.rom ]]; } || missing+=(qemu-system-arm ipxe-qemu)
    [[ -e /usr/share/qemu-efi-aarch64/QEMU_EFI.fd ]] || missing+=(qemu-efi-aarch64)
    have dpkg-deb || missing+=(dpkg)
    have lintian || missing+=(lintian)
    have dtc || missing+=(device-tree-compiler)
    have cpio || missing+=(cpio)
    have depmod || [[ -x /usr/sbin/depmod ]] || missing+=(kmod)
    have mke2fs || [[ -x /usr/sbin/mke2fs ]] || missing+=(e2fsprogs)
    have sfdisk || [[ -x /usr/sbin/sfdisk ]] || missing+=(fdisk)
    have mcopy || missing+=(mtools)
    have mkfs.vfat || [[ -x /usr/sbin/mkfs.vfat ]] || missing+=(dosfstools)
    have readelf || missing+=(binutils)
    have python3 || missing+=(python3)
    have xz || missing+=(xz-utils)
    ;;
  *) stop "unknown purpose '$purpose': give build, python, browser, sync, overlay, other-cpus, cross or firmware" ;;
esac
if ((${#missing[@]} > 0)); then install "${missing[@]}"; fi
