import { createHash, randomBytes } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { BlockManifest } from '#agent-api/manifest';
import { blockLength, manifestDigest } from '#agent-api/manifest';
import type { PeerAnnouncement } from '#agent-api/swarm';
import { SwarmKeeper } from '#agent-api/swarm-keeper';
import type { CommandResult } from '#agent-api/wire';
import { HARDWARE, MIB, NODE, startAgent, startConductor, type TestAgent, TestServer } from './harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const BLOCK = 256 * 1024;

function manifestOf(raw: Buffer): { manifest: BlockManifest; blocks: Map<string, Buffer> } {
  const blocks = new Map<string, Buffer>();
  const hashes: (string | null)[] = [];
  for (let at = 0; at < raw.length; at += BLOCK) {
    const bytes = raw.subarray(at, at + BLOCK);
    if (bytes.every((byte) => byte === 0)) hashes.push(null);
    else {
      hashes.push(sha(bytes));
      blocks.set(sha(bytes), bytes);
    }
  }
  return {
    manifest: { version: 1, virtual_bytes: raw.length, block_bytes: BLOCK, blocks: hashes, sha256: sha(raw) },
    blocks,
  };
}

/** Noise with zeroes in the middle and a short last block. */
function image(mib: number): Buffer {
  const raw = Buffer.concat([randomBytes(mib * MIB), Buffer.alloc(3 * MIB), randomBytes(mib * MIB + 1000)]);
  raw.fill(0, 0, 4);
  return raw;
}

interface Source {
  server: TestServer;
  /** Bytes of blocks that were sent. */
  bytes(): number;
}

async function source(
  raw: Buffer,
  options: { keeper?: SwarmKeeper | false; change?: (hash: string, bytes: Buffer) => Buffer } = {},
): Promise<Source> {
  const { manifest, blocks } = manifestOf(raw);
  const keeper = options.keeper || new SwarmKeeper(manifest);
  let sent = 0;
  const server = await TestServer.start((path, body) => {
    if (path === '/i/manifest') return { status: 200, body: manifest };
    if (path === '/i/manifest/peers' && options.keeper !== false) {
      return {
        status: 200,
        body: keeper.announce(JSON.parse(body.toString('utf8')) as PeerAnnouncement, performance.now()),
      };
    }
    const hash = /^\/i\/blocks\/([0-9a-f]{64})$/.exec(path)?.[1];
    const bytes = hash === undefined ? undefined : blocks.get(hash);
    if (bytes === undefined || hash === undefined) return undefined;
    sent += bytes.length;
    return { status: 200, body: options.change?.(hash, bytes) ?? bytes };
  });
  open.push(server);
  return { server, bytes: () => sent };
}

async function machine(uuid = NODE, hardware = HARDWARE): Promise<TestAgent> {
  // Every node has a conductor of its own here: what they share is the image.
  const conductor = await startConductor({ config: { ingot: { version: 1 } }, node: { uuid } });
  const agent = await startAgent(conductor.server.url, { hardware });
  open.push(conductor.server, agent);
  return agent;
}

const write = (agent: TestAgent, server: TestServer, raw: Buffer, more: object = {}): Promise<CommandResult> =>
  agent.command('standby.prepare_image', {
    image_info: {
      id: 'blocks',
      urls: [],
      manifest_url: `${server.url}/i/manifest`,
      virtual_bytes: raw.length,
      raw_sha256: sha(raw),
      ...more,
    },
  });

function onDisk(agent: TestAgent, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  agent.machine.disk('/dev/vda').read(bytes, 0);
  return bytes;
}

