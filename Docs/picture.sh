#!/usr/bin/env bash
# Runs a command on a terminal of its own and makes Docs/demo.svg of what it shows: Docs/picture.sh COMMAND…
# TITLE is the picture's title, COLUMNS its width, ROWS the lines to keep (FIRST-LAST).
set -euo pipefail
(($# > 0)) || { echo "usage: [TITLE=…] [COLUMNS=…] [ROWS=FIRST-LAST] Docs/picture.sh COMMAND…" >&2; exit 64; }
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
columns=${COLUMNS:-100}
capture=$(mktemp)
drawing=$(mktemp -p "$folder" .demo.XXXXXX)
trap 'rm -f "$capture" "$drawing"' EXIT

printf -v command '%q ' "$@"
script --quiet --return --log-out "$capture" --command "stty cols $columns rows 50; exec $command" </dev/null
# `script` frames what it records with two lines of its own; where somebody's home lies is nobody's business.
sed -e "s|${HOME:-/nowhere}/|~/|g" -e '1{/^Script started/d}' -e '${/^Script done/d}' "$capture" \
  | python3 "$folder/picture.py" --columns "$columns" --title "${TITLE:-make demo}" ${ROWS:+--rows "$ROWS"} >"$drawing"
chmod 644 "$drawing"
mv "$drawing" "$folder/demo.svg"
echo "picture: $folder/demo.svg"
