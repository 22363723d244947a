#!/usr/bin/env bash
# Fuzzes the readers of model files: .loam, ONNX, TensorFlow Lite.
#
#   Tests/fuzz.sh [SECONDS [TARGET…]]      30 seconds each; targets: FuzzLoam FuzzONNX FuzzTFLite
#   Tests/fuzz.sh --seeds                  makes the .loam seeds again, of what the other two targets read
#
# A crash, a leak, a hang above 10 s or more than 512 MiB is a finding: the input is kept in .build-fuzz/findings, and the
# script fails. What a run learns is kept in .build-fuzz/corpus and begins the next one. JOBS limits the build's processes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=.build-fuzz
corpus=Tests/Fuzz/Corpus

makes_seeds=false
if [[ ${1-} == --seeds ]]; then
  makes_seeds=true
  shift
fi
seconds=${1:-30}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { printf 'fuzz: "%s" is no number of seconds\n' "$seconds" >&2; exit 2; }
shift $(($# > 0))
targets=("$@")
((${#targets[@]} > 0)) || targets=(FuzzLoam FuzzONNX FuzzTFLite)

probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
printf '@_cdecl("LLVMFuzzerTestOneInput") public func f(_ p: UnsafePointer<UInt8>?, _ n: Int) -> CInt { 0 }\n' >"$probe/probe.swift"
if ! swiftc -sanitize=fuzzer,address -parse-as-library "$probe/probe.swift" -o "$probe/probe" >"$probe/log" 2>&1 \
  || ! "$probe/probe" -runs=1 >>"$probe/log" 2>&1; then
  printf 'not run: this Swift toolchain makes no program with libFuzzer and address sanitizer:\n'
  tail -n 3 "$probe/log"
  exit 0
fi

# Of several sanitizers the build system hands the compiler the last only: what libFuzzer is to see is said by itself.
build=(swift build --package-path Tests/Fuzz --scratch-path "$scratch" -c release --sanitize=fuzzer --sanitize=address
  -Xswiftc '-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp')
[[ -z ${JOBS-} ]] || build+=(--jobs "$JOBS")
for target in "${targets[@]}"; do "${build[@]}" --product "$target"; done
binaries=$("${build[@]}" --show-bin-path)

# What is left of a leak or of an error's text is told by the sanitizer; memory that it holds back is not the program's.
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=8:malloc_context_size=8:allocator_may_return_null=0
if "$makes_seeds"; then
  golden=Tests/Golden
  rm -f "$corpus"/loam/seed-*.loam
  LOAM_FUZZ_SEEDS=$(mktemp -d -p "$probe")
  export LOAM_FUZZ_SEEDS
  "$binaries/FuzzTFLite" $golden/tflite/{int8,int8_more,uint8_wide}.tflite >"$probe/log" 2>&1
  "$binaries/FuzzONNX" $golden/operators/{functions,pooling_19,shuffle_13,response_5,squeeze_excite}.onnx \
    $golden/onnx/{padded_pooled,dynamo}.onnx >"$probe/log" 2>&1
  for file in "$LOAM_FUZZ_SEEDS"/*.loam; do mv "$file" "$corpus/loam/seed-${file##*/}"; done
  du -b "$corpus"/loam/*
  exit
fi

status=0
for target in "${targets[@]}"; do
  case $target in
    FuzzLoam) folders=("$corpus/loam") dictionary=Tests/Fuzz/Dictionaries/loam.dict ;;
    FuzzONNX) folders=("$corpus/onnx" Tests/Golden/onnx Tests/Golden/operators Tests/Golden/quantised) dictionary=Tests/Fuzz/Dictionaries/onnx.dict ;;
    FuzzTFLite) folders=("$corpus/tflite" Tests/Golden/tflite) dictionary=Tests/Fuzz/Dictionaries/tflite.dict ;;
    *) printf 'fuzz: there is no target %s\n' "$target" >&2; exit 2 ;;
  esac
  learnt=$scratch/corpus/$target findings=$scratch/findings/$target log=$scratch/$target.log
  mkdir -p "$learnt" "$findings"
  before=$(find "$findings" -type f | wc -l)
  result=0
  "$binaries/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=256 -max_len=65536 \
    -print_final_stats=1 -dict="$dictionary" -artifact_prefix="$findings/" "$learnt" "${folders[@]}" >"$log" 2>&1 || result=$?
  found=$(($(find "$findings" -type f | wc -l) - before))
  runs=$(sed -nE 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
  coverage=$(sed -nE 's/.* cov: ([0-9]+) ft: ([0-9]+).*/\1 edges, \2 features/p' "$log" | tail -n 1)
  printf '%s: %s executions in %s s, coverage %s, %d crashes\n' "$target" "${runs:-?}" "$seconds" "${coverage:-?}" "$found"
  if ((result != 0)); then
    status=1
    printf '%s: FAILED (exit %d); the log is %s, its end:\n' "$target" "$result" "$log"
    grep -aE 'Fatal error|ERROR|SUMMARY|Test unit written' "$log" | tail -n 8 || tail -n 20 "$log"
    # A machine of CI is gone afterwards, and the input with it.
    if [[ -n ${CI-} ]] && ((found > 0)); then
      printf '%s: the input (base64 -d | gunzip): ' "$target"
      find "$findings" -type f -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2- | xargs -d '\n' gzip -9c | base64 -w 0
      echo
    fi
  fi
done
exit "$status"
