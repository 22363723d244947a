#!/usr/bin/env bash
# Everything that is checked without running the program: format, module order, words, scripts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=()
check() { # what, command…
  local what=$1
  shift
  if "$@"; then printf 'lint: %s: clean\n' "$what"; else
    printf 'lint: %s: see above\n' "$what" >&2
    failed+=("$what")
  fi
}

# Prints each line of the tracked files in the given folders that matches a pattern; true when there is none.
none() { # message, pattern, pathspec…
  local message=$1 pattern=$2
  shift 2
  if git grep -nIE -e "$pattern" -- "$@"; then
    printf 'lint: %s\n' "$message" >&2
    return 1
  fi
}

words() {
  local status=0 host
  none 'finish it, or say in the issue what is open' '\b(TODO|FIXME|XXX|[Nn]ot (yet )?implemented|[Pp]laceholder|[Ss]tub)\b' Sources Firmware Makefile ':!*.pb.swift' || status=1
  none 'throw a typed error, or use precondition with the values that broke it' '\btry!|\bfatalError\(|\bas!' 'Sources/*.swift' ':!*.pb.swift' || status=1
  none 'types are for other targets at most: write package' '^[[:space:]]*public[[:space:]]+(struct|class|enum|func|final|protocol|actor|let|var|init|extension|static)\b' 'Sources/*.swift' ':!*.pb.swift' || status=1
  # A path of the machine that this checkout lies on says nothing to anyone else.
  none "a path of this machine: make it relative, or a parameter" "(^|[^A-Za-z0-9_.~-])$PWD/" . || status=1
  # Nor do the hosts that this machine's package clients are set to use.
  while read -r host; do
    none "the registry host $host: name the package, not the host" "${host//./\\.}" . || status=1
  done < <(registry_hosts)
  return "$status"
}

registry_hosts() {
  {
    # shellcheck disable=SC2016 # apt's own variable
    apt-get indextargets --format '$(SITE)' 2>/dev/null || true
    python3 -m pip config get global.index-url 2>/dev/null || true
  } | sed -nE 's|^https*://([^/:]*@)?([^/:]+).*|\2|p' | sort -u
}

# Shell scripts by their first line, whatever their name.
shell_scripts() { git ls-files -z | xargs -0 grep -d skip -lIE -m1 '^#!.*\b(ba)?sh\b' 2>/dev/null | while read -r file; do [[ $(head -c 2 "$file") == '#!' ]] && printf '%s\n' "$file"; done; }

scripts() {
  local status=0 file
  while read -r file; do
    bash -n "$file" || status=1
    [[ -x $file ]] || { printf '%s: not executable: git update-index --chmod=+x %s\n' "$file" "$file" >&2; status=1; }
  done < <(shell_scripts)
  if command -v shellcheck >/dev/null 2>&1; then
    shell_scripts | xargs shellcheck -x || status=1
  else
    echo "lint: not run: shellcheck is not installed (apt-get install shellcheck)" >&2
  fi
  return "$status"
}

python_files() {
  command -v python3 >/dev/null 2>&1 || { echo "lint: not run: Python is not installed" >&2; return 0; }
  local status=0 file
  while read -r file; do
    # Compiled in memory: py_compile would leave its folder behind.
    python3 -c 'import sys; name = sys.argv[1]; compile(open(name, encoding="utf-8").read(), name, "exec")' "$file" || status=1
  done < <(git ls-files '*.py')
  return "$status"
}

check 'format' swift format lint --strict -r --configuration .swift-format Sources Tests Package.swift
check 'module order' Tests/check-modules.sh
check 'module order, self-test' Tests/check-modules.sh --self-test
check 'words' words
check 'scripts' scripts
check 'Python' python_files

if ((${#failed[@]} > 0)); then
  printf 'lint: %d of 6 checks failed: %s\n' "${#failed[@]}" "$(printf '%s; ' "${failed[@]}")" >&2
  exit 1
fi
