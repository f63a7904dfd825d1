#!/bin/sh
# Runs inside the new Debian system, once, as its root: what packages do not do by themselves.
set -e
# The initramfs, once, now that all is there.
rm /usr/sbin/update-initramfs
dpkg-divert --quiet --local --rename --divert /usr/sbin/update-initramfs.later --remove /usr/sbin/update-initramfs
for version in $(linux-version list); do mkinitramfs -o "/boot/initrd.img-$version" "$version"; done
systemctl mask systemd-networkd-wait-online.service > /dev/null 2>&1
systemctl disable apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service > /dev/null 2>&1 || true
systemctl enable systemd-networkd.service systemd-resolved.service ssh.service ingot-ready.service > /dev/null 2>&1
if [ -e /usr/lib/ingot/first-boot ]; then
  systemctl enable ingot-first-boot.service ingot-user-data.service > /dev/null 2>&1
  useradd --create-home --shell /bin/bash --groups sudo,adm debian
  echo 'debian ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/90-ingot
  chmod 440 /etc/sudoers.d/90-ingot
fi
if [ -s /ingot-password ]; then
  { printf 'root:'; cat /ingot-password; echo; } | chpasswd
  if id debian > /dev/null 2>&1; then { printf 'debian:'; cat /ingot-password; echo; } | chpasswd; fi
fi
ln -sfn ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
rm -f /etc/ssh/ssh_host_* /ingot-password /ingot-setup.sh /etc/hostname
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt /var/cache/debconf/*-old /var/lib/dpkg/*-old
# systemd would take D-Bus' for all machines of this image.
: > /etc/machine-id
if [ -e /var/lib/dbus/machine-id ]; then ln -sfn /etc/machine-id /var/lib/dbus/machine-id; fi
rm -f /var/cache/ldconfig/aux-cache
