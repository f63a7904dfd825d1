#!/bin/sh
# Called by mmdebstrap as root of the build's user namespace: $1 is the new system. Makes the file system of it.
set -e
root=$1
cp -r --no-preserve=ownership "$INGOT_OVERLAY/." "$root/"
mkdir -p "$root/boot/efi"
chroot "$root" sh /ingot-setup.sh
cat "$root/vmlinuz" > "$INGOT_OUT/vmlinuz"
cat "$root/initrd.img" > "$INGOT_OUT/initrd"
# mmdebstrap's own settings, under a name of chance: they are put back for its end.
mv "$MMDEBSTRAP_APT_CONFIG" "$INGOT_OUT/apt.conf"
# Without what is mounted inside: mke2fs would read /proc.
view=$(mktemp -d /tmp/ingot-view.XXXXXX)
mount --bind "$root" "$view"
find "$view" -xdev -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
used=$(du -s --apparent-size -k "$view" | cut -f 1)
inodes=$(find "$view" -xdev | wc -l)
size=$((used + used / 8 + inodes * 2 + 65536))
mke2fs -q -F -t ext4 -L "$INGOT_LABEL" -U "$INGOT_UUID" -N $((inodes * 2)) \
  -E "hash_seed=$INGOT_UUID,lazy_itable_init=0,resize=268435456" -d "$view" "$INGOT_OUT/root.img" "${size}k"
umount "$view"
rmdir "$view"
mv "$INGOT_OUT/apt.conf" "$MMDEBSTRAP_APT_CONFIG"
chmod 644 "$INGOT_OUT"/*
