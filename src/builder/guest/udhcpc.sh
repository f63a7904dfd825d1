#!/bin/sh
# What busybox's DHCP client calls with what it got.
case $1 in
  deconfig) ip addr flush dev "$interface" ;;
  bound | renew)
    ip addr add "$ip/${mask:-24}" dev "$interface" 2>/dev/null
    for gateway in $router; do ip route replace default via "$gateway" dev "$interface"; break; done
    for one in $dns; do grep -q "nameserver $one\$" /etc/resolv.conf || echo "nameserver $one" >> /etc/resolv.conf; done
    : > /run/leased ;;
esac
