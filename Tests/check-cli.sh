#!/usr/bin/env bash
# Checks the built program from outside: what it answers to bad input, and a few good runs from end to end.
#
#   Tests/check-cli.sh PROGRAM [MODEL]
#
# A command given a missing, unreadable, empty, truncated or wrong-type file must exit with 1 (bad usage: 64), name the file
# on standard error, say what to do next, and leave its output as it was, with no temporary file beside it.
# MODEL is Models/efficientnet-lite0.loam if absent; without one the checks that need a model are skipped, and said to be.
set -euo pipefail

usage="usage: Tests/check-cli.sh PROGRAM [MODEL]"
program=$(realpath -e -- "${1:?$usage}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
golden=$here/Golden
model=${2:-$(dirname "$here")/Models/efficientnet-lite0.loam}
[[ -e $model ]] && model=$(realpath -e -- "$model")

work=$(mktemp -d)
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
cd "$work"
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); }
skip() { # what, why
  skipped=$((skipped + 1))
  printf 'skipped: %s: %s\n' "$1" "$2"
}
fail() { # what, why
  failed=$((failed + 1))
  printf 'FAILED: %s: %s\n  command: %s\n' "$1" "$2" "$command"
  sed 's/^/  said:    /' "$work/said" | head -n 12
}

# Runs a command with no input: its status in `status`, what it printed in the files `printed` and `said` (stderr).
run() {
  printf -v command '%q ' "$@"
  status=0
  timeout 120 "$@" </dev/null >"$work/printed" 2>"$work/said" || status=$?
}

# What a next step sounds like: an imperative, or what was expected instead.
readonly next_step='(^|[^a-z])(add|check|choose|close|connect|convert|copy|delete|expected|export|fetch|free|give|import|make|move|name|pass|remove|resize|run|save|see|set|start|take|try|use|write)([^a-z]|$)'

# refuses WHAT STATUS NAMED COMMAND…: the command must exit with STATUS and tell of NAMED what is wrong and what to do.
# If `kept` lies in the folder out/, it must be there afterwards as it was, and nothing beside it.
refuses() {
  local what=$1 expected=$2 named=$3
  shift 3
  rm -rf out
  mkdir out
  echo "as it was" >out/kept
  run "$@"
  if ((status != expected)); then fail "$what" "exit status $status instead of $expected"; return; fi
  if ! grep -qF -- "$named" said; then fail "$what" "the message does not name '$named'"; return; fi
  if ! grep -qiE -- "$next_step" said; then fail "$what" "the message gives no next step"; return; fi
  if grep -qE 'Fatal error|Stack dump|Crash|Error Domain=|NSCocoaErrorDomain|\([A-Za-z]+Error error [0-9]+' said; then
    fail "$what" "the message is a crash or the system's own words"
    return
  fi
  if [[ $(ls -A out) != kept || $(cat out/kept) != "as it was" ]]; then
    fail "$what" "the output folder changed: $(printf '%s ' out/*)"
    return
  fi
  pass
}

# answers WHAT PATTERN COMMAND…: the command must exit with 0 and print a line that matches PATTERN (if that is not empty).
answers() {
  local what=$1 pattern=$2
  shift 2
  run "$@"
  if ((status != 0)); then fail "$what" "exit status $status instead of 0"; return; fi
  if [[ -n $pattern ]] && ! grep -qE -- "$pattern" printed; then
    cat printed >>said
    fail "$what" "printed nothing like '$pattern'"
    return
  fi
  pass
}

# A .npy file of little-endian type $1 and shape $2 with $3 bytes of zeros, written to $4.
make_npy() {
  local header
  header=$(printf '%-117s' "{'descr': '$1', 'fortran_order': False, 'shape': $2, }")
  { printf '\x93NUMPY\x01\x00\x76\x00%s\n' "$header"; head -c "$3" /dev/zero; } >"$4"
}

