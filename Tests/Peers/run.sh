#!/usr/bin/env bash
# Compares Loam with ONNX Runtime (an exported model must give the same answers there) and, on public 8-bit models that are
# fetched for it, with LiteRT.
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

# A device that has taken the model, and no photo yet, exports it.
mkdir "$work/camera"
"$program" run --model "$model" --store "$work/store" --camera "dir:$work/camera" --memory-budget 512MiB \
  </dev/null >"$work/device.log" 2>&1 &
device=$!
for ((attempt = 0; attempt < 600; attempt++)); do
  if "$program" export --store "$work/store" --output "$work/bundle" >"$work/export.log" 2>&1; then break; fi
  kill -0 "$device" 2>/dev/null || break
  sleep 0.2
done
kill -TERM "$device" 2>/dev/null || true
wait "$device" || true
device=
if [[ ! -f $work/bundle/model.onnx ]]; then
  cat "$work/device.log" "$work/export.log" >&2
  stop "the model could not be exported"
fi

"$python" "$here/onnx_parity.py" --loam "$program" --model "$work/bundle/model.loam" \
  --onnx "$work/bundle/model.onnx" --photos "$photos" --count 100

mkdir -p "$kept/models"
# A figure, not a check, until it is met (Docs/benchmarks.md): 3 says that the target is missed, anything else that it broke.
status=0
"$python" "$here/tflite_parity.py" --loam "$program" --folder "$kept/models" || status=$?
((status == 0 || status == 3)) || stop "tflite_parity.py ended with $status"
