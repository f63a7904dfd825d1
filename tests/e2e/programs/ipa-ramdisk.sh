#!/bin/sh
# A ramdisk with OpenStack's ironic-python-agent, from Debian 12's packages and a checkout of its branch 2023.1, the one
# that goes with them.  ipa-ramdisk.sh CHECKOUT OUTPUT-FOLDER  makes `vmlinuz` and `initrd` there; as root or not.
set -eu
checkout=$1
out=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/out"
chmod 755 "$work"
chmod 777 "$work/out"

# What pip would write: entry points are how the agent finds its own parts.
meta=$work/ironic_python_agent-9.4.0.dist-info
mkdir "$meta"
printf 'Metadata-Version: 2.1\nName: ironic-python-agent\nVersion: 9.4.0\n' > "$meta/METADATA"
sed -n '/^\[entry_points\]/,/^\[pbr\]/p' "$checkout/setup.cfg" |
  sed -e '/^\[/d' -e 's/^\([a-z._]*\) =$/[\1]/' -e 's/^ *//' > "$meta/entry_points.txt"

cat > "$work/agent.service" <<'UNIT'
[Unit]
After=network.target
[Service]
ExecStart=/usr/bin/python3 -c 'from ironic_python_agent.cmd.agent import run; run()' --config-dir /etc/ironic-python-agent.d
ExecStopPost=/usr/local/sbin/rescue
StandardOutput=journal+console
StandardError=journal+console
Restart=on-failure
[Install]
WantedBy=multi-user.target
UNIT
# The agent leaves the password of a rescue in a file and ends; what its ramdisk makes of it is the ramdisk's.
cat > "$work/rescue" <<'RESCUE'
#!/bin/sh
file=/etc/ipa-rescue-config/ipa-rescue-password
[ -s "$file" ] || exit 0
useradd --create-home --shell /bin/bash --password "$(cat "$file")" rescue
rm "$file"
RESCUE
cat > "$work/wired.network" <<'NET'
[Match]
Type=ether
[Network]
DHCP=ipv4
IPv6AcceptRA=no
NET
cat > "$work/into" <<'HOOK'
set -eu
root=$1
site=$root/usr/lib/python3/dist-packages
cp -r "$CHECKOUT/ironic_python_agent" "$META" "$site/"
rm -rf "$site/ironic_python_agent/tests"
mkdir -p "$root/etc/ironic-python-agent.d"
mkdir "$root/etc/ipa-rescue-config"
install -m 755 "$WORK/rescue" "$root/usr/local/sbin/"
cp "$WORK/agent.service" "$root/etc/systemd/system/ironic-python-agent.service"
cp "$WORK/wired.network" "$root/etc/systemd/network/"
chroot "$root" systemctl --quiet enable ironic-python-agent systemd-networkd
echo ipa > "$root/etc/hostname"
ln -sf /lib/systemd/systemd "$root/init"
cp "$root"/boot/vmlinuz-* "$WORK/out/vmlinuz"
rm -rf "$root"/boot/* "$root"/usr/share/doc "$root"/usr/share/locale "$root"/usr/share/man "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
cd "$root"
find . -xdev -path ./dev -prune -o -print | cpio --quiet -H newc -o | zstd -q -3 -T0 > "$WORK/out/initrd"
HOOK
export WORK="$work" CHECKOUT="$checkout" META="$meta"
list=systemd-sysv,udev,dbus,kmod,iproute2,ca-certificates
list=$list,python3-eventlet,python3-netifaces,python3-oslo.config,python3-oslo.concurrency,python3-oslo.log,python3-oslo.service
list=$list,python3-oslo.utils,python3-pint,python3-psutil,python3-pyudev,python3-requests,python3-stevedore,python3-tenacity
list=$list,python3-ironic-lib,python3-werkzeug,python3-cryptography,python3-tooz,python3-pbr
list=$list,qemu-utils,gdisk,parted,fdisk,hdparm,nvme-cli,lshw,dmidecode,efibootmgr,mdadm,dosfstools,e2fsprogs,pciutils,psmisc,smartmontools
list=$list,linux-image-cloud-amd64
mmdebstrap --mode=unshare --variant=minbase --format=null --quiet --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$list" --customize-hook='sh "$WORK/into" "$1"' bookworm -
mkdir -p "$out"
mv "$work/out/vmlinuz" "$work/out/initrd" "$out/"