fixtures() {
  mkdir folder photos empty-photos bad-photos
  : >empty
  echo "This is a text file." >text
  base64 -d >photo.jpg <<'JPEG'
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/
2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAYACADASIAAhEBAxEB/8QA
GAAAAwEBAAAAAAAAAAAAAAAAAAIDAQT/xAAaEAACAwEBAAAAAAAAAAAAAAAAAQIRMQMh/8QAGAEAAgMAAAAAAAAAAAAAAAAAAAQBAgP/xAAbEQACAwADAAAA
AAAAAAAAAAAAAgEDBBESMf/aAAwDAQACEQMRAD8AiLKaj5rGOd77ogaY863NPbyCseibrBznLrFegW251q4lPJNElzt2vGAAKV2tU3ZZMjzp2ygABNtz2zy8
n//Z
JPEG
  head -c 150 photo.jpg >cut.jpg
  cp photo.jpg photos/one.jpg
  cp text bad-photos/text.jpg
  { printf '\xff\xff\xff\xff\xff\xff\xff\x7f'; head -c 100 /dev/zero; } >long-header.loam
  if [[ -e $model ]]; then
    head -c 3000 "$model" >cut-header.loam
    head -c $(($(stat -c %s "$model") / 2)) "$model" >cut-weights.loam
  fi
  # Field 1 (ir_version) and the beginning of field 7 (graph), whose length says more than there is.
  printf '\x08\x08\x3a\xff\xff\x03abc' >cut.onnx
  make_npy '<f4' '(2, 3)' 24 shape.npy
  make_npy '<c8' '(1, 224, 224, 3)' 100 type.npy
  make_npy '<f4' '(1, 224, 224, 3)' 100 cut.npy
  printf 'path,label,group,split\nphotos/none.jpg,a,1,pool\nphotos/none2.jpg,b,2,test\n' >missing-photos.csv
  printf 'some,other,table\n1,2,3\n' >other.csv
}

# every_bad_file WHAT COMMAND…: the word FILE in the command is replaced by each file that nothing accepts.
every_bad_file() {
  local what=$1 file argument arguments
  shift
  for file in missing-file empty text folder photo.jpg "${more_bad_files[@]}"; do
    arguments=()
    for argument in "$@"; do arguments+=("${argument//FILE/$file}"); done
    refuses "$what: $file" 1 "$file" "${arguments[@]}"
  done
  more_bad_files=()
  unreadable "$what" "$@"
}

# The same with a file that may not be read. Root may read everything, so root becomes nobody for it.
unreadable() {
  local what=$1 argument arguments=()
  shift
  if [[ $(id -u) -eq 0 ]]; then
    if ! setpriv --reuid 65534 --clear-groups -- "$program" --version >/dev/null 2>&1; then
      skip "$what: unreadable" "running as root, and nobody cannot run $program"
      return
    fi
    arguments=(setpriv --reuid 65534 --clear-groups --)
    chmod 755 "$work"
  fi
  cp text secret
  chmod 000 secret
  for argument in "$@"; do arguments+=("${argument//FILE/secret}"); done
  refuses "$what: unreadable" 1 secret "${arguments[@]}"
  rm -f secret
}

general() {
  local name
  answers "--version" '[0-9]+\.[0-9]+' "$program" --version
  answers "--help" 'SUBCOMMANDS|USAGE' "$program" --help
  for name in run status queue report demo simulate import inspect plan bench new-task export classify infer score; do
    answers "$name --help" "USAGE: loam $name" "$program" "$name" --help
    refuses "$name with an unknown option" 64 "loam $name --help" "$program" "$name" --no-such-option
  done
  refuses "an unknown option" 64 "--no-such-option" "$program" score --no-such-option
  refuses "an unknown command" 64 "lable" "$program" lable
}

score() {
  local pattern_b='{"id":"B","patches":[[1,0],[0.9,0.1],[0.8,0.2],[0.7,0.3],[0.6,0.4],[0.6,0.4],[0.4,0.6],[0.3,0.7],[0.2,0.8],[0,1],[0,1]]}'
  echo "$pattern_b" >b.jsonl
  # The published value for pattern B, entropy and diversity, a quarter of the patches: 21.62.
  answers "score: published pattern B, α = 1/4" '"score":21\.62|"score":21\.61[5-9]' \
    "$program" score b.jsonl --json --alpha 0.25 --epsilon 2.220446049250313e-16
  answers "score: published pattern B, all patches" '"score":1241\.77' "$program" score b.jsonl --json --epsilon 2.220446049250313e-16
  more_bad_files=()
  every_bad_file "score" "$program" score FILE
  echo "${pattern_b:0:60}" >half.jsonl
  refuses "score: half a line" 1 half.jsonl "$program" score half.jsonl
  echo '{"id":"x","patches":[[0.5,0.5],[0.2,0.3,0.5]]}' >uneven.jsonl
  refuses "score: patches of different length" 1 uneven.jsonl "$program" score uneven.jsonl
  echo '{"id":"x","patches":[[1.5,-0.5]]}' >outside.jsonl
  refuses "score: a probability outside 0 to 1" 1 outside.jsonl "$program" score outside.jsonl
  refuses "score: a share above 1" 64 alpha "$program" score b.jsonl --alpha 2
}

