#!/usr/bin/env bash
# Counts the instructions of one inference of EfficientNet-Lite0 int8 on aarch64: Loam's, and those of LiteRT's wheel.
#
# usage: Tests/Peers/instructions.sh PROGRAM ARM64_PROGRAM
#   PROGRAM        the loam of this machine, which imports the model
#   ARM64_PROGRAM  the loam for arm64 (make -C Firmware cross: Firmware/.build/arm64/loam)
# Both run under qemu-aarch64 with a plugin that counts every instruction of every thread (count_instructions.c), once with one
# inference and once with eleven; a tenth of the difference is one inference, without start, loading and the end. The model is the
# very .tflite of speed.sh, one thread. LiteRT runs in Debian's Python for arm64 in a tree of its own.
# Needs root (mmdebstrap), gcc, qemu-user with plugins (fetched from this machine's Debian if it is not installed).
# LOAM_PEERS as in speed.sh. Says "not run: …" and succeeds where something is missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
kept=${LOAM_PEERS:-$root/.build-peers}
program=${1:-} device=${2:-}

not_run() { printf 'not run: %s\n' "$*"; exit 0; }
stop() { printf 'instructions: %s\n' "$*" >&2; exit 1; }

if [[ -z $device || $# -gt 2 ]]; then
  sed -n '4,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 64
fi
[[ -x $program ]] || stop "$program is not there: make release"
[[ -f $device ]] || not_run "there is no $device (make -C Firmware cross)"
for tool in gcc python3 dpkg-deb; do command -v "$tool" >/dev/null || not_run "$tool is not installed"; done
mkdir -p "$kept"
kept=$(cd "$kept" && pwd)
place=$kept/instructions
tree=$place/arm64
mkdir -p "$place"

# The model, and the engines' packages.
model=$kept/speed-models/lite0.tflite
python=$kept/speed/bin/python
[[ -f $model && -x $python ]] || not_run "there is no $model: Tests/Peers/speed.sh --rounds 1 --runs 1 makes it"
"$program" import "$model" --output "$place/lite0.loam" --mean 127 --deviation 128 >/dev/null || stop "$model could not be imported"
"$python" - "$kept/speed-models/pixels.npy" "$place" <<'PYTHON'
import sys

import numpy as np

pixels = np.load(sys.argv[1])
for count in (1, 11):
    np.save(f"{sys.argv[2]}/pixels-{count}.npy", np.stack([pixels] * count))
PYTHON

# An emulator that takes plugins. Debian's static one cannot.
takes_plugins() { command -v "$1" >/dev/null && "$1" --help 2>/dev/null | grep -q -- '-plugin'; }
emulator=qemu-aarch64
if ! takes_plugins "$emulator"; then
  emulator=$place/qemu/usr/bin/qemu-aarch64
  if [[ ! -x $emulator ]]; then
    (cd "$place" && apt-get -qq download qemu-user >&2 && dpkg-deb -x qemu-user_*.deb qemu && rm qemu-user_*.deb) ||
      not_run 'qemu-user cannot be fetched: install it'
  fi
  takes_plugins "$emulator" || not_run "$emulator does not start, or takes no plugins: install Debian's qemu-user"
fi

# A Debian for arm64 with a Python for LiteRT's wheel, and the libraries that Loam uses.
if [[ ! -e $tree/.done ]]; then
  [[ $(id -u) -eq 0 ]] || not_run 'this makes a Debian file system and needs root: run it with sudo'
  command -v mmdebstrap >/dev/null || not_run 'mmdebstrap is not installed'
  rm -rf "$tree"
  (
    export LOAM_FIRMWARE_BUILD=$place/debian
    # shellcheck source=Firmware/lib.sh
    . "$root/Firmware/lib.sh"
    need_mirror
    # shellcheck disable=SC2154 # of lib.sh
    "${debootstrap[@]}" --mode=root --variant=extract --format=directory --architectures=arm64 --setup-hook="$merge_usr" \
      --include=python3,libc6-dev,libstdc++6,libsqlite3-dev,libjpeg62-turbo-dev,libgpiod-dev "$board_suite" "$tree" "$mirror" >&2
  ) || not_run "Debian's Python for arm64 cannot be fetched"
  version=$(basename "$(find "$tree/usr/bin" -name 'python3.[0-9]*' | head -n 1)")
  mapfile -t pins < <(grep -E '^(ai-edge-litert|numpy)==' "$here/requirements-speed.txt")
  "$kept/speed/bin/pip" install --quiet --target "$tree/site" --only-binary=:all: --implementation cp \
    --python-version "${version#python}" --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
    --platform manylinux2014_aarch64 "${pins[@]}" >&2 || not_run "LiteRT's wheel for arm64 cannot be fetched"
  mkdir -p "$tree/proc"
  touch "$tree/.done"
fi
interpreter=$(find "$tree/usr/bin" -name 'python3.[0-9]*' | head -n 1)

# The plugin, for the version of the interface that this emulator speaks.
plugin=
for version in 1 2 3 4 5 6; do
  gcc -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared -DAPI="$version" -o "$place/count-$version.so" "$here/count_instructions.c"
  if "$emulator" -L "$tree" -plugin "$place/count-$version.so,output=$place/count" "$interpreter" --version >/dev/null 2>"$place/said"; then
    plugin=$place/count-$version.so
    break
  fi
done
[[ -n $plugin ]] || stop "$emulator loads the plugin in no version of its interface: $(<"$place/said")"

cat >"$place/litert.py" <<'PYTHON'
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

interpreter = Interpreter(sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
scale, zero = source["quantization"]
pixels = np.load(sys.argv[2])
image = np.clip(np.rint((pixels[:1].astype(np.float32) - 127) / 128 / scale) + zero, -128, 127).astype(np.int8)
for _ in pixels:
    interpreter.set_tensor(source["index"], image)
    interpreter.invoke()
    interpreter.get_tensor(result["index"])
PYTHON

# described CPU: what such a processor's /proc/cpuinfo says. The emulator shows the host's, which LiteRT does not survive, and
# LiteRT chooses its loops by the model of the processor.
described() {
  local features='fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid' variant part revision
  case $1 in
    cortex-a72) variant=0x0 part=0xd08 revision=3 ;;
    cortex-a76) variant=0x3 part=0xd0b revision=1 features+=' atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp' ;;
    *) variant=0x2 part=0xd47 revision=0 features+=' atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp i8mm bf16' ;;
  esac
  for processor in 0 1; do
    printf 'processor\t: %s\nBogoMIPS\t: 108.00\nFeatures\t: %s\nCPU implementer\t: 0x41\nCPU architecture: 8\n' "$processor" "$features"
    printf 'CPU variant\t: %s\nCPU part\t: %s\nCPU revision\t: %s\n\n' "$variant" "$part" "$revision"
  done
}

