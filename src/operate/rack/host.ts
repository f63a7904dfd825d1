import { access, constants } from 'node:fs/promises';
import { messageOf } from '#kernel/errors';
import { requireNamespaces } from '#lab/namespace';
import { isDebian, installPackages, missingPackages } from '../debian.ts';

/** Debian packages of an emulated rack: machines, switch, boot services, and what ramdisk and images are made with. */
export const RACK_PACKAGES = [
  'qemu-system-x86',
  'qemu-utils',
  'ovmf',
  'seabios',
  'ipxe-qemu',
  'openvswitch-switch',
  'iproute2',
  'ethtool',
  'ipmitool',
  'dnsmasq-base',
  'ipxe',
  'xorriso',
  'mtools',
  'dosfstools',
  'fdisk',
  'cpio',
  'kmod',
  'zstd',
  'busybox-static',
  'mmdebstrap',
  'uidmap',
  'isolinux',
  'syslinux',
  'syslinux-common',
  'systemd-boot-efi',
  'binutils',
] as const;

/** What carries networks of tenants; a rack runs without it. */
export const OVN_PACKAGES = ['ovn-central', 'ovn-host'] as const;

/** Whether this host can emulate a rack; if not, why, and what to type. */
export type RackAbility = { able: true } | { able: false; why: string; remedy: string };

/**
 * Makes sure that a rack can be emulated here: as root on Debian what is missing is installed, with `say` told of
 * it. Never throws for what is missing.
 */
export async function prepareHost(say: (line: string) => void): Promise<RackAbility> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { able: false, why: 'machines are emulated on Linux on x64 only', remedy: '' };
  }
  const missing = isDebian() ? await missingPackages(RACK_PACKAGES) : await missingPrograms();
  if (isDebian()) {
    const optional = await missingPackages(OVN_PACKAGES);
    if (process.getuid?.() === 0) missing.push(...optional);
    else if (optional.length > 0) {
      say(`Nothing carries networks of tenants here. For OVN: sudo apt-get install ${optional.join(' ')}`);
    }
  }
  if (missing.length > 0) {
    const remedy = `sudo apt-get install --no-install-recommends ${missing.join(' ')}`;
    if (!isDebian()) {
      return { able: false, why: `these programs are missing: ${missing.join(', ')}`, remedy: '' };
    }
    if (process.getuid?.() !== 0) return { able: false, why: 'Debian packages are missing', remedy };
    say(`Installing ${missing.length} Debian packages for the emulated rack: ${missing.join(' ')} ...`);
    try {
      await installPackages(missing);
    } catch (error) {
      return { able: false, why: `Debian packages could not be installed (${messageOf(error)})`, remedy };
    }
  }
  if (!(await mayUse('/dev/net/tun', constants.R_OK | constants.W_OK))) {
    return { able: false, why: 'this user may not open /dev/net/tun', remedy: 'sudo chmod 0666 /dev/net/tun' };
  }
  try {
    await requireNamespaces();
  } catch (error) {
    return { able: false, why: messageOf(error), remedy: '' };
  }
  return { able: true };
}

const PROGRAMS = ['qemu-system-x86_64', 'qemu-img', 'ovs-vswitchd', 'ovsdb-server', 'ipmitool', 'dnsmasq', 'xorriso'];

async function missingPrograms(): Promise<string[]> {
  const folders = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(':');
  const found = await Promise.all(
    PROGRAMS.map(async (name) => {
      const tries = folders.map((folder) => mayUse(`${folder}/${name}`, constants.X_OK));
      return (await Promise.all(tries)).includes(true);
    }),
  );
  return PROGRAMS.filter((_, i) => found[i] !== true);
}

function mayUse(path: string, how: number): Promise<boolean> {
  return access(path, how).then(
    () => true,
    () => false,
  );
}
