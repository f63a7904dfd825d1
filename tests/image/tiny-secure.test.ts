import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildImage, type BuiltImage } from '../../src/builder/build.ts';
import type { SigningKey } from '../../src/builder/signing-key.ts';
import { run } from '../../src/kernel/run.ts';
import type { LabMachine } from '../../src/lab/lab-machine.ts';
import { type Lab, startLab } from '../../src/lab/up.ts';
import { ask, reset, SYSTEM } from '../lab/client.ts';
import { startMachine } from './machine.ts';
import { ownImage } from './own-key.ts';

// The machine may be shared with others and slow: these are limits of despair, not of taste.
const BOOT_MS = 400_000;
const CERTIFICATES = `${SYSTEM}/SecureBoot/SecureBootDatabases/db/Certificates`;

let folder: string;
let key: SigningKey;
let image: BuiltImage;
let lab: Lab;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-secure-'));
  ({ key, image } = await ownImage(join(folder, 'tiny.raw'), 'raw'));
  const machine = (name: string) => ({
    name,
    secureBoot: true,
    memoryMiB: 512,
    disks: [{ bus: 'nvme' as const, sizeBytes: image.virtualBytes }],
    nics: [{ link: { kind: 'user' as const } }],
  });
  lab = await startLab({ machines: [machine('one'), machine('two')], control: null });
}, 600_000);

afterAll(async () => {
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});

const disk = (machine: LabMachine) => join(lab.dir, machine.machine.spec.name, 'nvme0.raw');

/** Starts it with Secure Boot from a disk with the image, and waits for what it says. */
async function starts(machine: LabMachine, until: RegExp): Promise<string> {
  const { serial } = machine.machine;
  expect((await ask(machine, 'PATCH', `${SYSTEM}/SecureBoot`, { body: { SecureBootEnable: true } })).status).toBe(200);
  serial.clearHistory();
  expect((await reset(machine, 'On')).status).toBe(204);
  const said = await serial.waitFor(until, BOOT_MS);
  expect((await ask(machine, 'GET', `${SYSTEM}/SecureBoot`)).json.SecureBootCurrentBoot).toBe('Enabled');
  return said[0];
}
const off = (machine: LabMachine) => machine.machine.powerOff();
const enrol = (machine: LabMachine) =>
  ask(machine, 'POST', CERTIFICATES, { body: { CertificateString: key.cert, CertificateType: 'PEM' } });

/** Changes one byte, or back, of the initrd in the program that the firmware starts. */
async function changeByte(raw: string): Promise<void> {
  const esp = ['-i', `${raw}@@1M`];
  const file = join(folder, 'changed.efi');
  const mtools = (name: string, args: string[]) =>
    run(name, args, { timeoutMs: 60_000, env: { PATH: process.env['PATH'] ?? '', MTOOLS_SKIP_CHECK: '1' } });
  await mtools('mcopy', ['-n', ...esp, '::EFI/BOOT/BOOTX64.EFI', file]);
  const program = await readFile(file);
  const at = program.length - 1_000_000;
  program.writeUInt8((program[at] ?? 0) ^ 1, at);
  await writeFile(file, program);
  await mtools('mcopy', ['-o', ...esp, file, '::EFI/BOOT/BOOTX64.EFI']);
}

const READY = /INGOT-READY [^\n]*\n/;
const REFUSED = /BdsDxe: failed to load [^\n]*Access Denied/;

it.concurrent(
  'signed by a key starts where that is enrolled, beside Microsoft’s keys, and no longer once it is taken out',
  async () => {
    const machine = lab.machine('one');
    await copyFile(image.file, disk(machine));
    const members = async () => (await ask(machine, 'GET', CERTIFICATES)).json.Members as { '@odata.id': string }[];
    const vendor = await members();
    expect(vendor.length).toBeGreaterThan(1);
    const enrolled = await enrol(machine);
    expect(enrolled.status).toBe(201);
    expect(await members()).toHaveLength(vendor.length + 1);
    // That Secure Boot is on is the kernel's own word.
    expect(await starts(machine, READY)).toMatch(/firmware=uefi .* secure-boot=on/);
    await off(machine);
    await ask(machine, 'DELETE', String(enrolled.headers.location));
    await starts(machine, REFUSED);
    await off(machine);
  },
  3 * BOOT_MS,
);

it.concurrent(
  'is refused by a machine that does not know the key, and with one byte changed by one that does',
  async () => {
    const machine = lab.machine('two');
    await copyFile(image.file, disk(machine));
    await starts(machine, REFUSED);
    await off(machine);
    await changeByte(disk(machine));
    await enrol(machine);
    await starts(machine, REFUSED);
    await off(machine);
    // It was that byte.
    await changeByte(disk(machine));
    await starts(machine, READY);
    await off(machine);
  },
  3 * BOOT_MS,
);

it.concurrent(
  'is the same for the same key, and starts from a BIOS as ever',
  async () => {
    const again = await ownImage(join(folder, 'again.raw'), 'raw');
    expect([again.image.fromCache, again.image.sha256]).toEqual([true, image.sha256]);
    expect(image.bytes).toBeLessThanOrEqual(40 * 1024 * 1024);
    const machine = await startMachine({ disk: image.file, firmware: 'bios' });
    try {
      expect((await machine.says(/INGOT-READY ([^\n]*)\n/, BOOT_MS))[1]).not.toContain('secure-boot');
    } finally {
      await machine.end();
    }
  },
  2 * BOOT_MS,
);

it('is not signed where Debian signs: the other images', async () => {
  const wish = { kind: 'debian-lean', format: 'raw', cache: folder, signBy: key } as const;
  await expect(buildImage({ ...wish, output: join(folder, 'lean.raw') })).rejects.toMatchObject({
    code: 'BuildBadOption',
  });
});
