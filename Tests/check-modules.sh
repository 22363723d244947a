#!/usr/bin/env bash
# Holds the order of the modules: a module imports only those that stand above it in Package.swift.
#
#   Tests/check-modules.sh              checks this package
#   Tests/check-modules.sh FOLDER       checks the package in FOLDER
#   Tests/check-modules.sh --self-test  plants one violation of each rule into a copy and expects it to be found
#
# Rules (each finding is printed as file:line: what is wrong and what to do):
#   order      an import names a module above the importing one in Package.swift's `modules`
#   listed     every folder of Sources is a module of that list
#   owner      a C library's module, and a library that is one module's business, has exactly one importing module
#   internal   such a module is imported internally, so that its types are never part of an interface
#   c          a C module includes no header of another C module
set -euo pipefail

# Who may import what has one owner. C modules first; the rest are libraries that DESIGN gives to one module.
declare -rA owner=(
  [CKernels]=Kernels [CImaging]=Imaging [CBoard]=Board [CXXHash]=Graph
  [GRDB]=SampleStore [GRDBSQLite]=SampleStore [SQLite3]=SampleStore [SwiftProtobuf]=Exchange [ArgumentParser]=loam
  [Configuration]=DeviceRuntime [Yams]=DeviceRuntime
)

findings=0
report() { # file line message
  printf '%s:%s: %s\n' "$1" "$2" "$3"
  findings=$((findings + 1))
}

# The names in Package.swift's `let modules`, top to bottom.
modules_in_order() {
  sed -n '/^let modules\b/,/^\]/p' "$1/Package.swift" | tr '\n' ' ' | grep -oE '\.(executableTarget|target)\( *name: "[A-Za-z0-9_]+"' | grep -oE '"[^"]+"' | tr -d '"'
}

check_swift_module() { # module, its place
  local module=$1 place=$2 file line text prefix imported
  # One line per import: FILE:LINE:TEXT. An import may carry attributes, an access level, a kind and a submodule.
  while IFS=: read -r file line text; do
    while read -r text; do
      [[ $text =~ ^((@[A-Za-z_]+(\([^\)]*\))?[[:space:]]+)*)(public|package|internal|fileprivate|private)?[[:space:]]*import[[:space:]]+((struct|class|enum|protocol|typealias|func|let|var|actor)[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*) ]] || continue
      prefix="${BASH_REMATCH[1]}${BASH_REMATCH[4]}" imported=${BASH_REMATCH[7]}
      if [[ -n ${places[$imported]:-} ]] && ((places[$imported] >= place)); then
        report "$file" "$line" "$module imports $imported, which stands below it in Package.swift: move the code up, or hand the value in from below (rule: order)"
      fi
      [[ -n ${owner[$imported]:-} ]] || continue
      if [[ ${owner[$imported]} != "$module" ]]; then
        report "$file" "$line" "$module imports $imported, which only ${owner[$imported]} may: ask ${owner[$imported]} for it (rule: owner)"
      fi
      if [[ $prefix == *public* || $prefix == *package* || $prefix == *@_exported* ]]; then
        report "$file" "$line" "$imported is imported so that others see it: write 'import $imported' alone (rule: internal)"
      fi
    done < <(tr ';' '\n' <<<"$text" | sed 's/^[[:space:]]*//')
  done < <(grep -rnE --include='*.swift' '(^|;)[[:space:]]*(@[A-Za-z_()]+[[:space:]]+)*((public|package|internal|fileprivate|private)[[:space:]]+)?import[[:space:]]' "$root/Sources/$module" || true)
}

check_c_module() { # module
  local module=$1 other file line text
  for other in "${order[@]}"; do
    [[ $other == C[A-Z]* && $other != "$module" ]] || continue
    while IFS=: read -r file line text; do
      report "$file" "$line" "$module includes ${text#*include } of $other: C modules stand alone (rule: c)"
    done < <(
      grep -rnE --include='*.[ch]' "^[[:space:]]*#[[:space:]]*include.*\b$other\b" "$root/Sources/$module" || true
      for header in "$root/Sources/$other/include"/*.h; do
        [[ -e $header ]] || continue
        grep -rnF --include='*.[ch]' "#include \"${header##*/}\"" "$root/Sources/$module" || true
      done
    )
  done
}

