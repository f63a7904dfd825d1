import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '#kernel/clock';
import { systemRandom } from '#kernel/random';
import { run } from '#kernel/run';
import { signProgram } from './authenticode.ts';
import { imageDigest, section, unsigned, withSections } from './pe.ts';
import { type SigningKey, signingKey } from './signing-key.ts';

const STUB = '/usr/lib/systemd/boot/efi/linuxx64.efi.stub';
const noStub = !existsSync(STUB);
const NO_STUB = 'Debian package systemd-boot-efi is not installed';
const tools = { clock: systemClock, random: systemRandom };

let folder: string;
let key: SigningKey;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-signing-'));
  key = await signingKey(join(folder, 'keys'), tools);
});
afterAll(() => rm(folder, { recursive: true }));

/** The stub with something in it, as an image has it. */
const program = async () =>
  withSections(await readFile(STUB), [
    { name: '.cmdline', data: Buffer.from('quiet') },
    { name: '.linux', data: Buffer.alloc(70_001, 'k') },
  ]);

it('makes one key, whoever asks at the same time, and keeps it to itself', async () => {
  const place = join(folder, 'shared');
  const all = await Promise.all([1, 2, 3, 4].map(() => signingKey(place, tools)));
  expect(new Set(all.map(({ cert }) => cert)).size).toBe(1);
  expect((await signingKey(place, tools)).key).toBe(all[0]?.key);
  expect((await stat(join(place, 'db.key'))).mode & 0o777).toBe(0o600);
  const { stdout } = await run('openssl', ['x509', '-in', join(place, 'db.crt'), '-noout', '-text'], {
    timeoutMs: 10_000,
  });
  expect(stdout).toContain('Public-Key: (2048 bit)');
  expect(stdout).toContain('CN = Ingot lab key');
});

it('takes a key of one’s own, and says which does not do', async () => {
  const place = join(folder, 'own');
  await signingKey(place, tools);
  const openssl = (args: string[]) => run('openssl', args, { timeoutMs: 30_000, cwd: place });
  await openssl([
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=mine',
    '-keyout',
    'db.key',
    '-out',
    'db.crt',
  ]);
  const own = await signingKey(place, tools);
  expect(own.cert).toBe(await readFile(join(place, 'db.crt'), 'utf8'));
  await writeFile(join(place, 'db.crt'), key.cert);
  await expect(signingKey(place, tools)).rejects.toThrow(/of another key/);
  await openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'db.key']);
  await expect(signingKey(place, tools)).rejects.toThrow(/RSA keys only/);
  await writeFile(join(place, 'db.key'), 'nothing');
  await expect(signingKey(place, tools)).rejects.toMatchObject({ code: 'BuildBadKey' });
});

it('puts sections into a program, as binutils reads them', async (context) => {
  context.skip(noStub, NO_STUB);
  const made = await program();
  expect(section(made, '.cmdline')?.toString()).toBe('quiet');
  expect(section(made, '.linux')).toEqual(Buffer.alloc(70_001, 'k'));
  expect(section(made, '.sdmagic')).toEqual(section(await readFile(STUB), '.sdmagic'));
  const file = join(folder, 'sections.efi');
  await writeFile(file, made);
  const { stdout } = await run('objdump', ['-h', file], { timeoutMs: 10_000 });
  const read = [...stdout.matchAll(/^ *\d+ (\S+) +([0-9a-f]{8}) +([0-9a-f]{16})/gm)].map(([, ...all]) => all);
  expect(read.slice(-2).map(([name, size]) => [name, size])).toEqual([
    ['.cmdline', '00000005'],
    ['.linux', '00011171'],
  ]);
  const many = Array.from({ length: 20 }, (_, i) => ({ name: `.s${i}`, data: Buffer.from('x') }));
  expect(() => withSections(made, many)).toThrow(/no room/);
});

it('signs so that sbverify agrees, with the same bytes each time, and not one byte may change', async (context) => {
  context.skip(noStub, NO_STUB);
  context.skip(!existsSync('/usr/bin/sbverify'), 'Debian package sbsigntool is not installed');
  const made = await program();
  const signed = signProgram(made, key);
  expect(signProgram(made, key)).toEqual(signed);
  // Signed again, it has the one signature.
  expect(signProgram(signed, key)).toEqual(signed);
  expect(unsigned(signed)).toEqual(unsigned(made));
  const file = join(folder, 'signed.efi');
  const verify = async (bytes: Buffer, cert = key.certFile) => {
    await writeFile(file, bytes);
    const { stdout, stderr } = await run('sbverify', ['--cert', cert, file], { timeoutMs: 10_000, okCodes: [0, 1] });
    return stdout + stderr;
  };
  expect(await verify(signed)).toBe('Signature verification OK\n');
  const other = await signingKey(join(folder, 'other'), tools);
  expect(await verify(signed, other.certFile)).toContain('Signature verification failed');
  for (const at of [0x40, 2000, Math.floor(made.length / 2), made.length - 1]) {
    const changed = Buffer.from(signed);
    changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
    expect(await verify(changed)).toContain('Signature verification failed');
  }
  // What sbsign signed has the same digest in it.
  await writeFile(file, made);
  await run('sbsign', ['--key', join(folder, 'keys/db.key'), '--cert', key.certFile, '--output', `${file}.sb`, file], {
    timeoutMs: 10_000,
  });
  const theirs = await readFile(`${file}.sb`);
  expect(theirs.includes(imageDigest(made))).toBe(true);
  expect(imageDigest(theirs)).toEqual(imageDigest(signed));
});

it('refuses what is no EFI program, with an error of its own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (noise, marked) => {
      const bytes = Buffer.from(noise);
      if (marked && bytes.length >= 64) {
        bytes.write('MZ', 0, 'latin1');
        bytes.writeUInt32LE(64, 60);
        if (bytes.length > 90) bytes.write('PE\0\0', 64, 'latin1');
        if (bytes.length > 90) bytes.writeUInt16LE(0x20b, 88);
      }
      try {
        section(bytes, '.text');
        imageDigest(bytes);
      } catch (error) {
        expect((error as { code?: string }).code).toBe('BuildBroken');
      }
    }),
  );
});
