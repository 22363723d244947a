#!/usr/bin/env bash
# Looks at the report of `loam simulate` in a real browser: headless Chromium draws it, and what it drew is checked.
#
#   Tests/check-report.sh [--keep FOLDER] [FILE…]   checks HTML and SVG files; without any, a sample that the tests write
#   Tests/check-report.sh --self-test               plants bad pages and expects each to be found
#
# A file must refer to nothing outside itself, load without a message on the browser's console, and not be blank. Pictures of
# the pages, in a wide and in a narrow window, go to FOLDER if one is named. Chromium is installed if it is missing and this is
# root; where it cannot be had, that is said, and nothing is claimed: exit status 77.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly not_run=77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

say() { printf 'check-report: %s\n' "$*"; }
fail() { # file, why
  say "FAILED: $1: $2"
  failed=1
}

browser=""
find_browser() {
  for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null 2>&1; then return; fi
  done
  .ci/install-deps.sh browser || true
  browser=chromium
  if ! command -v chromium >/dev/null 2>&1; then
    say "not run: no Chromium here, and it could not be installed (apt-get install chromium)"
    exit "$not_run"
  fi
  command -v python3 >/dev/null 2>&1 || { say "not run: no Python 3 to look at the pictures with"; exit "$not_run"; }
}

# Draws file $1 in a window $2 wide and $3 high into picture $4; what the console says goes to $5.
draw() {
  # Containers have neither the sandbox's namespaces nor a graphics processor; the profile is thrown away.
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --no-first-run \
    --user-data-dir="$work/profile" --enable-logging=stderr --virtual-time-budget=2000 --window-size="$2,$3" \
    --screenshot="$4" "file://$(realpath "$1")" >"$5" 2>&1
}

# Reads a PNG (8 bits, not interlaced) and says what is wrong with the picture, if anything is.
look() { # picture, colours that it must have at least
  python3 - "$1" "$2" <<'PYTHON'
import struct, sys, zlib

data, least = open(sys.argv[1], "rb").read(), int(sys.argv[2])
assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
place, packed = 8, b""
while place < len(data):
    length, kind = struct.unpack(">I4s", data[place:place + 8])
    body = data[place + 8:place + 8 + length]
    if kind == b"IHDR":
        width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
    elif kind == b"IDAT":
        packed += body
    place += 12 + length
assert depth == 8 and colour in (2, 6) and not interlaced, "an unusual PNG"
size = 3 if colour == 2 else 4
raw, stride = zlib.decompress(packed), width * size
before, colours, drawn = bytearray(stride), set(), 0
for y in range(height):
    kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
    for x in range(stride if kind else 0):
        left = row[x - size] if x >= size else 0
        up, corner = before[x], before[x - size] if x >= size else 0
        if kind == 1: guess = left
        elif kind == 2: guess = up
        elif kind == 3: guess = (left + up) // 2
        else:
            p = left + up - corner
            a, b, c = abs(p - left), abs(p - up), abs(p - corner)
            guess = left if a <= b and a <= c else up if b <= c else corner
        row[x] = (row[x] + guess) & 255
    before = row
    in_row = {bytes(row[x:x + 3]) for x in range(0, stride, size)}
    colours |= in_row
    drawn += len(in_row) > 1
if len(colours) < least or drawn * 4 < height:
    sys.exit(f"the picture is all but blank: {len(colours)} colours, something in {drawn} of {height} rows")
print(f"{width} x {height}, {len(colours)} colours, something in {drawn} rows")
PYTHON
}

# Whether file $1 names anything outside itself that a browser would fetch; the name of SVG's language is none.
refers_outside() {
  sed 's|xmlns="http://www.w3.org/2000/svg"||g' "$1" |
    grep -onE '(src|href|srcset|action|data)="(https?:|file:|//)[^"]*"|url\( *["'\'']?(https?:|file:|//)[^)]*|@import[^;]*|<(script|iframe|object|embed|link)\b' |
    head -n 3
}

check() { # file
  local file=$1 name said outside console picture
  name=$(basename "$file")
  [[ -s $file ]] || { fail "$file" "there is no such file, or nothing in it: name a report written with --html or --svg"; return; }
  outside=$(refers_outside "$file" || true)
  if [[ -n $outside ]]; then fail "$file" "refers to something outside itself: $outside"; return; fi
  picture=$keep/$name.png
  if ! draw "$file" 1120 1500 "$picture" "$work/console" || [[ ! -s $picture ]]; then
    fail "$file" "the browser drew nothing: $(tail -n 3 "$work/console")"
    return
  fi
  console=$(grep -F 'CONSOLE' "$work/console" | head -n 3 || true)
  if [[ -n $console ]]; then fail "$file" "the browser's console says: $console"; return; fi
  if ! said=$(look "$picture" 20 2>&1); then fail "$file" "$said"; return; fi
  say "$file: $said: $picture"
  [[ $name == *.html ]] || return 0
  # On a phone, in a window of its own for who wants to look.
  draw "$file" 500 1500 "$keep/$name.narrow.png" "$work/console" || fail "$file" "the browser drew nothing in a narrow window"
}

sample() {
  mkdir "$work/sample"
  LOAM_SAMPLE_REPORT=$work/sample swift test --disable-xctest --filter SampleReportTests >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    say "FAILED: the tests could not write a sample"
    exit 1
  }
}

self_test() {
  local expectation
  expect() { # what must be said ("" for a clean page), text of the page
    printf '%s' "$2" >"$work/page.html"
    failed=0
    check "$work/page.html" >"$work/found"
    if [[ -z $1 ]] && ((failed == 0)); then return; fi
    if [[ -n $1 ]] && ((failed == 1)) && grep -qF -- "$1" "$work/found"; then return; fi
    say "self-test: expected '$1' of: $2; found: $(cat "$work/found")"
    missed=1
  }
  missed=0
  expectation='<!DOCTYPE html><meta charset="utf-8"><body style="background: linear-gradient(red, blue); height: 1400px"><p>Text'
  expect '' "$expectation"
  expect 'all but blank' '<!DOCTYPE html><meta charset="utf-8">'
  expect 'outside itself' "$expectation<img src=\"https://example.org/a.png\">"
  expect 'outside itself' "$expectation<style>@import 'a.css';</style>"
  expect 'outside itself' "$expectation<script>1</script>"
  expect 'console says' "$expectation<meta http-equiv=\"Content-Security-Policy\" content=\"img-src 'none'\"><img src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\">"
  expect 'console says' "$expectation<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' onerror='console.error(1)'>"
  ((missed == 0)) || exit 1
  say "self-test: each planted fault was found"
}

keep=$work
if [[ ${1:-} == --keep ]]; then
  mkdir -p "${2:?usage: Tests/check-report.sh [--keep FOLDER] [FILE…]}"
  keep=$(realpath "$2")
  shift 2
fi
find_browser
if [[ ${1:-} == --self-test ]]; then
  self_test
  exit
fi
if (($# == 0)); then
  sample
  set -- "$work"/sample/*
fi
for file in "$@"; do check "$file"; done
exit "$failed"
