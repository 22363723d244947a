#!/usr/bin/env bash
# Compares Loam with ONNX Runtime (an exported model must give the same answers there) and, on public 8-bit models that are
# fetched for it, with LiteRT. Exported are the shipped model and a small one with every other operator (operators.py).
#
# usage: Tests/Peers/run.sh PROGRAM [MODEL [PHOTOS]]
#   PROGRAM  the built loam
#   MODEL    a .loam file (default: Models/efficientnet-lite0.loam)
#   PHOTOS   a folder of photos, 100 of which are compared (default: crops of photos that public packages carry)
# LOAM_PEERS names the folder for the Python environment and the photos (default: .build-peers).
# Says "not run: …" and succeeds where Python, its packages or the model are missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
program=${1:-} model=${2:-$root/Models/efficientnet-lite0.loam} photos=${3:-}
kept=${LOAM_PEERS:-$root/.build-peers}

not_run() { printf 'not run: %s\n' "$*"; exit 0; }
stop() { printf 'peers: %s\n' "$*" >&2; exit 1; }

if [[ -z $program || $# -gt 3 ]]; then
  sed -n '4,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 64
fi
[[ -x $program ]] || stop "$program is not there: make build"
[[ -f $model ]] || not_run "there is no $model (make model)"
command -v python3 >/dev/null || not_run 'python3 is not installed'

pins=$(cat "$here/requirements.txt" "$root/Models/photo-packages.txt" | sha256sum)
if [[ ! -f $kept/venv/pins || $(<"$kept/venv/pins") != "$pins" ]]; then
  rm -rf "$kept/venv"
  mkdir -p "$kept"
  python3 -m venv "$kept/venv" || not_run 'python3 cannot make virtual environments (Debian: python3-venv)'
  "$kept/venv/bin/pip" install --quiet --requirement "$here/requirements.txt" ||
    not_run 'the Python packages of Tests/Peers/requirements.txt cannot be installed'
  "$kept/venv/bin/pip" install --quiet --no-deps --requirement "$root/Models/photo-packages.txt" ||
    not_run 'the Python packages of Models/photo-packages.txt cannot be installed'
  printf '%s' "$pins" >"$kept/venv/pins"
fi
python=$kept/venv/bin/python

work=$(mktemp -d)
device=
cleanup() {
  if [[ -n $device ]]; then kill "$device" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

if [[ -z $photos ]]; then
  photos=$work/photos
  "$python" "$root/Models/calibration_photos.py" "$photos"
fi

# compare MODEL NAME: a device that has taken MODEL, and no photo yet, exports it; ONNX Runtime must agree with Loam.
compare() {
  local place=$work/$2 attempt
  mkdir -p "$place/camera"
  "$program" run --model "$1" --store "$place/store" --camera "dir:$place/camera" --memory-budget 512MiB \
    </dev/null >"$place/device.log" 2>&1 &
  device=$!
  for ((attempt = 0; attempt < 600; attempt++)); do
    if "$program" export --store "$place/store" --output "$place/bundle" >"$place/export.log" 2>&1; then break; fi
    kill -0 "$device" 2>/dev/null || break
    sleep 0.2
  done
  kill -TERM "$device" 2>/dev/null || true
  wait "$device" || true
  device=
  if [[ ! -f $place/bundle/model.onnx ]]; then
    cat "$place/device.log" "$place/export.log" >&2
    stop "$2 could not be exported"
  fi
  "$python" "$here/onnx_parity.py" --loam "$program" --model "$place/bundle/model.loam" \
    --onnx "$place/bundle/model.onnx" --photos "$photos" --count 100
}
compare "$model" "$(basename "$model" .loam)"

# All operators that the model above does not have.
"$python" "$here/operators.py" "$work/operators.onnx"
printf '%s\n' {0..9} >"$work/classes.txt"
"$program" import "$work/operators.onnx" --output "$work/operators.loam" --calibrate "$photos" --photos 40 \
  --classes "$work/classes.txt" >/dev/null 2>"$work/import.log" || { cat "$work/import.log" >&2; stop "operators.onnx could not be imported"; }
compare "$work/operators.loam" operators

mkdir -p "$kept/models"
# A figure, not a check, until it is met (Docs/benchmarks.md): 3 says that the target is missed, anything else that it broke.
status=0
"$python" "$here/tflite_parity.py" --loam "$program" --folder "$kept/models" || status=$?
((status == 0 || status == 3)) || stop "tflite_parity.py ended with $status"
