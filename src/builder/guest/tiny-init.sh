#!/bin/busybox sh
# The whole start of Ingot's tiny image: devices, config drive, network, logins. One process tree, no services.
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/root TERM=vt100
mkdir -p /dev /proc /sys /run /tmp /mnt $HOME/.ssh
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs run /run
mkdir -p /dev/pts /run/config; mount -t devpts pts /dev/pts
exec </dev/console >/dev/console 2>&1
while read -r module; do insmod "/modules/$module" 2>/dev/null; done < /modules/order
firmware=bios; [ -d /sys/firmware/efi ] && firmware=uefi
secure=; dmesg | grep -q 'secureboot: Secure boot enabled' && secure=' secure-boot=on'
echo 1 > /proc/sys/kernel/unknown_nmi_panic
echo 1 > /proc/sys/kernel/panic_on_io_nmi

# The power button, as a BMC presses it.
for event in /sys/class/input/event*; do
  grep -q 'Power Button' "$event/device/name" 2>/dev/null || continue
  ( head -c 24 "/dev/input/${event##*/}" > /dev/null; echo 'INGOT-POWER-OFF'; umount /mnt 2>/dev/null; sync; poweroff -f ) &
done

# Disks answer when they like; the own one is known by its label.
tries=0
until mine=$(findfs LABEL=ingot-root 2>/dev/null) || [ $tries -ge 30 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -n "$mine" ] && mount -t ext4 "$mine" /mnt 2>/dev/null
drive=$(findfs LABEL=config-2 2>/dev/null || findfs LABEL=CONFIG-2 2>/dev/null)
source=none
if [ -n "$drive" ] && { mount -t iso9660 -o ro "$drive" /run/config 2>/dev/null || mount -t vfat -o ro "$drive" /run/config 2>/dev/null; }; then source=config-drive; fi
meta=/run/config/openstack/latest/meta_data.json
data=/run/config/openstack/latest/network_data.json
user=/run/config/openstack/latest/user_data
fact() { [ -f "$meta" ] && jq -r "$1" "$meta" 2>/dev/null; }

name=$(fact '.hostname // .name // empty' | head -n 1); hostname "${name:-tiny}"; hostname > /etc/hostname
echo "127.0.0.1 localhost ${name:-tiny}" > /etc/hosts
secret=$(fact '.admin_pass // empty'); [ -n "$secret" ] || secret=$(cat /etc/ingot-password)
crypted=$(printf '%s\n' "$secret" | mkpasswd -m sha512 -P 0); umask 077
echo "root:$crypted:19000:0:99999:7:::" > /etc/shadow; umask 022
{ fact '(.public_keys // {}) | .[]'; fact '(.keys // []) | .[] | select(.type == "ssh") | .data'; } | sort -u > $HOME/.ssh/authorized_keys
chmod 700 $HOME $HOME/.ssh; chmod 600 $HOME/.ssh/authorized_keys

by_mac() { for at in /sys/class/net/*; do [ "$(cat "$at/address")" = "$1" ] && { echo "${at##*/}"; return; }; done; }
known() { sed -n "s/^$1 //p" /run/links | tail -n 1; }
lease() { udhcpc -i "$1" -s /etc/udhcpc.sh -t 20 -T 1 -A 5 -x hostname:"$(hostname)" -S > /dev/null 2>&1 & echo "$1" >> /run/waiting; }
ip link set lo up
: > /run/links; : > /run/waiting; : > /etc/resolv.conf
if [ -f "$data" ] && jq -r -f /etc/network.jq "$data" > /run/net 2>/dev/null && [ -s /run/net ]; then
  while read -r kind id mac mtu first second; do case $kind in
    phy) dev=$(by_mac "$mac"); [ -n "$dev" ] && { echo "$id $dev" >> /run/links; [ "$mtu" != - ] && ip link set "$dev" mtu "$mtu"; ip link set "$dev" up; } ;;
    bond) dev="bond$(wc -l < /run/links)"; echo "+$dev" > /sys/class/net/bonding_masters; echo "$first" > "/sys/class/net/$dev/bonding/mode"
      echo 100 > "/sys/class/net/$dev/bonding/miimon"
      for one in $(echo "$second" | tr , ' '); do low=$(known "$one"); ip link set "$low" down; echo "+$low" > "/sys/class/net/$dev/bonding/slaves"; done
      ip link set "$dev" up; echo "$id $dev" >> /run/links ;;
    vlan) low=$(known "$first"); dev="vlan$second"; ip link add link "$low" name "$dev" type vlan id "$second" && ip link set "$dev" up && echo "$id $dev" >> /run/links ;;
    addr) ip addr add "$mac" dev "$(known "$id")" ;;
    route) if [ "$mtu" = - ]; then ip route add "$mac" dev "$(known "$id")"; else ip route add "$mac" via "$mtu" dev "$(known "$id")"; fi ;;
    dhcp4) lease "$(known "$id")" ;;
    dns) grep -q "nameserver $id\$" /etc/resolv.conf || echo "nameserver $id" >> /etc/resolv.conf ;;
  esac; done < /run/net
else
  for at in /sys/class/net/*; do
    [ -e "$at/device" ] || continue
    ip link set "${at##*/}" up && lease "${at##*/}"
  done
fi
tries=0
while [ -s /run/waiting ] && [ ! -e /run/leased ] && [ $tries -lt 40 ]; do sleep 0.1; tries=$((tries + 1)); done

instance=$(fact '.uuid // empty')
if [ -s "$user" ] && ! { [ -n "$instance" ] && [ "$(cat /mnt/instance 2>/dev/null)" = "$instance" ]; }; then
  case $(head -c 2 "$user") in
    '#!') cp "$user" /run/user_data; chmod 700 /run/user_data; /run/user_data || sh /run/user_data ;;
    *) echo 'INGOT-USER-DATA is no script: this image runs scripts (#!) only' ;;
  esac
fi
[ -n "$instance" ] && echo "$instance" > /mnt/instance 2>/dev/null
if [ -d /mnt/lost+found ]; then mkdir -p /mnt/ssh; ln -sfn /mnt/ssh /etc/dropbear; else mkdir -p /etc/dropbear; fi
dropbear -R -s -p 22 2>/dev/null
address=$(ip -4 -o addr show scope global | sed -n '1s/.*inet \([0-9.]*\).*/\1/p')
echo "INGOT-READY hostname=$(hostname) firmware=$firmware address=${address:-none} data=$source$secure"
( while true; do getty -L 115200 ttyS0 vt100; done ) &
( while true; do getty 38400 tty1 linux; done > /dev/null 2>&1 ) &
while true; do wait; sleep 5; done
