import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/kernel/run.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { openTestDatabase, type TestDatabase } from '../../src/store/testing.ts';
import type { BootWish, Wish } from './programs/boots.ts';
import { firstCallRamdisk, RAMDISK_DIR } from './ramdisk-of.ts';

// Real firmware boots the ramdisk in every way. One always (iPXE on a BIOS: e2e/short); all of them, some minutes, with
// INGOT_TEST_BOOTS=all, or those that are named: INGOT_TEST_BOOTS=uefi-http,secure-media. Those named ip6-… by the firmware's
// own IPv6, with no frame of IPv4 from the machine passed on. Beside the DHCP server of somebody
// else: INGOT_TEST_BOOTS=beside-bios,beside-uefi

const BOOT_MS = 420_000;
const WAYS: Record<string, BootWish> = {
  'bios-ipxe': { name: 'bios-ipxe', mode: 'bios', device: 'Pxe', method: 'ipxe' },
  'uefi-media': { name: 'uefi-media', mode: 'uefi', device: 'Cd', method: 'virtual-media' },
  'uefi-ipxe': { name: 'uefi-ipxe', mode: 'uefi', device: 'Pxe', method: 'ipxe' },
  'bios-media': { name: 'bios-media', mode: 'bios', device: 'Cd', method: 'virtual-media' },
  'static-media': {
    name: 'static-media',
    mode: 'uefi',
    device: 'Cd',
    method: 'virtual-media',
    staticAddress: '10.9.0.77',
  },
  'uefi-http': { name: 'uefi-http', mode: 'uefi', device: 'UefiHttp', method: 'uefi-http' },
  'redfish-http': { name: 'redfish-http', mode: 'uefi', device: 'UefiHttp', method: 'uefi-http', byRedfish: true },
  'secure-media': { name: 'secure-media', mode: 'uefi', secureBoot: true, device: 'Cd', method: 'virtual-media' },
  'secure-pxe': { name: 'secure-pxe', mode: 'uefi', secureBoot: true, device: 'Pxe', method: 'pxe' },
  'ip6-pxe': { name: 'ip6-pxe', mode: 'uefi', ip6: true, device: 'Pxe', method: 'ipxe' },
  'ip6-http': { name: 'ip6-http', mode: 'uefi', ip6: true, device: 'UefiHttp', method: 'uefi-http' },
  'ip6-grub': { name: 'ip6-grub', mode: 'uefi', ip6: true, device: 'Pxe', method: 'pxe' },
  'bios-pxe': { name: 'bios-pxe', mode: 'bios', device: 'Pxe', method: 'pxe' },
};
/** What firmware that speaks IPv6 only fetches first. */
const FIRST: Record<string, string> = {
  'ip6-pxe': 'TFTP snponly.efi sent',
  'ip6-http': 'GET boot.efi',
  'ip6-grub': 'TFTP shimx64.efi sent',
};
/** On a network where somebody else gives addresses. */
const BESIDE: Record<string, BootWish> = {
  'beside-bios': { name: 'beside-bios', mode: 'bios', device: 'Pxe', method: 'ipxe' },
  'beside-uefi': { name: 'beside-uefi', mode: 'uefi', device: 'Pxe', method: 'ipxe' },
};
const asked = process.env['INGOT_TEST_BOOTS'] ?? 'uefi-media';
const names = asked === 'all' ? Object.keys(WAYS) : asked.split(',');
const beside = names.some((name) => name in BESIDE);
const ways = beside ? BESIDE : WAYS;

interface Line {
  call?: string;
  from?: string;
  afterS?: number;
  sightings?: string;
  how?: string;
  /** As the BMC has it. */
  secureBoot?: string;
  seen?: { what: string }[];
  console?: string;
}

let reason: string | undefined;
let database: TestDatabase;
let child: ChildProcess;
const dirs: string[] = [];
const lines: Line[] = [];
const wake = new Set<() => void>();

beforeAll(async () => {
  reason = await run('unshare', ['-Urn', 'ip', 'tuntap', 'add', 'probe0', 'mode', 'tap'], { timeoutMs: 5_000 }).then(
    () => undefined,
    (error: Error) => `because there is no tap interface in a user namespace: ${error.message}`,
  );
  if (reason !== undefined) return;
  await firstCallRamdisk();
  database = await openTestDatabase();
  for (const prefix of ['/tmp/ibd-', '/tmp/ibl-']) dirs.push(await mkdtemp(prefix));
  const wish: Wish = {
    databaseUrl: database.url,
    dataDir: dirs[0] ?? '',
    labDir: dirs[1] ?? '',
    ramdiskDir: RAMDISK_DIR,
    ramdiskName: 'first-call',
    machines: names.flatMap((name) => ways[name] ?? []),
    ...(beside ? { dhcp: 'proxy' as const } : {}),
    timeoutMs: BOOT_MS,
  };
  child = startInside({
    program: process.execPath,
    args: [join(import.meta.dirname, 'programs/boots.ts'), JSON.stringify(wish)],
  });
  if (child.stdout === null) throw new Error('no pipe');
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as Line);
    for (const one of wake) one();
  });
  child.once('exit', () => {
    for (const one of wake) one();
  });
}, 900_000);

afterAll(async () => {
  if (reason !== undefined) return;
  child?.kill('SIGKILL');
  await database?.close();
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

async function result(name: string): Promise<Line> {
  for (;;) {
    const found = lines.find((line) => line.sightings === name);
    if (found !== undefined) return found;
    if (child.exitCode !== null) throw new Error('the rack ended');
    await new Promise<void>((resolve) => {
      const once = () => {
        wake.delete(once);
        resolve();
      };
      wake.add(once);
    });
  }
}

describe('a machine boots the ramdisk', (): void => {
  beforeEach((context) => context.skip(reason !== undefined, reason));
  it.each(names)(
    'by %s, up to its agent’s first call',
    async (name) => {
      const boot = await result(name);
      const call = lines.find((line) => line.call === name);
      const seen = boot.seen?.map((one) => one.what);
      const told = { how: boot.how, seen, console: boot.console?.slice(-800) };
      expect(told).toMatchObject({ how: 'called' });
      if (ways[name]?.secureBoot === true) expect(boot.secureBoot).toBe('Enabled');
      console.log(`${name}: first call after ${call?.afterS} s`);
      if (ways[name]?.staticAddress !== undefined) {
        expect(call?.from).toContain(ways[name]?.staticAddress);
        expect(seen?.filter((what) => what.startsWith('DHCP'))).toEqual([]);
      }
      // Firmware that cannot do what it was told tries the next: what it loaded first tells which it did.
      const first = FIRST[name];
      if (first !== undefined) {
        expect(call?.from).toMatch(/^fd00:9::/);
        expect(seen?.filter((what) => /^DHCP(REPLY|ACK)/.test(what))).toContain('DHCPREPLY');
        expect(seen?.find((what) => /^(TFTP|GET) /.test(what))).toBe(first);
      }
    },
    BOOT_MS + 120_000,
  );
});
