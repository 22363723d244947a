#!/usr/bin/env bash
# Runs the golden suites for aarch64 as three processors have it, under qemu-user: Cortex-A53 and -A72 (no dot product), and all
# features (dot product and i8mm). What passes on each has the same bytes on all of them, and on this machine.
#
#   Tests/check-suites-aarch64.sh [SUITE…]      KernelsTests GraphTests InferenceTests TrainingTests ActiveLearningTests ExchangeTests
#
# The compiler is the board's (Firmware/cross/setup.sh: downloads 1.1 GB once, needs root; kept in Firmware/.build or
# LOAM_FIRMWARE_BUILD). Built for release, as the board has it. What cannot run here is said ("not run: …").
set -euo pipefail
# shellcheck source=Firmware/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Firmware/lib.sh"
suites=("$@")
((${#suites[@]} > 0)) || suites=(KernelsTests GraphTests InferenceTests TrainingTests ActiveLearningTests ExchangeTests)

tell() { printf 'aarch64 suites: [%3d s] %s\n' "$SECONDS" "$*"; }
not_run() { tell "not run: $*"; exit 0; }

[[ $(uname -m) == x86_64 ]] || not_run "the cross toolchain is for amd64; on this machine \`make test\` runs them natively"
"$repository/.ci/install-deps.sh" cross || not_run "mmdebstrap and qemu-user-static are not here and could not be installed"
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || not_run "no qemu-aarch64-static here"
package=$work/suites
mkdir -p "$package"
# SETUP_SECONDS is for a mirror that is too slow today; 0 waits for ever.
timeout --kill-after=20 "${SETUP_SECONDS:-0}" "$firmware/cross/setup.sh" 2>&1 | tee "$package/setup.log" \
  || not_run "no cross toolchain${SETUP_SECONDS:+ in $SETUP_SECONDS s}: $(tail -n 1 "$package/setup.log")"

# ---- Build ----

# This package without what the suites do not need: half of its time is BoringSSL, of which they need SHA-256 alone; the fuzz
# targets have that in Swift.
for folder in Sources Tests Models; do ln -sfn "$repository/$folder" "$package/$folder"; done
if [[ -e $repository/Package.resolved ]]; then cp "$repository/Package.resolved" "$package/"; fi
cat "$repository/Package.swift" - >"$package/Package.swift" <<SWIFT

var wanted: Set<String> = [$(printf '"%s", ' "${suites[@]}")]
for target in package.targets.reversed() where wanted.contains(target.name) {
  for case .byNameItem(let name, _) in target.dependencies { wanted.insert(name) }
}
package.targets.removeAll { !wanted.contains(\$0.name) }
package.targets.append(.target(name: "Crypto", path: "Tests/Fuzz/Sources/Crypto"))
for target in package.targets {
  target.dependencies = target.dependencies.map {
    if case .productItem("Crypto", _, _, _) = \$0 { "Crypto" } else { \$0 }
  }
}
package.products = []
package.dependencies.removeAll {
  if case .sourceControl(_, let location, _) = \$0.kind { !location.hasSuffix("/swift-protobuf") } else { false }
}
SWIFT
# Builds the tests of the package in folder $1, which names itself $2; the program of tests in \`program\`.
build() {
  local flags=(--package-path "$1" --scratch-path "$1/.build" -c release -Xswiftc -enable-testing -Xswiftc -gnone)
  "$firmware/cross/swift.sh" build "${flags[@]}" --build-tests >"$1/build.log" 2>&1 || return 1
  program=$1/.build/$(triple arm64)/release/$2PackageTests.xctest
}
if ! build "$package" loam; then
  # Whose fault it is tells a package with nothing of ours in it.
  probe=$package/probe
  mkdir -p "$probe/Tests/ProbeTests"
  printf 'import Testing\n\n@Test func one() { #expect(1 == 1) }\n' >"$probe/Tests/ProbeTests/One.swift"
  printf '// swift-tools-version: 6.2\nimport PackageDescription\n\nlet package = Package(name: "probe", targets: [.testTarget(name: "ProbeTests")])\n' >"$probe/Package.swift"
  build "$probe" probe || not_run "Debian's Swift builds no tests at all: $(grep -m 1 'error:' "$probe/build.log" || tail -n 1 "$probe/build.log")"
  grep -E 'error:' "$package/build.log" | sort -u | head -n 20 || tail -n 20 "$package/build.log"
  tell "FAILED: they do not build; the log is $package/build.log"
  exit 1
fi
tell "built: ${suites[*]}"

# ---- Run ----

# A test that expects an exit starts its own program anew. The kernel can do that for arm64 in a namespace in which it is told of
# qemu (Linux 6.7), or when it has been told for the whole machine.
# shellcheck disable=SC2016 # expanded by the inner shell
tell_kernel='
  mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
  head="\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00" mask="\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff"
  printf "%s" ":loam-aarch64:M::$head\x02\x00\xb7\x00:$mask\xfe\xff\xff\xff:$1:F" >/proc/sys/fs/binfmt_misc/register
  shift
  exec "$@"'
in_namespace=(unshare --user --map-root-user --mount bash -euc "$tell_kernel" -- "$qemu")
loader=$work/sysroot/usr/lib/ld-linux-aarch64.so.1
starts=() options=()
if "${in_namespace[@]}" "$loader" --version >/dev/null 2>&1; then
  starts=("${in_namespace[@]}")
elif ! "$loader" --version >/dev/null 2>&1; then
  starts=("$qemu")
  exits=$(cd "$repository/Tests" && find "${suites[@]}" -name '*.swift' -exec \
    awk '/func [A-Za-z]+\(/ { split($0, part, /func |\(/); name = part[2] } /processExitsWith/ { print name }' {} + | sort -u | tr '\n' ' ')
  for it in $exits; do options+=(--skip "/$it\\("); done
  tell "not run: $exits(they start a program for arm64 anew, which this kernel cannot)"
fi

# The tests that log $1 says to have started and not to have ended.
unended() {
  awk '
    $2 != "Test" || $3 == "case" || $3 == "run" { next }
    { sub(/^[^ ]* *Test /, "") }
    / started\.$/ { sub(/ started\.$/, ""); begun[$0] = 1 }
    match($0, / (with [0-9]+ test cases? )?(passed|failed|skipped)/) { delete begun[substr($0, 1, RSTART - 1)] }
    END { for (name in begun) print "  " name }' "$1"
}

# Runs the suites on processor $1, for so many seconds at most; the log is $2.
limit=240
run() {
  QEMU_CPU=$1 QEMU_LD_PREFIX=$work/sysroot timeout --kill-after=10 "$limit" "${starts[@]}" "$program" \
    --testing-library swift-testing "${options[@]}" >"$2" 2>&1 </dev/null
}

# A trap that a test expects leaves no core behind.
ulimit -c 0
status=0
# The last has all features, but signs pointers by a sum that is quickly emulated.
for processor in cortex-a53 cortex-a72 max,pauth-impdef=on; do
  log=$package/${processor%,*}.log
  result=0
  run "$processor" "$log" || result=$?
  # qemu 7.2 lets a load-acquire pass a store-release: what waits for the two, in a library too, may sleep for ever, rarely.
  if ((result == 124 || result == 137)); then
    tell "no end in $limit s on $processor, where it is emulated; once more. Begun and not ended:"
    unended "$log"
    result=0
    run "$processor" "$log" || result=$?
  fi
  # What a processor lacks is said by the tests; the one with everything lacks nothing.
  grep -a '^not run: ' "$log" | sort | uniq -c | sed -E 's/^ *([0-9]+) (.*)/  \2 (\1 cases)/' || true
  if [[ $processor == max* ]] && grep -aq '^not run: ' "$log"; then result=1; fi
  if ((result == 0)) && grep -aE 'Test run with [1-9][0-9]* tests .*passed' "$log" | tail -n 1 | sed "s/^.*Test run/aarch64 suites on ${processor%,*}: test run/"; then continue; fi
  tell "FAILED on $processor (exit $result); the log is $log, of it:"
  if ((result == 124 || result == 137)); then
    tell "no end in $limit s, twice; begun and not ended:"
    unended "$log"
  fi
  grep -aE '✘|↳|Fatal error' "$log" | tail -n 40 || tail -n 20 "$log"
  status=1
done
tell "done"
exit "$status"
