#!/usr/bin/env bash
# Compares Loam's fp32 path with ONNX Runtime on the networks the field uses, with random weights.
#
# usage: Tests/Peers/networks.sh PROGRAM [--plans] [NETWORK…]
#   PROGRAM  the built loam
#   --plans  quantise them, and show the memory of their int8 bodies instead
#   NETWORK  names of networks (default: all; `Tests/Peers/networks.py --help` lists them)
# LOAM_PEERS names the folder for the Python environment, some gigabytes (default: .build-peers).
# Says "not run: …" and succeeds where Python or its packages are missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
program=${1:-}
kept=${LOAM_PEERS:-$root/.build-peers}
# shellcheck source=Tests/Peers/environment.sh
source "$here/environment.sh"

if [[ -z $program ]]; then
  sed -n '4,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 64
fi
shift
[[ -x $program ]] || stop "$program is not there: make build"
environment "$kept/networks" "$here/requirements-networks.txt"
exec "$kept/networks/bin/python" "$here/networks.py" --loam "$program" "$@"
