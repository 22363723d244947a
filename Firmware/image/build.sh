#!/usr/bin/env bash
# Makes a bootable Debian image for arm64 with Loam installed: image/build.sh PACKAGE.deb. Needs root (it makes a file system with
# the owners that Debian's packages have). Writes to $LOAM_FIRMWARE_BUILD/image:
#   loam.img            a disk: GPT, an EFI partition (systemd-boot, kernel, initrd), the root file system (ext4, label loam-root)
#   root.ext4           that root file system alone
#   vmlinuz, initrd.gz  the kernel and its first file system, for boot loaders that take them directly
# Debian's packages are fetched and configured once and kept in $LOAM_FIRMWARE_BUILD/rootfs.
set -euo pipefail
# shellcheck source=Firmware/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
here=$firmware/image
deb=$(realpath "${1:?say which package: image/build.sh loam_VERSION_arm64.deb}")
need_root
out=$work/image
rootfs=$work/rootfs
kernel=$work/kernel
mkdir -p "$out"

# Debian's maintainer scripts for arm64 run here under qemu-user.
if [[ $(uname -m) != aarch64 ]]; then
  binfmt=/proc/sys/fs/binfmt_misc
  mountpoint -q $binfmt || mount -t binfmt_misc none $binfmt
  if [[ ! -e $binfmt/qemu-aarch64 ]]; then
    say "letting this kernel run arm64 programs with qemu-user (until the next boot)"
    # Magic and mask of an ELF file for AArch64; F keeps the interpreter open, so that it works in other roots.
    printf '%s' ':qemu-aarch64:M::\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:OCF' >$binfmt/register
  fi
fi

# What Loam uses, what an operator or integrator expects, and nothing that listens on a network.
packages=systemd,systemd-sysv,udev,dbus,kmod,login,passwd,procps,iproute2,e2fsprogs
packages+=,openssh-client,rsync,lrzsz,gpiod,libgpiod3,libsqlite3-0,libjpeg62-turbo,libstdc++6,libgcc-s1
if [[ ! -e $rootfs/.done ]]; then
  need_mirror
  say "Debian $board_suite (arm64): minutes, because its packages are configured under emulation"
  rm -rf "$rootfs"
  "${debootstrap[@]}" --mode=root --variant=minbase --format=directory --architectures=arm64 \
    --aptopt='APT::Install-Recommends "false"' --include="$packages" "$board_suite" "$rootfs" "$mirror"
  touch "$rootfs/.done"
fi