describe('images by their blocks', () => {
  test('four machines take an image about once from its source', async () => {
    const raw = image(8);
    const from = await source(raw);
    const uuids = [1, 2, 3, 4].map((n) => `${n}1111111-2222-4333-8444-555555555555`);
    const agents = await Promise.all(uuids.map((uuid) => machine(uuid)));
    const results = await Promise.all(agents.map((agent) => write(agent, from.server, raw)));
    for (const [i, result] of results.entries()) {
      expect(result.command_error).toBeNull();
      expect(result.command_result).toMatchObject({ written: { sha256: sha(raw), bytes: raw.length } });
      expect(onDisk(agents[i] as TestAgent, raw.length).equals(raw)).toBe(true);
    }
    const data = raw.length - 3 * MIB;
    expect(from.bytes()).toBeGreaterThanOrEqual(data - 2 * BLOCK);
    expect(from.bytes()).toBeLessThan(data * 1.3);
    const peers = results.map((r) => (r.command_result as { written: { peer_bytes: number } }).written.peer_bytes);
    expect(peers.reduce((a, b) => a + b)).toBeGreaterThan(data * 2.6);
  }, 120_000);

  test('what the conductor vouches for is not hashed twice, and another manifest is not taken', async () => {
    const raw = image(2);
    const from = await source(raw, { keeper: false });
    const vouched = { manifest_sha256: manifestDigest(manifestOf(raw).manifest), raw_sha256: '1'.repeat(64) };
    const agent = await machine();
    const result = await write(agent, from.server, raw, vouched);
    expect(result.command_error).toBeNull();
    expect(result.command_result).toMatchObject({ written: { sha256: '1'.repeat(64), bytes: raw.length } });
    expect(onDisk(agent, raw.length).equals(raw)).toBe(true);

    const other = await write(await machine(), from.server, raw, { manifest_sha256: '2'.repeat(64) });
    expect(JSON.stringify(other.command_error)).toContain('The manifest');
  }, 60_000);

  test('blocks that another machine said to have, and does not give, are had elsewhere', async () => {
    const raw = image(2);
    const { manifest } = manifestOf(raw);
    const keeper = new SwarmKeeper(manifest, { silentMs: 2_000 });
    const bits = Buffer.alloc(Math.ceil(manifest.blocks.length / 8), 0xff).toString('base64');
    const gone = { url: 'https://127.0.0.1:1/v1/ingot', verify_ca: 'none', secret: 's'.repeat(32), have: bits };
    keeper.announce({ node_uuid: '91111111-2222-4333-8444-555555555555', ...gone, want: [] }, performance.now());
    const from = await source(raw, { keeper });
    const agent = await machine();
    const vouched = { manifest_sha256: manifestDigest(manifest) };
    expect((await write(agent, from.server, raw, vouched)).command_error).toBeNull();
    expect(onDisk(agent, raw.length).equals(raw)).toBe(true);
  }, 120_000);

  test('one machine needs no list of others', async () => {
    const raw = image(2);
    const from = await source(raw, { keeper: false });
    const agent = await machine();
    agent.machine.disk('/dev/vda').write(Buffer.alloc(8 * MIB, 0xab), 0);
    expect((await write(agent, from.server, raw)).command_error).toBeNull();
    expect(onDisk(agent, raw.length).equals(raw)).toBe(true);
  });

  test('a source that gives other bytes is found out before they are written', async () => {
    const raw = image(1);
    const wrong = sha(raw.subarray(0, BLOCK));
    const from = await source(raw, {
      change: (hash, bytes) => (hash === wrong ? Buffer.alloc(bytes.length, 1) : bytes),
    });
    const agent = await machine();
    const result = await write(agent, from.server, raw);
    expect(result.command_error).toMatchObject({ type: 'ChecksumMismatch' });
    expect(result.command_error?.details).toContain('Block 0');
    expect(onDisk(agent, BLOCK).every((byte) => byte === 0)).toBe(true);
  }, 60_000);
});

/** A store of captured blocks, as `beginCapture` gives the address of. */
async function store() {
  const blocks = new Map<string, Buffer>();
  const manifests: BlockManifest[] = [];
  const server = await TestServer.start((path, body, request) => {
    if (path === '/c/missing') {
      const { hashes } = JSON.parse(body.toString('utf8')) as { hashes: string[] };
      return { status: 200, body: { missing: hashes.filter((hash) => !blocks.has(hash)) } };
    }
    if (path === '/c/manifest' && request.method === 'GET') return { status: 200, body: manifests.at(-1) };
    if (path === '/c/manifest') {
      manifests.push(JSON.parse(body.toString('utf8')) as BlockManifest);
      return { status: 201 };
    }
    const hash = path.replace('/c/blocks/', '');
    const bytes = request.headers['content-encoding'] === 'zstd' ? zstdDecompressSync(body) : body;
    if (sha(bytes) !== hash) return { status: 400 };
    blocks.set(hash, bytes);
    return { status: 201 };
  });
  open.push(server);
  return { server, blocks, manifests };
}

describe('captures', () => {
  test('send a disk once, and of the next only what changed', async () => {
    const to = await store();
    const agent = await machine(NODE, { ...HARDWARE, disks: [{ name: 'vda', size: 64 * MIB }] });
    const disk = agent.machine.disk('/dev/vda');
    const text = Buffer.from('a line that packs well\n'.repeat(20_000));
    disk.write(text, 5 * MIB);
    const noise = randomBytes(4 * MIB);
    disk.write(noise, 33 * MIB);
    const capture = (parent?: string) =>
      agent.command('ingot.capture', {
        upload_url: `${to.server.url}/c`,
        device: '/dev/vda',
        block_bytes: 4 * MIB,
        ...(parent === undefined ? {} : { parent_manifest_url: parent }),
      });
    const first = await capture();
    expect(first.command_error).toBeNull();
    expect(first.command_result).toMatchObject({ blocks: 16, zero_blocks: 13, sent_blocks: 3 });
    expect((first.command_result as { sent_bytes: number }).sent_bytes).toBeLessThan(5 * MIB);
    disk.write(Buffer.from('changed'), 6 * MIB);
    const second = await capture(`${to.server.url}/c/manifest`);
    expect(second.command_result).toMatchObject({ sent_blocks: 1 });
    const manifest = to.manifests.at(-1) as BlockManifest;
    // The store hashes the whole for itself.
    expect(manifest.sha256).toBeUndefined();
    expect(manifest.blocks.map((hash) => hash !== null)).toEqual(
      [1, 8, 9].reduce((all, at) => all.with(at, true), Array<boolean>(16).fill(false)),
    );
    expect(blockLength(manifest, 1)).toBe(4 * MIB);
    expect(
      to.blocks
        .get(manifest.blocks[8] ?? '')
        ?.subarray(MIB)
        .equals(noise.subarray(0, 3 * MIB)),
    ).toBe(true);
  }, 120_000);
});
