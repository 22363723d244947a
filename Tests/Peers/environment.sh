# shellcheck shell=bash
# Makes a Python environment for a comparison, or keeps the one that is there while its pins are the same. Sourced, not
# run.
#
# environment FOLDER REQUIREMENTS
#   FOLDER        what is made; `FOLDER/bin/python` is the interpreter
#   REQUIREMENTS  the file of pins
# `not_run` says why there is nothing to run and ends the caller; `stop` says what is wrong with what it was asked for.
not_run() { printf 'not run: %s\n' "$*"; exit 0; }
stop() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; exit 1; }

environment() {
  local folder=$1 pins
  pins=$(sha256sum <"$2")
  [[ -f $folder/pins && $(<"$folder/pins") == "$pins" ]] && return
  command -v python3 >/dev/null || not_run 'python3 is not installed'
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  python3 -m venv "$folder" || not_run 'python3 cannot make virtual environments (Debian: python3-venv)'
  "$folder/bin/pip" install --quiet --requirement "$2" || not_run "the Python packages of $2 cannot be installed"
  printf '%s' "$pins" >"$folder/pins"
}