check() {
  root=$1
  mapfile -t order < <(modules_in_order "$root")
  ((${#order[@]} > 0)) || { echo "check-modules: no 'let modules' with targets in $root/Package.swift" >&2; return 2; }
  declare -gA places=()
  local place=0 module folder
  for module in "${order[@]}"; do
    place=$((place + 1))
    places[$module]=$place
  done
  for folder in "$root"/Sources/*/; do
    module=$(basename "$folder")
    if [[ -z ${places[$module]:-} ]]; then
      report "$folder" 0 "no module of Package.swift's list: add $module at its place in the order (rule: listed)"
    elif [[ $module == C[A-Z]* ]]; then
      check_c_module "$module"
    else
      check_swift_module "$module" "${places[$module]}"
    fi
  done
  ((findings == 0))
}

self_test() {
  local here copy failures=0
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  copy=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder's name is wanted as it is now
  trap "rm -rf '$copy'" EXIT

  expect() { # exit status, rule that must be named ("" for none), description, file, text
    local status=0 said
    rm -rf "${copy:?}"/*
    mkdir -p "$copy"/Sources/{CKernels/include,CBoard/include,Tensors,Kernels,SampleStore,loam}
    printf '%s\n' 'let modules: [Target] = [' '  .target(name: "CKernels"),' '  .target(name: "CBoard"),' '  .target(name: "Tensors"),' \
      '  .target(name: "Kernels", dependencies: ["CKernels"]),' '  .target(name: "SampleStore"),' '  .executableTarget(' '    name: "loam",' '    dependencies: []),' ']' >"$copy/Package.swift"
    printf 'int krn_one(void);\n' >"$copy/Sources/CKernels/include/CKernels.h"
    printf 'internal import CKernels\nimport Tensors\n' >"$copy/Sources/Kernels/Kernels.swift"
    printf 'package import Tensors\nimport struct Kernels.CPU\n// import nothing\nlet text = "import loam"\n' >"$copy/Sources/loam/main.swift"
    mkdir -p "$(dirname "$copy/$4")"
    printf '%b' "$5" >>"$copy/$4"
    said=$("$here/check-modules.sh" "$copy" 2>&1) || status=$?
    if [[ $status -ne $1 || ( -n $2 && $said != *"(rule: $2)"* ) ]]; then
      printf 'check-modules: self-test: %s: exit %s, expected %s naming "%s"; it said:\n%s\n' "$3" "$status" "$1" "$2" "$said" >&2
      failures=$((failures + 1))
    fi
  }
  expect 0 '' 'a clean package passes' Sources/Tensors/Shape.swift 'import FoundationEssentials\n'
  expect 1 order 'an upward import' Sources/Tensors/Shape.swift 'import Kernels\n'
  expect 1 order 'an upward import of one declaration' Sources/Tensors/Shape.swift '  internal import struct Kernels.CPU\n'
  expect 1 order 'an upward import behind a semicolon' Sources/Tensors/Shape.swift 'import Glibc; import loam\n'
  expect 1 order 'an upward import with an attribute' Sources/Tensors/Shape.swift '@preconcurrency package import SampleStore\n'
  expect 1 owner "a C module in another's hands" Sources/SampleStore/Store.swift 'import CKernels\n'
  expect 1 owner 'a library with one owner' Sources/Kernels/More.swift 'private import GRDB\n'
  expect 1 internal 'a C module re-exported' Sources/Kernels/More.swift '@_exported import CKernels\n'
  expect 1 internal 'a C module in a package interface' Sources/Kernels/More.swift 'package import CKernels\n'
  expect 1 listed 'a folder that is no module' Sources/Sync/Bundle.swift '\n'
  expect 1 c "a C module with another's header" Sources/CBoard/line.c '#include "CKernels.h"\n'
  ((failures == 0)) && echo "check-modules: self-test: each planted violation was found"
}

case ${1:-} in
  --self-test) self_test ;;
  *)
    root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
    check "$root" || exit
    echo "check-modules: ${#order[@]} modules, each imports only what stands above it"
    ;;
esac
