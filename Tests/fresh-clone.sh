#!/usr/bin/env bash
# Does what a newcomer does: clones what is committed into an empty folder, then make test and make demo there.
#   Tests/fresh-clone.sh [FOLDER]     FOLDER must not exist; without it a temporary one is used and removed when all is well
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-}
if [[ -z $folder ]]; then
  parent=$(mktemp -d)
  folder=$parent/loam
elif [[ -e $folder ]]; then
  echo "fresh-clone: $folder exists: name a folder that does not, or none" >&2
  exit 1
fi
[[ -z $(git -C "$here" status --porcelain) ]] || echo "fresh-clone: only what is committed is cloned; this tree has more"

git clone --quiet "$here" "$folder"
cd "$folder"
for goal in test demo; do
  began=$SECONDS
  make "$goal" </dev/null || {
    echo "fresh-clone: make $goal failed; the clone is kept in $folder" >&2
    exit 1
  }
  echo "fresh-clone: make $goal passed in $((SECONDS - began)) s"
done
untidy=$(git status --porcelain)
[[ -z $untidy ]] || { printf 'fresh-clone: these files are left behind; make them elsewhere or add them to .gitignore:\n%s\n' "$untidy" >&2; exit 1; }
if [[ -n ${parent:-} ]]; then rm -rf "$parent"; fi