# counted CPU COMMAND…: the instructions that COMMAND takes.
counted() {
  local cpu=$1
  shift
  rm -f "$place/count"
  "$emulator" -L "$tree" -cpu "$cpu" -plugin "$plugin,output=$place/count" "$@" >"$place/said" 2>&1 ||
    { cat "$place/said" >&2; stop "${1##*/} failed under $emulator -cpu $cpu"; }
  cat "$place/count"
}
with_litert() {
  PYTHONHOME=/usr PYTHONPATH=$tree/site PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
    counted "$1" "$interpreter" -S "$place/litert.py" "$model" "$place/pixels-$2.npy"
  # Without its usual kernels the comparison would be unfair.
  grep -q 'XNNPACK delegate' "$place/said" || stop "LiteRT did not take XNNPACK with -cpu $1: $(<"$place/said")"
}
with_loam() { counted "$1" "$device" infer "$place/lite0.loam" --input "$place/pixels-$2.npy" --output "$place/output.npy" --tensor logits; }

"$emulator" --version | head -n 1
printf '| -cpu | Loam, million | LiteRT, million | ratio | at most 0.80 |\n|---|--:|--:|--:|---|\n'
for cpu in cortex-a72 cortex-a76 max,sve=off,sme=off,pauth-impdef=on; do
  described "${cpu%%,*}" >"$tree/proc/cpuinfo"
  ours=$(with_loam "$cpu" 11) first=$(with_loam "$cpu" 1)
  theirs=$(with_litert "$cpu" 11) start=$(with_litert "$cpu" 1)
  awk -v cpu="$cpu" -v ours=$(((ours - first) / 10)) -v theirs=$(((theirs - start) / 10)) 'BEGIN {
    printf "| %s | %.1f | %.1f | %.2f | %s |\n", cpu, ours / 1e6, theirs / 1e6, ours / theirs, ours <= 0.8 * theirs ? "met" : "missed" }'
done
