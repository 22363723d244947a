#!/usr/bin/env bash
# Compares Loam's fp32 path with ONNX Runtime on the networks the field uses, with random weights.
#
# usage: Tests/Peers/networks.sh PROGRAM [NETWORK…]
#   PROGRAM  the built loam
#   NETWORK  names of networks (default: all; `Tests/Peers/networks.py --help` lists them)
# LOAM_PEERS names the folder for the Python environment, some gigabytes (default: .build-peers).
# Says "not run: …" and succeeds where Python or its packages are missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
program=${1:-}
kept=${LOAM_PEERS:-$root/.build-peers}

not_run() { printf 'not run: %s\n' "$*"; exit 0; }
stop() { printf 'networks: %s\n' "$*" >&2; exit 1; }

if [[ -z $program ]]; then
  sed -n '4,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 64
fi
shift
[[ -x $program ]] || stop "$program is not there: make build"
command -v python3 >/dev/null || not_run 'python3 is not installed'

pins=$(sha256sum <"$here/requirements-networks.txt")
if [[ ! -f $kept/networks/pins || $(<"$kept/networks/pins") != "$pins" ]]; then
  rm -rf "$kept/networks"
  mkdir -p "$kept"
  python3 -m venv "$kept/networks" || not_run 'python3 cannot make virtual environments (Debian: python3-venv)'
  "$kept/networks/bin/pip" install --quiet --requirement "$here/requirements-networks.txt" ||
    not_run 'the Python packages of Tests/Peers/requirements-networks.txt cannot be installed'
  printf '%s' "$pins" >"$kept/networks/pins"
fi

exec "$kept/networks/bin/python" "$here/networks.py" --loam "$program" "$@"
