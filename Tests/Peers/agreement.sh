#!/usr/bin/env bash
# Measures how often int8 names the same class as fp32, on networks with their ImageNet weights, both run by Loam.
#
# usage: Tests/Peers/agreement.sh PROGRAM [PHOTOS [CALIBRATE [NETWORK…]]]
#   PROGRAM    the built loam
#   PHOTOS     a folder of JPEG photos, 200 of which are measured (default: those of `make demo`, if fetched)
#   CALIBRATE  a folder to calibrate on (default: the photos of PHOTOS that are not measured)
#   NETWORK    names of networks (default: all; `Tests/Peers/agreement.py --help` lists them)
# LOAM_PEERS names the folder for the Python environment, some gigabytes (default: .build-peers).
# Says "not run: …" and succeeds where Python, its packages or the photos are missing. Ends with 3 where the target is
# missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
program=${1:-} photos=${2:-} calibrate=${3:-}
kept=${LOAM_PEERS:-$root/.build-peers}
# shellcheck source=Tests/Peers/environment.sh
source "$here/environment.sh"

if [[ -z $program ]]; then
  sed -n '4,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 64
fi
shift $(($# < 3 ? $# : 3))
[[ -x $program ]] || stop "$program is not there: make build"
if [[ -z $photos ]]; then
  photos=${XDG_CACHE_HOME:-${HOME:-}/.cache}/loam/elpv/images
  [[ -d $photos ]] || not_run "there is no $photos: name a folder of photos, or fetch them (Models/demo-photos.sh)"
fi
[[ -d $photos ]] || stop "$photos is no folder"

environment "$kept/networks" "$here/requirements-networks.txt"
exec "$kept/networks/bin/python" "$here/agreement.py" --loam "$program" --photos "$photos" \
  ${calibrate:+--calibrate "$calibrate"} "$@"