if [[ ! -e $kernel/.done ]]; then
  say "the kernel ($kernel_suite)"
  rm -rf "$kernel"
  mkdir -p "$kernel"
  apt_for "$kernel_suite" arm64 update
  version=$(apt_command=apt-cache apt_for "$kernel_suite" arm64 show linux-image-arm64 \
    | sed -n 's/^Depends:.*linux-image-\([0-9][^ ]*\)-arm64 (.*/\1/p' | head -n 1)
  [[ -n $version ]] || stop "$kernel_suite has no package linux-image-arm64: set KERNEL_SUITE to a release that has"
  debs=$(mktemp -d)
  for package in "linux-modules-$version-arm64" "linux-binary-$version-arm64" "linux-base-$version-arm64"; do
    (cd "$debs" && apt_for "$kernel_suite" arm64 download "$package")
  done
  for file in "$debs"/*.deb; do dpkg-deb --fsys-tarfile "$file" | tar -x -C "$kernel" --exclude='*/dtb/*' --exclude=./usr/share; done
  rm -rf "$debs"
  [[ -e $kernel/lib ]] || ln -s usr/lib "$kernel/lib"
  depmod -b "$kernel" "$version-arm64"
  touch "$kernel/.done"
fi
release=$(basename "$kernel"/usr/lib/modules/*)
modules=$kernel/usr/lib/modules/$release
for file in "$modules/vmlinuz" "$kernel/boot/vmlinuz-$release"; do [[ ! -e $file ]] || cp "$file" "$out/vmlinuz"; done

say "the first file system (kernel $release)"
tree=$work/image-tree
rm -rf "$tree"
mkdir -p "$tree"/first/{bin,proc,sys,dev,newroot,modules}
busybox=$work/busybox
if [[ ! -e $busybox ]]; then
  debs=$(mktemp -d)
  apt_for "$board_suite" arm64 update
  (cd "$debs" && apt_for "$board_suite" arm64 download busybox-static)
  dpkg-deb --fsys-tarfile "$debs"/busybox-static_*.deb | tar -x -O ./usr/bin/busybox >"$busybox"
  rm -rf "$debs"
fi
install -m 755 "$busybox" "$tree/first/bin/busybox"
install -m 755 "$here/init" "$tree/first/init"
# Disks that boards boot from: virtual ones, cards, USB sticks, NVMe.
count=100
while read -r module; do
  name=$tree/first/modules/$count-$(basename "$module")
  cp "$module" "$name"
  case $name in *.xz) xz -d "$name" ;; *.zst) zstd -q -d --rm "$name" ;; esac
  count=$((count + 1))
done < <(for name in virtio_pci virtio_blk ext4 mmc_block sdhci_iproc sdhci_acpi sdhci_of_dwcmshc sdhci_of_arasan bcm2835 dw_mmc_rockchip meson_gx_mmc sunxi_mmc uas xhci_pci xhci_plat_hcd nvme; do
  modprobe -d "$kernel" -S "$release" --show-depends "$name" 2>/dev/null | awk '$1 == "insmod" { print $2 }'
done | awk '!seen[$0]++')
(cd "$tree/first" && find . | LC_ALL=C sort | cpio -o -H newc --quiet | gzip -9n) >"$out/initrd.gz"

say "Loam in the image: $(basename "$deb")"
root=$tree/root
cp -a "$rootfs" "$root"
rm -f "$root/.done"
mkdir -p "$root/usr/lib/modules" "$root/usr/share/man/man1"
cp -a "$modules" "$root/usr/lib/modules/"
rm -f "$root/usr/lib/modules/$release/vmlinuz"
cp "$deb" "$root/tmp/loam.deb"
# The services are not started: no systemd runs in a chroot.
chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin DEBIAN_FRONTEND=noninteractive dpkg --install /tmp/loam.deb >&2
rm "$root/tmp/loam.deb"
chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin systemctl --root=/ enable loam.service loam-provision.service >/dev/null 2>&1
echo loam >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 loam\n::1 localhost\n' >"$root/etc/hosts"
printf 'LABEL=loam-root / ext4 defaults,noatime,errors=remount-ro 0 1\nLABEL=LOAM-EFI /boot/efi vfat defaults,noauto,x-systemd.automount,x-systemd.device-timeout=10s,umask=0077,nofail 0 2\n' >"$root/etc/fstab"
mkdir -p "$root/boot/efi" "$root/etc/systemd/journald.conf.d"
# The journal of a device that runs for months on a card.
printf '[Journal]\nStorage=persistent\nSystemMaxUse=32M\nSyncIntervalSec=60\n' >"$root/etc/systemd/journald.conf.d/loam.conf"
# Every device makes its own.
rm -f "$root/etc/machine-id" "$root"/var/lib/dbus/machine-id "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
# systemd's own questions of a first boot would wait for an answer at a console that nobody watches.
ln -sf /dev/null "$root/etc/systemd/system/systemd-firstboot.service"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
# What systemd makes anew after an update of /usr has just been made.
touch "$root/etc/.updated" "$root/var/.updated"

size=${IMAGE_SIZE:-1G}
rm -f "$out/root.ext4"
mke2fs -q -t ext4 -L loam-root -E lazy_itable_init=0 -d "$root" "$out/root.ext4" "$size"

if have sfdisk && have mcopy && have mkfs.vfat; then
  say "the disk"
  loader=$work/systemd-bootaa64.efi
  if [[ ! -e $loader ]]; then
    debs=$(mktemp -d)
    apt_for "$board_suite" arm64 update
    (cd "$debs" && apt_for "$board_suite" arm64 download systemd-boot-efi)
    dpkg-deb --fsys-tarfile "$debs"/systemd-boot-efi_*.deb | tar -x -O ./usr/lib/systemd/boot/efi/systemd-bootaa64.efi >"$loader"
    rm -rf "$debs"
  fi
  efi=$tree/efi.fat
  truncate -s 96M "$efi"
  mkfs.vfat -n LOAM-EFI "$efi" >/dev/null
  printf 'timeout 0\n' >"$tree/loader.conf"
  printf 'title Loam\nlinux /vmlinuz\ninitrd /initrd.gz\noptions %s\n' "${KERNEL_OPTIONS:-console=ttyAMA0 quiet audit=0 panic=10 cma=8M}" >"$tree/loam.conf"
  mmd -i "$efi" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
  mcopy -i "$efi" "$loader" ::/EFI/BOOT/BOOTAA64.EFI
  mcopy -i "$efi" "$out/vmlinuz" "$out/initrd.gz" ::/
  mcopy -i "$efi" "$tree/loader.conf" ::/loader/loader.conf
  mcopy -i "$efi" "$tree/loam.conf" ::/loader/entries/loam.conf
  rm -f "$out/loam.img"
  efi_sectors=$(($(stat -c %s "$efi") / 512)) root_sectors=$(($(stat -c %s "$out/root.ext4") / 512))
  truncate -s $(((2048 + efi_sectors + root_sectors + 2048) * 512)) "$out/loam.img"
  sfdisk -q "$out/loam.img" <<PARTITIONS
label: gpt
start=2048, size=$efi_sectors, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=efi
start=$((2048 + efi_sectors)), size=$root_sectors, type=B921B045-1DF0-41C3-AF44-4C6F280D3FAE, name=loam-root
PARTITIONS
  dd if="$efi" of="$out/loam.img" bs=1M seek=1 conv=notrunc,sparse status=none
  dd if="$out/root.ext4" of="$out/loam.img" bs=1M seek=$((1 + efi_sectors / 2048)) conv=notrunc,sparse status=none
else
  say "no disk image: sfdisk, mtools or dosfstools are not installed (.ci/install-deps.sh firmware)"
fi
rm -rf "$tree"
say "the image: $(du -h "$out"/* | tr '\n\t' '  ')"
