import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildImage, type BuiltImage } from '../../src/builder/build.ts';
import { defaultCacheDir } from '../../src/builder/cache.ts';
import { configDrive, startMachine } from './machine.ts';

// The machine may be shared with others and slow: these are limits of despair, not of taste.
const BOOT_MS = 400_000;

let folder: string;
let image: BuiltImage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-tiny-'));
  image = await buildImage({
    kind: 'tiny',
    output: join(folder, 'tiny.raw'),
    format: 'raw',
    cache: defaultCacheDir(process.env),
  });
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it('builds the same bytes of the same packages, at most 32 MiB', async () => {
  expect(image.bytes).toBeLessThanOrEqual(32 * 1024 * 1024);
  const again = await buildImage({
    kind: 'tiny',
    output: join(folder, 'again.raw'),
    format: 'raw',
    cache: defaultCacheDir(process.env),
    fresh: true,
  });
  expect(again.fromCache).toBe(false);
  expect(again.sha256).toBe(image.sha256);
}, 600_000);

it('boots by UEFI from NVMe, does what the config drive says, lets root in over serial, obeys the power button', async () => {
  const drive = join(folder, 'config.iso');
  await configDrive(drive, {
    'meta_data.json': {
      uuid: '9a2f',
      hostname: 'ingot-one',
      admin_pass: 'open sesame',
      public_keys: { k: 'ssh-ed25519 AAAA k' },
    },
    'network_data.json': {
      links: [{ id: 'eth-a', type: 'phy', ethernet_mac_address: '52:54:00:00:00:01' }],
      networks: [{ id: 'n', link: 'eth-a', type: 'ipv4', ip_address: '10.0.2.99', netmask: '255.255.255.0' }],
      services: [{ type: 'dns', address: '10.0.2.3' }],
    },
    user_data: '#!/bin/sh\necho USER-DATA-RAN as $(id -un)\n',
  });
  const machine = await startMachine({ disk: image.file, firmware: 'uefi', bus: 'nvme', configDrive: drive });
  try {
    const ready = await machine.says(/INGOT-READY (.*)/, BOOT_MS);
    expect(ready[1]).toContain('hostname=ingot-one firmware=uefi address=10.0.2.99 data=config-drive');
    expect(machine.said()).toContain('USER-DATA-RAN as root');
    await machine.says(/ingot-one login:/, BOOT_MS);
    machine.type('root\n');
    await machine.says(/Password:/, BOOT_MS);
    machine.type('open sesame\n');
    await machine.says(/ingot-one:.*#/, BOOT_MS);
    machine.type('cat ~/.ssh/authorized_keys /etc/resolv.conf; echo D=$((6*7))\n');
    await machine.says(/D=42/, BOOT_MS);
    expect(machine.said()).toContain('ssh-ed25519 AAAA k');
    expect(machine.said()).toContain('nameserver 10.0.2.3');
    await machine.monitor('system_powerdown');
    expect(await machine.off).toBe(0);
  } finally {
    await machine.end();
  }
}, 600_000);

it('boots from a BIOS, gets an address by DHCP, and panics on an NMI', async () => {
  const machine = await startMachine({ disk: image.file, firmware: 'bios' });
  try {
    const ready = await machine.says(/INGOT-READY (.*)/, BOOT_MS);
    expect(ready[1]).toContain('hostname=tiny firmware=bios address=10.0.2.15 data=none');
    await machine.monitor('inject-nmi');
    await machine.says(/Kernel panic - not syncing: NMI/, BOOT_MS);
  } finally {
    await machine.end();
  }
}, 600_000);
