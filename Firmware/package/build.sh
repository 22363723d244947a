#!/usr/bin/env bash
# Builds the Debian package of what cross/build.sh has built: package/build.sh arm64 | amd64 [VERSION].
# Writes $LOAM_FIRMWARE_BUILD/loam_VERSION_ARCH.deb and prints its path. The version is the program's own with the count of commits.
set -euo pipefail
# shellcheck source=Firmware/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
here=$firmware/package
shopt -s nullglob # the Swift libraries are in the program, or beside it
arch=${1:?say for which architecture: arm64 or amd64}
triple "$arch" >/dev/null
built=$work/$arch
[[ -x $built/loam ]] || stop "$built/loam is not there: make -C Firmware build ARCH=$arch"

# Runs the program, on a machine of another architecture under qemu-user.
run() {
  if [[ $(dpkg --print-architecture) == "$arch" ]]; then
    LD_LIBRARY_PATH=$built/lib "$built/loam" "$@"
  else
    qemu-aarch64-static -L "$work/sysroot" -E LD_LIBRARY_PATH="$built/lib" "$built/loam" "$@"
  fi
}

program=$(run --version)
[[ $program =~ ([0-9]+(\.[0-9]+)+) ]] || stop "'loam --version' printed '$program': expected a version like 0.1.0"
version=${2:-${BASH_REMATCH[1]}+git$(git -C "$repository" rev-list --count HEAD)}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$repository" log -1 --format=%ct)}
maintainer="${DEBFULLNAME:-$(git -C "$repository" log -1 --format=%an)} <${DEBEMAIL:-$(git -C "$repository" log -1 --format=%ae)}>"

root=$work/package-$arch
rm -rf "$root"
umask 022
put() { install -D -m "$1" "$2" "$root/$3"; } # mode, file, place
put 755 "$built/loam" usr/bin/loam
for library in "$built"/lib/*.so; do put 644 "$library" "usr/lib/loam/$(basename "$library")"; done
put 755 "$here/first-boot" usr/lib/loam/first-boot
put 644 "$here/loam.service" usr/lib/systemd/system/loam.service
put 644 "$here/loam-provision.service" usr/lib/systemd/system/loam-provision.service
put 644 "$here/loam.udev" usr/lib/udev/rules.d/60-loam.rules
put 644 "$here/loam.sysusers" usr/lib/sysusers.d/loam.conf
put 644 "$here/loam.tmpfiles" usr/lib/tmpfiles.d/loam.conf
put 644 "$here/loam.modules" usr/lib/modules-load.d/loam.conf
put 644 "$repository/Models/efficientnet-lite0.loam" usr/share/loam/efficientnet-lite0.loam
put 644 "$firmware/loam-panel.dts" usr/share/loam/loam-panel.dts
put 644 "$here/copyright" usr/share/doc/loam/copyright
gzip -9n <"$repository/NOTICE" >"$root/usr/share/doc/loam/NOTICE.gz"
put 644 "$here/lintian-overrides" usr/share/lintian/overrides/loam

# The configuration as the program lists it, with the places of the package.
set_key() { # key as it is commented out, its value
  grep -q "^\( *\)#$1:" "$root/etc/loam/loam.yaml" || stop "Firmware/loam.yaml has no key '#$1:' to set"
  sed -i "0,/^\( *\)#$1:.*/s||\1$1: $2|" "$root/etc/loam/loam.yaml"
}
put 644 "$firmware/loam.yaml" etc/loam/loam.yaml
set_key model /etc/loam/model.loam
set_key address dir:/var/lib/loam/incoming
set_key socket /run/loam/console

mkdir -p "$root"/usr/share/{man/man1,bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
run --experimental-dump-help | "$here/manpage.py" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)" | gzip -9n >"$root/usr/share/man/man1/loam.1.gz"
run --generate-completion-script bash | sed 1d >"$root/usr/share/bash-completion/completions/loam"
run --generate-completion-script zsh >"$root/usr/share/zsh/vendor-completions/_loam"
run --generate-completion-script fish >"$root/usr/share/fish/vendor_completions.d/loam.fish"

printf 'loam (%s) unstable; urgency=medium\n\n  * Built from %s.\n\n -- %s  %s\n' "$version" \
  "$(git -C "$repository" rev-parse --short=12 HEAD)" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$root/usr/share/doc/loam/changelog.gz"

# Debian's packages behind the libraries that are needed and not in this package; an unknown one stops the build.
glibc=$(objdump -T "$built/loam" "$built"/lib/*.so | grep -o 'GLIBC_2\.[0-9]*' | sort -Vu | tail -n 1)
depends="systemd, libc6 (>= ${glibc#GLIBC_})"
while read -r soname; do
  [[ ! -e $built/lib/$soname ]] || continue
  case $soname in
    libc.so.6 | libm.so.6 | libdl.so.2 | libpthread.so.0 | librt.so.1 | ld-linux-*) continue ;;
    libcrypt.so.1) depends+=", libcrypt1" ;;
    libgcc_s.so.1) depends+=", libgcc-s1" ;;
    libgpiod.so.2) depends+=", libgpiod2" ;;
    libgpiod.so.3) depends+=", libgpiod3" ;;
    libjpeg.so.62) depends+=", libjpeg62-turbo" ;;
    libsqlite3.so.0) depends+=", libsqlite3-0" ;;
    libstdc++.so.6) depends+=", libstdc++6" ;;
    libz.so.1) depends+=", zlib1g" ;;
    *) stop "the program needs $soname, of which package/build.sh does not know Debian's package: add it there" ;;
  esac
done < <(for file in "$built/loam" "$built"/lib/*.so; do readelf -d "$file"; done | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u)

mkdir "$root/DEBIAN"
for script in postinst prerm postrm; do install -m 755 "$here/$script" "$root/DEBIAN/$script"; done
echo /etc/loam/loam.yaml >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: loam
Version: $version
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)
Depends: $depends
Recommends: gpiod, lrzsz, openssh-client, rsync
Section: science
Priority: optional
Description: camera that learns in the field
 Loam runs on a Linux single-board computer, classifies what its camera sees
 with a quantised network, notices what it is unsure about, asks the person
 beside it at a serial console or with buttons, and learns from the answers
 within a fixed amount of memory. The better model comes home as a file that
 ONNX Runtime opens.
 .
 The package holds the program, the libraries of Swift that Debian does not
 carry, a pretrained network and the service that makes a device of a board.
CONTROL
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
deb=$work/loam_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$deb" >&2
say "$(stat -c %s "$deb") bytes: $deb"
printf '%s\n' "$deb"
