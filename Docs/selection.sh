#!/usr/bin/env bash
# Repeats the measurements of Docs/selection.md on a folder of photo packs (each an index.csv and its photos).
#
#   Docs/selection.sh PACKS RESULTS    runs what is not in RESULTS yet, then draws both pictures and
#                                      prints the tables
#
# About 25 minutes on two cores, once the features of the packs are there.
set -euo pipefail

packs=${1:?a folder of packs} results=${2:?a folder for the results}
loam=${LOAM:-.build/release/loam}
literature=loam,margin,badge,coreset,typiclust,aift,aift-majority,entropy,probcover,random
mkdir -p "$results"

run() { # name, then arguments of loam simulate
  local result=$results/$1.json
  shift
  [[ -s $result ]] || { "$loam" simulate --seeds 10 --json "$@" >"$result.tmp" && mv "$result.tmp" "$result"; }
}

for pack in cxr2 eth80 dogs8 signs10 trash6; do
  run "$pack" --data "$packs/$pack" --strategy "$literature"
done
for pack in cxr2 eth80 signs10; do
  run "$pack-groups" --data "$packs/$pack" --groups --strategy "$literature"
done
for pack in cxr2 eth80 dogs8 signs10 trash6; do
  for noise in 5 10; do
    run "$pack-noise$noise" --data "$packs/$pack" --strategy loam,margin,random --label-noise "$(printf '0.%02d' "$noise")"
  done
  for common in 80 95; do
    run "$pack-$common" --data "$packs/$pack" --strategy loam,margin,random --imbalance "$common:$((100 - common))"
  done
done

from=()
for name in cxr2 eth80 dogs8 signs10 trash6 cxr2-groups eth80-groups signs10-groups; do
  from+=(--from "$results/$name.json")
done
"$loam" simulate "${from[@]}" --svg Docs/selection.svg >/dev/null
from=()
for condition in noise5 noise10 80 95; do
  for pack in cxr2 eth80 dogs8 signs10 trash6; do from+=(--from "$results/$pack-$condition.json"); done
done
"$loam" simulate "${from[@]}" --svg Docs/selection-conditions.svg >/dev/null
python3 Docs/selection.py "$results"
