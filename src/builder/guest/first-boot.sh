#!/bin/sh
# Takes what the config drive says: name, keys, passwords, network. Runs before the network at each boot; what
# belongs to the instance's first boot is done once for each instance.
config=/run/ingot/config
state=/var/lib/ingot
mkdir -p "$config" "$state"
find_drive() { blkid -L config-2 || blkid -L CONFIG-2; }
# It is nearly always on the disk that the system runs from, which is there already; waiting for all devices is slow.
drive=$(find_drive || { udevadm settle --timeout=5; find_drive; })
[ -n "$drive" ] && mount -o ro "$drive" "$config" 2> /dev/null
meta=$config/openstack/latest/meta_data.json
data=$config/openstack/latest/network_data.json
fact() { [ -f "$meta" ] && jq -r "$1" "$meta" 2> /dev/null; }

name=$(fact '.hostname // .name // empty' | head -n 1)
[ -n "$name" ] && echo "$name" > /etc/hostname
hostname -F /etc/hostname 2> /dev/null || hostname debian
{ echo '127.0.0.1 localhost'; echo "127.0.1.1 $(hostname)"; echo '::1 localhost ip6-localhost ip6-loopback'; } > /etc/hosts

instance=$(fact '.uuid // empty')
if [ "$(cat $state/instance 2> /dev/null)" != "${instance:-none}" ]; then
  rm -f /etc/ssh/ssh_host_*
  : > $state/new-instance
  secret=$(fact '.admin_pass // empty')
  [ -n "$secret" ] && for who in root debian; do printf '%s:%s\n' "$who" "$secret" | chpasswd; done
  { fact '(.public_keys // {}) | .[]'; fact '(.keys // []) | .[] | select(.type == "ssh") | .data'; } | sort -u > /run/ingot/keys
  for home in /root /home/debian; do
    mkdir -p $home/.ssh
    cp /run/ingot/keys $home/.ssh/authorized_keys
    chmod 700 $home/.ssh; chmod 600 $home/.ssh/authorized_keys
  done
  chown -R debian:debian /home/debian/.ssh
  echo "${instance:-none}" > $state/instance
fi
[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key

# The root partition takes what the disk has left.
root=$(findmnt -no SOURCE /)
part=${root##*/}
disk=/dev/$(basename "$(readlink -f "/sys/class/block/$part/..")")
number=$(cat "/sys/class/block/$part/partition")
before=$(cat "/sys/class/block/$part/size")
sfdisk -q --relocate gpt-bak-std "$disk" > /dev/null 2>&1
echo ', +' | sfdisk -q --no-reread --no-tell-kernel --force -N "$number" "$disk" > /dev/null 2>&1
partx -u -n "$number" "$disk" > /dev/null 2>&1
[ "$(cat "/sys/class/block/$part/size")" -gt "$before" ] && resize2fs "$root" > /dev/null 2>&1

# Network: networkd reads its files after us.
net=/run/systemd/network
mkdir -p $net
if [ -f "$data" ] && jq -r -f /usr/lib/ingot/network.jq "$data" > /run/ingot/net && [ -s /run/ingot/net ]; then
  while read -r kind id mac mtu first second; do case $kind in
    phy) printf '[Match]\nMACAddress=%s\nType=ether\n[Network]\nLinkLocalAddressing=ipv6\nIPv6AcceptRA=no\n' "$mac" > "$net/10-$id.network"
      [ "$mtu" != - ] && printf '[Link]\nMTUBytes=%s\n' "$mtu" >> "$net/10-$id.network" ;;
    bond) name="bond-$(echo "$id" | tail -c 10)"
      printf '[NetDev]\nName=%s\nKind=bond\n[Bond]\nMode=%s\nMIIMonitorSec=100ms\n' "$name" "$first" > "$net/10-$id.netdev"
      printf '[Match]\nName=%s\n[Network]\nIPv6AcceptRA=no\n' "$name" > "$net/10-$id.network"
      for one in $(echo "$second" | tr , ' '); do printf '[Network]\nBond=%s\n' "$name" >> "$net/10-$one.network"; done ;;
    vlan) name="vlan$second"
      printf '[NetDev]\nName=%s\nKind=vlan\n[VLAN]\nId=%s\n' "$name" "$second" > "$net/10-$id.netdev"
      printf '[Match]\nName=%s\n[Network]\nIPv6AcceptRA=no\n' "$name" > "$net/10-$id.network"
      printf '[Network]\nVLAN=%s\n' "$name" >> "$net/10-$first.network" ;;
    dhcp4) printf '[Network]\nDHCP=ipv4\n' >> "$net/10-$id.network" ;;
    dhcp6) printf '[Network]\nDHCP=ipv6\n' >> "$net/10-$id.network" ;;
    slaac) printf '[Network]\nIPv6AcceptRA=yes\n' >> "$net/10-$id.network" ;;
    addr) printf '[Network]\nAddress=%s\n' "$mac" >> "$net/10-$id.network" ;;
    route) printf '[Route]\nDestination=%s\n' "$mac" >> "$net/10-$id.network"
      [ "$mtu" != - ] && printf 'Gateway=%s\n' "$mtu" >> "$net/10-$id.network" ;;
    dns) for file in "$net"/10-*.network; do printf '[Network]\nDNS=%s\n' "$id" >> "$file"; done ;;
  esac; done < /run/ingot/net
else
  printf '[Match]\nType=ether\nName=e*\n[Network]\nDHCP=yes\n' > $net/90-dhcp.network
fi
exit 0