models() {
  if [[ ! -e $model ]]; then
    skip "inspect, classify, infer, new-task, run with a good model" "there is no $model (make model)"
  fi
  local cut=()
  [[ -e $model ]] && cut=(cut-header.loam cut-weights.loam)
  more_bad_files=(long-header.loam "${cut[@]}")
  every_bad_file "inspect" "$program" inspect FILE
  more_bad_files=(long-header.loam "${cut[@]}")
  every_bad_file "plan" "$program" plan FILE --svg out/kept
  more_bad_files=(long-header.loam "${cut[@]}")
  every_bad_file "bench" "$program" bench FILE
  refuses "plan: no number of bytes" 64 --budget "$program" plan "${model}" --budget much
  refuses "bench: no runs" 64 --runs "$program" bench "${model}" --runs 0
  for name in inspect plan bench; do
    refuses "$name: LOAM_CPU" 1 abacus env LOAM_CPU=abacus "$program" "$name" "${model}"
  done
  refuses "plan: threads" 64 --threads "$program" plan "${model}" --threads 17
  refuses "classify: threads" 64 --threads "$program" classify "${model}" photo.jpg --threads 0
  refuses "bench: threads" 64 --threads "$program" bench "${model}" --threads 17
  more_bad_files=(long-header.loam "${cut[@]}")
  every_bad_file "classify: model" "$program" classify FILE photo.jpg
  more_bad_files=("${cut[@]}")
  every_bad_file "infer: model" "$program" infer FILE --input shape.npy --output out/kept
  more_bad_files=(long-header.loam "${cut[@]}")
  every_bad_file "new-task: model" "$program" new-task FILE --classes a,b --output out/kept
  refuses "new-task: one class" 64 a "$program" new-task "${model}" --classes a --output out/kept
  refuses "new-task: a class twice" 64 a "$program" new-task "${model}" --classes a,b,a --output out/kept
  more_bad_files=(cut.onnx)
  every_bad_file "import: model" "$program" import FILE --calibrate photos --output out/kept
  cp "$here/Golden/quantised/hostile_too_wide.onnx" too-wide.onnx
  refuses "import: a network that cannot run" 1 too-wide.onnx "$program" import too-wide.onnx --output out/kept
  [[ -e $model ]] || return 0

  answers "inspect" 'MAC' "$program" inspect "$model"
  answers "inspect --json" '^\{.*\}$' "$program" inspect "$model" --json
  answers "plan" 'rings' "$program" plan "$model" --budget 256MiB --svg plan.svg
  answers "plan: its picture" '</svg>' cat plan.svg
  answers "plan --json" '"fits":true' "$program" plan "$model" --budget 256MiB --json
  command="loam plan --json with 1 thread and with 3"
  for number in 1 3; do "$program" plan "$model" --threads "$number" --json >"$number.json" 2>said || true; done
  local one three
  one=$(grep -oE '"scratch":[0-9]+' 1.json) three=$(grep -oE '"scratch":[0-9]+' 3.json) || true
  if ((${one#*:} > 0 && ${three#*:} == 3 * ${one#*:})) && grep -q '"stacks of helper threads":262144' 3.json; then pass; else
    fail "plan: threads" "three threads do not have three times the scratch of one and two stacks"
  fi
  answers "plan: a budget that is too small, in JSON" '"fits":false' bash -c '"$@" --json || [[ $? -eq 1 ]]' - "$program" plan "$model" --budget 200KiB
  refuses "plan: a budget that is too small" 1 MiB "$program" plan "$model" --budget 8MiB --svg plan.svg
  refuses "plan: a picture in a folder that is not there" 1 no-folder "$program" plan "$model" --svg no-folder/p.svg
  answers "bench --json" '"peak_fraction":' "$program" bench "$model" --runs 2 --json
  answers "bench --per-layer" 'GMAC/s' "$program" bench "$model" --runs 2 --per-layer
  answers "classify --json" '"path":"photo.jpg".*"top":\[|"top":\[.*"path":"photo.jpg"' "$program" classify "$model" photo.jpg --json
  for file in missing-file empty text folder cut.jpg; do
    refuses "classify: photo: $file" 1 "$file" "$program" classify "$model" "$file"
  done
  unreadable "classify: photo" "$program" classify "$model" FILE
  run "$program" classify "$model" text photo.jpg --json
  if ((status == 1)) && grep -q '"top":\[' printed && grep -q 'text' printed; then pass; else
    fail "classify: a bad photo before a good one" "expected status 1, a line with the error and a line with the answer"
  fi
  more_bad_files=(shape.npy type.npy cut.npy)
  every_bad_file "infer: input" "$program" infer "$model" --input FILE --output out/kept
  make_npy '<f4' '(1, 224, 224, 3)' $((224 * 224 * 3 * 4)) grey.npy
  answers "infer" '' "$program" infer "$model" --input grey.npy --output grey-out.npy
  # Two pictures of every kind of byte, through the best kernels of this processor and through the scalar reference.
  make_npy '|u1' '(2, 224, 224, 3)' 0 bytes.npy
  head -c $((2 * 224 * 224 * 3)) "$program" >>bytes.npy
  answers "infer: features" '' "$program" infer "$model" --input bytes.npy --output best.npy --tensor features
  answers "infer: features by the scalar reference" '' \
    "$program" infer "$model" --input bytes.npy --output scalar.npy --tensor features --cpu scalar
  command="cmp best.npy scalar.npy"
  if [[ -s best.npy ]] && cmp best.npy scalar.npy 2>said; then pass; else
    fail "infer: the same bytes on every processor" "the scalar reference gives other features than the best kernels"
  fi
  refuses "infer: output in a folder that is not there" 1 no-folder "$program" infer "$model" --input grey.npy --output no-folder/y.npy
  refuses "new-task: output in a folder that is not there" 1 no-folder "$program" new-task "$model" --classes a,b --output no-folder/t.loam
  answers "new-task" '' "$program" new-task "$model" --classes cat,dog --output task.loam
  answers "inspect of a new task" 'cat' "$program" inspect task.loam
}

# An .onnx file is run in fp32, whole.
float() {
  local network=$golden/onnx/channels_last.onnx name usual
  usual=(--input float.npy --output out/kept)
  make_npy '<f4' '(1, 8, 8, 3)' $((8 * 8 * 3 * 4)) float.npy
  answers "infer of ONNX" '' "$program" infer "$network" --input float.npy --output float-best.npy
  answers "infer of ONNX: probabilities, as by default" '' \
    "$program" infer "$network" --input float.npy --output float-scalar.npy --tensor probabilities --cpu scalar
  command="cmp float-best.npy float-scalar.npy"
  if [[ -s float-best.npy ]] && cmp float-best.npy float-scalar.npy 2>said; then pass; else
    fail "infer of ONNX: the same bytes on every processor" "the scalar reference gives another result than the best kernels"
  fi
  refuses "infer of ONNX: no such processor level" 1 abacus "$program" infer "$network" "${usual[@]}" --cpu abacus
  for name in features logits; do
    refuses "infer of ONNX: a tensor that it does not have" 1 --tensor "$program" infer "$network" "${usual[@]}" --tensor "$name"
  done
}

device() {
  local usual=(--store store --camera dir:photos)
  more_bad_files=(long-header.loam)
  every_bad_file "run: model" "$program" run --model FILE "${usual[@]}"
  refuses "export: no store" 1 no-store "$program" export --store no-store --output out/bundle
  refuses "export: a folder that is no store" 1 folder "$program" export --store folder --output out/bundle
  refuses "status: no store" 1 no-store "$program" status --store no-store
  refuses "status: a file" 1 text "$program" status --store text
  local name
  for name in queue report; do
    refuses "$name: no store" 1 no-store "$program" "$name" --store no-store
    refuses "$name: a file" 1 text "$program" "$name" --store text
    refuses "$name: a budget that is no number of bytes" 64 much "$program" "$name" --store folder --memory-budget much
  done
  refuses "queue: no line" 64 limit "$program" queue --store folder --limit 0
  more_bad_files=(other.csv missing-photos.csv)
  every_bad_file "demo: data" "$program" demo --data FILE --output out/demo
  refuses "demo: folders without photos" 1 empty-photos "$program" demo --data empty-photos --output out/demo
  [[ -e task.loam ]] || return 0
  refuses "run: a new store without a model" 1 model "$program" run "${usual[@]}"
  refuses "run: a budget that nothing fits in" 1 "4.0 MiB" "$program" run --model task.loam "${usual[@]}" --memory-budget 4MiB
  refuses "run: no such camera" 1 no-photos "$program" run --model task.loam --store store --camera dir:no-photos --console /dev/null
  refuses "run: a camera of no known kind" 64 lens "$program" run --model task.loam --store store --camera lens --console /dev/null
  refuses "run: no such console" 1 /dev/no-tty "$program" run --model task.loam --store store --camera dir:photos --console /dev/no-tty
  local usual_task=(--model task.loam "${usual[@]}") value
  for value in 20 0/day 20/week x/day; do
    refuses "run: a rate that is none: $value" 64 "20/day" "$program" run "${usual_task[@]}" --ask "$value"
  done
  for value in -1 51 many; do
    refuses "run: an audit share that is none: $value" 64 audit "$program" run "${usual_task[@]}" --audit="$value"
  done
  for value in gain patience=3 unsure=2/20 already-right=12/9 stable=0.1/0; do
    refuses "run: a stop rule that is none: $value" 64 "${value%%=*}" "$program" run "${usual_task[@]}" --stop "$value"
  done
  refuses "run: a console that is a file" 1 text "$program" run --model task.loam --store store --camera dir:photos --console text
}

# The device on its own: photos in, one of them bad; stopped by a signal; looked into; exported.
loop() {
  [[ -e task.loam ]] || return 0
  command="loam run, with three good photos and a bad one in its folder"
  mkdir inbox
  for number in 1 2 3; do { cat photo.jpg; echo "$number"; } >"inbox/$number.jpg"; done
  cp cut.jpg inbox/4.jpg
  "$program" run --model task.loam --store device --camera dir:inbox >printed 2>said </dev/null &
  local device=$! deadline=$((SECONDS + 120)) state=""
  while ((SECONDS < deadline)) && kill -0 "$device" 2>/dev/null; do
    state=$("$program" status --store device --json 2>/dev/null) || true
    [[ $state == *'"captures":4'* ]] && break
    sleep 0.5
  done
  local status=0
  kill -TERM "$device" 2>/dev/null || true
  wait "$device" || status=$?
  if [[ $state == *'"captures":4'* && $state == *'"failed_captures":1'* ]]; then pass; else
    fail "run: photos from a folder" "status says after 120 s: $state"
  fi
  if ((status == 0)); then pass; else fail "run: stopped by SIGTERM" "exit status $status instead of 0"; fi
  answers "status: no audit label yet" 'accuracy unknown: no audit label yet' "$program" status --store device
  answers "status --json: the audit figures" '"audit":\{"high":1,"judged":0,"labels":0,"low":0,"right":0,' "$program" status --store device --json
  answers "queue: before the first question" 'Nothing waits' "$program" queue --store device --why
  answers "report: too few labels to judge" '"noise_missing":"0 labels are too few' "$program" report --store device --json --history
  answers "report: as text" '^photos +4, 1 of them unusable' "$program" report --store device
  answers "export" '' "$program" export --store device --output bundle
  command="loam export --store device --output bundle"
  local hash
  hash=$(sha256sum bundle/model.loam 2>>said | cut -d ' ' -f 1) || true
  if [[ -n $hash && -s bundle/model.onnx ]] && grep -q "$hash" bundle/manifest.json; then pass; else
    fail "export: the bundle" "model.onnx is missing, or manifest.json does not hold the hash of model.loam ($hash)"
  fi
  answers "export: a new bundle in the old one's place" '' "$program" export --store device --output bundle
  refuses "export: onto a folder that is no bundle" 1 out "$program" export --store device --output out
}

# Strategies compared on photos of two classes, nearly the same ones: what matters here is the way in and out.
simulate() {
  local number class data=(--data many.csv) usual value
  for value in 0 -1 many; do
    refuses "simulate: seeds: $value" 64 seeds "$program" simulate --data photos --seeds="$value"
  done
  refuses "simulate: neither data nor a result" 64 --data "$program" simulate
  refuses "simulate: a strategy that is none" 64 best "$program" simulate --data photos --strategy loam,best
  refuses "simulate: a setting that loam has not" 64 pace=2 "$program" simulate --data photos --strategy loam:pace=2
  refuses "simulate: a learner that is none" 64 eager "$program" simulate --data photos --learner eager
  refuses "simulate: more wrong answers than answers" 64 1.5 "$program" simulate --data photos --label-noise 1.5
  refuses "simulate: no patch" 64 patch-count "$program" simulate --data photos --patch-count 0
  refuses "simulate: an imbalance that is none" 64 80:30 "$program" simulate --data photos --imbalance 80:30
  more_bad_files=(task.loam)
  every_bad_file "simulate: a result" "$program" simulate --from FILE
  [[ -e $model ]] || return 0
  more_bad_files=(other.csv)
  every_bad_file "simulate: data" "$program" simulate --model "$model" --data FILE --cache cache
  refuses "simulate: folders without photos" 1 empty-photos "$program" simulate --model "$model" --data empty-photos --cache cache
  refuses "simulate: photos that are not there" 1 photos/none "$program" simulate --model "$model" --data missing-photos.csv --cache cache
  mkdir many
  printf 'path,label,group,split\n' >many.csv
  for ((number = 1; number <= 34; number++)); do
    class=$((number % 2))
    { cat photo.jpg; echo "$number"; } >"many/$number.jpg"
    printf 'many/%d.jpg,class %d,group %d,%s\n' "$number" "$class" $(((number + 1) / 2)) "$([[ $number -gt 22 ]] && echo test || echo pool)"
  done >>many.csv
  more_bad_files=(long-header.loam)
  every_bad_file "simulate: model" "$program" simulate --model FILE "${data[@]}" --cache cache
  usual=(--model "$model" "${data[@]}" --cache cache --seeds 2 --batch 2)
  refuses "simulate: a report in a folder that is not there" 1 no-folder "$program" simulate "${usual[@]}" --html no-folder/r.html
  refuses "simulate: a class that is not there" 1 "class 7" "$program" simulate "${usual[@]}" --classes "class 1,class 7"
  refuses "simulate: one class" 1 "class 1" "$program" simulate "${usual[@]}" --classes "class 1"
  refuses "simulate: no class" 1 classes "$program" simulate "${usual[@]}" --classes ,
  refuses "simulate: two things in one file" 64 out/kept "$program" simulate "${usual[@]}" --svg out/kept --html out/kept
  answers "simulate: a table" '^ *loam ' "$program" simulate "${usual[@]}" --html many.html --svg many.svg
  answers "simulate: a result" '"name":"typiclust"' "$program" simulate "${usual[@]}" --strategy typiclust,random --json
  cp printed many.json
  answers "simulate: groups" '"candidates":11,' "$program" simulate "${usual[@]}" --groups --json
  answers "simulate: a result drawn again" '^ *typiclust ' "$program" simulate --from many.json --svg again.svg
  command="the files that loam simulate wrote"
  if grep -q '</html>' many.html && grep -q '</svg>' many.svg && grep -q 'typiclust' again.svg; then pass; else
    ls -l >said
    fail "simulate: its files" "many.html, many.svg or again.svg is not what it should be"
  fi
  head -c 200 many.json >cut.json
  refuses "simulate: a result that was cut off" 1 cut.json "$program" simulate --from cut.json
}

more_bad_files=()
fixtures
for part in general score models float device loop simulate; do "$part"; done
if ((skipped > 0)); then echo "check-cli: some checks were not run: see 'skipped' above"; fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
