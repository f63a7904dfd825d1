import { createHash, randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { ImageInfo } from '#agent-api/image-info';
import type { CommandResult } from '#agent-api/wire';
import { type Answer, GIB, HARDWARE, MIB, startAgent, startConductor, type TestAgent, TestServer } from './harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A disk of 24 MiB: noise, zeroes, noise, and a GPT-less boot sector. */
function image(): Buffer {
  const bytes = Buffer.concat([randomBytes(5 * MIB), Buffer.alloc(12 * MIB), randomBytes(7 * MIB)]);
  bytes.fill(0, 0, 512);
  bytes.write('boot', 0);
  return bytes;
}

const sha = (bytes: Buffer, algorithm = 'sha256') => createHash(algorithm).update(bytes).digest('hex');

async function agentFor(ingot: boolean): Promise<TestAgent> {
  const conductor = await startConductor(ingot ? { config: { ingot: { version: 1 } } } : {});
  const agent = await startAgent(conductor.server.url);
  open.push(conductor.server, agent);
  return agent;
}

async function serve(handler: (path: string, range: string | undefined) => Answer | undefined): Promise<TestServer> {
  const server = await TestServer.start((path, _body, request) => handler(path, request.headers.range));
  open.push(server);
  return server;
}

const infoOf = (url: string, served: Buffer, more: Partial<ImageInfo> = {}): ImageInfo => ({
  id: 'an image',
  urls: [url],
  disk_format: 'raw',
  container_format: 'bare',
  image_type: 'whole-disk',
  os_hash_algo: 'sha256',
  os_hash_value: sha(served),
  ...more,
});

const write = (agent: TestAgent, info: ImageInfo, configdrive?: string): Promise<CommandResult> =>
  agent.command('standby.prepare_image', { image_info: info, ...(configdrive === undefined ? {} : { configdrive }) });

function onDisk(agent: TestAgent, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  agent.machine.disk('/dev/vda').read(bytes, 0);
  return bytes;
}

describe('writing images', () => {
  test('streams raw bytes over what was there, and tells another Ironic what it expects', async () => {
    const raw = image();
    const server = await serve(() => ({ status: 200, body: raw }));
    const agent = await agentFor(false);
    agent.machine.disk('/dev/vda').write(Buffer.alloc(30 * MIB, 0xab), 0);
    agent.machine.disk('/dev/vda').write(Buffer.from('EFI PART of an earlier life'), 4 * GIB - 512);
    const result = await write(agent, infoOf(server.url, raw));
    expect(result.command_result).toEqual({
      result: 'prepare_image: image (an image) written to device /dev/vda root_uuid=',
    });
    expect(onDisk(agent, raw.length).equals(raw)).toBe(true);
    const end = Buffer.alloc(512);
    agent.machine.disk('/dev/vda').read(end, 4 * GIB - 512);
    expect(end.equals(Buffer.alloc(512))).toBe(true);
  });

  test.each([
    ['gzip', (raw: Buffer) => gzipSync(raw), 'sha512'],
    ['zstd', (raw: Buffer) => zstdCompressSync(raw), 'sha256'],
  ])('unpacks %s on the way and tells its own conductor how it went', async (_name, pack, algorithm) => {
    const raw = image();
    const packed = pack(raw);
    const server = await serve(() => ({ status: 200, body: packed }));
    const agent = await agentFor(true);
    const info = infoOf(server.url, packed, { os_hash_algo: algorithm, os_hash_value: sha(packed, algorithm) });
    const { command_result: result, command_progress: progress } = await write(agent, {
      ...info,
      raw_sha256: sha(raw),
    });
    expect(result).toMatchObject({
      written: { device: '/dev/vda', bytes: raw.length, sha256: sha(raw), peer_bytes: 0 },
    });
    expect(progress).toMatchObject({ phase: 'write', bytes: raw.length, total: raw.length, eta_seconds: 0 });
    expect(onDisk(agent, raw.length).equals(raw)).toBe(true);
  });

  test('goes on where a cut connection left it', async () => {
    const raw = image();
    let cuts = 0;
    const server = await serve((_path, range) => {
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      const body = raw.subarray(from);
      const headers: Record<string, string> = { etag: '"one"' };
      if (from > 0) headers['content-range'] = `bytes ${from}-${raw.length - 1}/${raw.length}`;
      const cut = cuts++ < 2 ? { cutAt: 4 * MIB } : {};
      return { status: from > 0 ? 206 : 200, body, headers, ...cut };
    });
    const agent = await agentFor(true);
    expect((await write(agent, infoOf(server.url, raw))).command_status).toBe('SUCCEEDED');
    expect(onDisk(agent, raw.length).equals(raw)).toBe(true);
    expect(server.asked.slice(1).every((request) => request.headers['if-range'] === '"one"')).toBe(true);
    expect(server.sent).toBeLessThan(raw.length * 1.2);
  }, 60_000);

  test('notices an image that changed between two requests, and leaves nothing that starts', async () => {
    const raw = image();
    let asked = 0;
    const server = await serve(() => {
      const first = asked++ === 0;
      return {
        status: 200,
        body: raw,
        headers: { etag: first ? '"one"' : '"two"' },
        ...(first ? { cutAt: 6 * MIB } : {}),
      };
    });
    const agent = await agentFor(true);
    const result = await write(agent, infoOf(server.url, raw));
    expect(result).toMatchObject({ command_status: 'FAILED', command_error: { type: 'ImageChanged' } });
    expect(onDisk(agent, MIB).equals(Buffer.alloc(MIB))).toBe(true);
  }, 60_000);

  test('a wrong byte is a failure that names both hashes, and leaves nothing that starts', async () => {
    const raw = image();
    const wrong = Buffer.from(raw);
    wrong[20 * MIB] = (wrong[20 * MIB] ?? 0) ^ 1;
    const server = await serve(() => ({ status: 200, body: wrong }));
    const agent = await agentFor(true);
    const result = await write(agent, infoOf(server.url, raw));
    expect(result.command_error).toMatchObject({ type: 'ChecksumMismatch' });
    expect(result.command_error?.details).toContain(sha(raw));
    expect(result.command_error?.details).toContain(sha(wrong));
    expect(onDisk(agent, MIB).equals(Buffer.alloc(MIB))).toBe(true);
  });

  test.each<[string, Partial<ImageInfo>, Buffer, RegExp]>([
    [
      'qcow2 that is said to be raw',
      {},
      Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(MIB)]),
      /it is qcow2/,
    ],
    ['VMDK', { disk_format: 'vmdk' }, Buffer.concat([Buffer.from('KDMV'), Buffer.alloc(MIB)]), /vmdk is not one of/],
    ['no checksum', { os_hash_value: '' }, Buffer.alloc(MIB), /no checksum/],
    ['MD5', { os_hash_algo: 'md5', os_hash_value: 'a'.repeat(32) }, Buffer.alloc(MIB), /MD5/],
    ['qcow2 in gzip that names another file', {}, gzipSync(hostileQcow2()), /backing file/],
  ])('refuses %s before a tool or the disk sees it', async (_name, more, bytes, why) => {
    const server = await serve(() => ({ status: 200, body: bytes }));
    const agent = await agentFor(true);
    agent.machine.disk('/dev/vda').write(Buffer.from('kept'), 0);
    const result = await write(agent, infoOf(server.url, bytes, more));
    expect(result.command_error).toMatchObject({ type: 'ImageRefused' });
    expect(result.command_error?.details).toMatch(why);
    expect(onDisk(agent, 4).toString()).toBe('kept');
    expect(agent.machine.calls.map((call) => call[0])).not.toContain('qemu-img');
  });

  test('ends at the end of the disk, however large a stream unpacks', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * MIB, 7));
    const server = await serve(() => ({ status: 200, body: bomb }));
    const hardware = { ...HARDWARE, disks: [{ name: 'vda', size: 32 * MIB }] };
    const conductor = await startConductor();
    const agent = await startAgent(conductor.server.url, { hardware });
    open.push(conductor.server, agent);
    const info = infoOf(server.url, bomb, { root_device: { name: '/dev/vda' } });
    expect((await write(agent, info)).command_error).toMatchObject({ type: 'DeviceTooSmall' });
    expect(onDisk(agent, MIB).equals(Buffer.alloc(MIB))).toBe(true);
  });

  test('never shows the credentials of an image to another server', async () => {
    const raw = image();
    const other = await serve(() => ({ status: 200, body: raw }));
    const server = await serve(() => ({ status: 302, headers: { location: `${other.url}/image` } }));
    const agent = await agentFor(true);
    const info = infoOf(server.url, raw, { image_server_user: 'me', image_server_password: 'S3CR3T' });
    expect((await write(agent, info)).command_status).toBe('SUCCEEDED');
    expect(server.asked[0]?.headers.authorization).toMatch(/^Basic /);
    expect(other.asked[0]?.headers.authorization).toBeUndefined();
    expect(agent.lines.join('\n')).not.toContain('S3CR3T');
  });

  test('names what a failing disk said', async () => {
    const raw = image();
    const server = await serve(() => ({ status: 200, body: raw }));
    const conductor = await startConductor();
    let writes = 0;
    const agent = await startAgent(conductor.server.url, {
      fault: (_device, what) => (what === 'write' && ++writes > 4 ? 'Input/output error' : null),
    });
    open.push(conductor.server, agent);
    const result = await write(agent, infoOf(server.url, raw));
    expect(result.command_error).toMatchObject({ type: 'DeviceUnusable' });
    expect(result.command_error?.details).toBe('/dev/vda cannot be used: Input/output error');
  });
});

/** A qcow2 header with a backing file. */
function hostileQcow2(): Buffer {
  const head = Buffer.alloc(MIB);
  head.write('QFI\xfb', 0, 'latin1');
  head.writeUInt32BE(3, 4);
  head.writeBigUInt64BE(200n, 8);
  head.writeUInt32BE(11, 16);
  head.writeUInt32BE(16, 20);
  head.writeBigUInt64BE(BigInt(GIB), 24);
  head.writeUInt32BE(104, 100);
  head.write('/etc/shadow', 200);
  return head;
}
