#!/bin/sh
# A hook of initramfs-tools: the drivers a root file system may be behind, and keyboards, all of them copied at once.
# Debian's own choice (MODULES=most) takes network cards as well, and starts ten programs for each driver.
[ "$1" = prereqs ] && exit 0
set -e
. /usr/share/initramfs-tools/hook-functions
from=/usr/lib/modules/$version
cd "$from/kernel"
folders='drivers/ata drivers/block drivers/bus drivers/hid drivers/hv drivers/i2c/busses drivers/input/keyboard
  drivers/message drivers/mfd drivers/mmc drivers/nvme drivers/pci/controller drivers/pinctrl drivers/scsi drivers/ufs
  drivers/usb/host drivers/usb/storage drivers/virtio fs/ext4'
names=$(find $folders -name '*.ko*' 2> /dev/null | sed 's:.*/::; s/\.ko.*//')
names="$names btrfs xfs vfat isofs nls_cp437 nls_ascii nls_iso8859_1 nls_utf8 atkbd i8042 psmouse crc32c_generic crc32c_intel"
names="$names crc32_generic crc32_pclmul hyperv-keyboard"
# Twice, for softdeps are told only without --ignore-install.
files=$(for how in --ignore-install ''; do
  modprobe --all --set-version="$version" $how --quiet --show-depends $names || true
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sed "s:.*/modules/$version/::" | sort -u)
cd "$from"
mkdir -p "$DESTDIR$from"
cp --parents --preserve=timestamps,mode -t "$DESTDIR$from" $files
for blob in $(modinfo -k "$version" -F firmware $files | sort -u); do add_firmware "$blob" > /dev/null || true; done
