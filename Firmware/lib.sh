# Sourced by the other scripts of Firmware/: where Debian is fetched from, which releases, and how to say things.
# shellcheck shell=bash disable=SC2034

# Everything that is made lies here; nothing of it is kept by git.
firmware=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$firmware")
work=${LOAM_FIRMWARE_BUILD:-$firmware/.build}
export PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$work"
work=$(cd "$work" && pwd)

# What the board runs; the image and the sysroot are made of it.
board_suite=${BOARD_SUITE:-trixie}
# Where Debian carries a Swift that is new enough: in no stable release yet.
swift_suite=${SWIFT_SUITE:-sid}
# The board's own release has no kernel with gpio-sim, on which the emulated board's buttons and LEDs rest.
kernel_suite=${KERNEL_SUITE:-trixie-backports}

say() { printf 'firmware: [%4d s] %s\n' "$SECONDS" "$*" >&2; }
stop() { printf 'firmware: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

need_root() { [[ $(id -u) -eq 0 ]] || stop "this makes a Debian file system and needs root: run it with sudo"; }

# The Debian mirror that this machine's own apt uses, unless DEBIAN_MIRROR names another.
debian_mirror() {
  local found=${DEBIAN_MIRROR:-}
  # shellcheck disable=SC2016 # apt's own variable
  if [[ -z $found ]] && have apt-get; then
    found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sed 's|/*$||' | grep -m 1 '/debian$' || true)
  fi
  [[ -n $found ]] || stop "no Debian mirror: the apt sources of this machine name none whose address ends with /debian, and DEBIAN_MIRROR is not set; set DEBIAN_MIRROR to the address of one"
  printf '%s\n' "$found"
}
# Sets mirror, for the scripts that fetch something.
need_mirror() { [[ -n ${mirror:-} ]] || mirror=$(debian_mirror) || exit 1; }

# mmdebstrap with what all our trees have in common: no documentation, and a release whose date has passed will do.
debootstrap=(mmdebstrap --quiet
  --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Languages "none"'
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-exclude=/usr/share/locale/*'
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-include=/usr/share/man/man1/loam*' --dpkgopt='path-exclude=/usr/share/info/*')

# A hook for trees whose packages are only unpacked: /bin and /lib are links before the first package comes.
# shellcheck disable=SC2016 # expanded by mmdebstrap's shell
merge_usr='for d in bin sbin lib lib64; do mkdir -p "$1/usr/$d"; [ -e "$1/$d" ] || ln -s usr/$d "$1/$d"; done'

# apt_for SUITE ARCHITECTURE arguments…: apt-get with a state of its own, so that this machine's package sources stay as they are.
apt_for() {
  local suite=$1 arch=$2 state=$work/apt-$1-$2
  shift 2
  need_mirror
  mkdir -p "$state"/{lists/partial,cache/archives/partial}
  : >"$state/status"
  printf 'deb [arch=%s signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$arch" "$mirror" "$suite" >"$state/sources.list"
  "${apt_command:-apt-get}" -qq -oAPT::Architecture="$arch" -oAPT::Architectures="$arch" -oDir::State::Lists="$state/lists" -oDir::State::status="$state/status" \
    -oDir::Etc::sourcelist="$state/sources.list" -oDir::Etc::sourceparts=/dev/null -oDir::Cache="$state/cache" \
    -oAPT::Sandbox::User=root -oAcquire::Check-Valid-Until=false -oAcquire::Languages=none "$@"
}

# The name that the compiler has for a Debian architecture.
triple() {
  case $1 in
    arm64) echo aarch64-unknown-linux-gnu ;;
    amd64) echo x86_64-unknown-linux-gnu ;;
    *) stop "no such architecture: '$1' (arm64, amd64)" ;;
  esac
}
