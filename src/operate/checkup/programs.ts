import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnv } from '#kernel/run';
import { absent, type Finding, good } from './finding.ts';

/** A program some feature calls; everything else works without it. */
interface Program {
  name: string;
  /** Debian's package. */
  from: string;
  why: string;
}

const PROGRAMS: readonly Program[] = [
  { name: 'ipmitool', from: 'ipmitool', why: 'machines whose BMC speaks IPMI and not Redfish' },
  { name: 'dnsmasq', from: 'dnsmasq-base', why: 'DHCP and TFTP where ramdisks boot' },
  { name: 'qemu-img', from: 'qemu-utils', why: 'converting disk images' },
  { name: 'xorriso', from: 'xorriso', why: 'boot images for virtual media' },
  { name: 'openstack', from: 'python3-openstackclient python3-ironicclient', why: 'the OpenStack command line' },
];

/** Which of the optional programs are on the PATH. */
export async function programFindings(): Promise<Finding[]> {
  const path = (childEnv()['PATH'] ?? '').split(':').filter((dir) => dir.startsWith('/'));
  // Debian keeps dnsmasq where only root's PATH looks.
  const places = [...new Set([...path, '/usr/sbin', '/sbin'])];
  return Promise.all(
    PROGRAMS.map(async ({ name, from, why }) => {
      const found = await firstWith(places, name);
      return found === undefined
        ? absent(name, `not installed; needed for ${why}`, `apt install ${from}`)
        : good(name, `${found}; for ${why}`);
    }),
  );
}

async function firstWith(places: readonly string[], name: string): Promise<string | undefined> {
  for (const dir of places) {
    const file = join(dir, name);
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return undefined;
}
