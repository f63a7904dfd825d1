import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLOCK_BYTES, type BlockManifest } from '../../src/agent-api/manifest.ts';
import { bitsToText, emptyBits, setBit } from '../../src/agent-api/swarm.ts';
import { newUuid } from '../../src/kernel/ids.ts';
import { type ImageCloud, openImageCloud } from './cloud.ts';

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');
let cloud: ImageCloud;

beforeAll(async () => {
  cloud = await openImageCloud({ fileFolders: ['/tmp'] });
}, 120_000);
afterAll(() => cloud.close());

const post = (url: string, body: unknown) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('machines that write one image', () => {
  it('are told who has what, take each block once from here, and speak for themselves only', async () => {
    const data = randomBytes(BLOCK_BYTES * 6);
    const file = join(cloud.dataDir, 'swarm.raw');
    await writeFile(file, data);
    const signal = AbortSignal.timeout(60_000);
    const nodes = await Promise.all(
      [1, 2, 3].map(async () => {
        const nodeUuid = newUuid();
        const image = await cloud.image.service.prepare(
          { source: `file://${file}`, projectId: null },
          { nodeUuid, signal },
        );
        return { nodeUuid, image, have: emptyBits(6) };
      }),
    );
    const say = (at: number, more: Record<string, unknown> = {}) => {
      const { nodeUuid, image, have } = nodes[at] as (typeof nodes)[number];
      return post(`${image.manifestUrl}/peers`, {
        ...{ node_uuid: nodeUuid, url: 'https://127.0.0.1:9999/v1/ingot', verify_ca: 'pem', secret: 's' },
        ...{ have: bitsToText(have), want: [0, 1, 2, 3, 4, 5], ...more },
      });
    };
    const taken = new Map<number, number>();
    for (let round = 0; round < 20 && taken.size < 6; round++) {
      for (const at of [0, 1, 2]) {
        const answer = (await (await say(at)).json()) as { granted: number[] };
        for (const block of answer.granted) {
          const { image, have } = nodes[at] as (typeof nodes)[number];
          const hash = sha256(data.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES));
          const got = await fetch(new URL(`blocks/${hash}`, image.manifestUrl));
          expect(sha256(Buffer.from(await got.arrayBuffer()))).toBe(hash);
          taken.set(block, (taken.get(block) ?? 0) + 1);
          setBit(have, block);
        }
      }
    }
    expect([...taken.values()]).toEqual([1, 1, 1, 1, 1, 1]);
    const heard = (await (await say(2)).json()) as { peers: { url: string }[] };
    expect(heard.peers).toHaveLength(2);
    expect((await say(0, { node_uuid: newUuid() })).status).toBe(403);
    expect((await say(0, { url: 'https://10.9.9.9/x' })).status).toBe(403);
    expect((await say(0, { url: 'http://127.0.0.1:1/x' })).status).toBe(403);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [row] = await cloud.store.query<{ sent: string; blocks: string }>({
      text: 'select sum(sent_bytes)::text as sent, sum(blocks)::text as blocks from image_transfers where content_id = $1',
      values: [sha256(data)],
    });
    expect(row).toEqual({ sent: String(data.length), blocks: '6' });
  }, 60_000);
});

describe('capture', () => {
  const nodeUuid = newUuid();
  const disk = (parts: readonly (Buffer | null)[]): { manifest: BlockManifest; bytes: Buffer } => {
    const bytes = Buffer.concat(parts.map((part) => part ?? Buffer.alloc(BLOCK_BYTES)));
    const blocks = parts.map((part) => (part === null ? null : sha256(part)));
    return {
      bytes,
      manifest: { version: 1, virtual_bytes: bytes.length, block_bytes: BLOCK_BYTES, blocks, sha256: sha256(bytes) },
    };
  };
  const statusOf = async (id: string) =>
    (await cloud.store.query<{ status: string }>({ text: 'select status from images where id = $1', values: [id] }))[0]
      ?.status;
  const put = (url: string, body: Buffer | string, headers: Record<string, string> = {}) =>
    fetch(url, { method: 'PUT', headers, body: typeof body === 'string' ? body : new Uint8Array(body) });

  it('becomes an image; the next one sends what changed only; a failed one is gone', async () => {
    const [a, b] = [randomBytes(BLOCK_BYTES), randomBytes(BLOCK_BYTES)];
    const first = disk([a, null, b]);
    const service = cloud.image.service;
    const begun = await service.beginCapture({ nodeUuid, projectId: 'p', name: 'backup' });
    const missing = async (url: string, manifest: BlockManifest) => {
      const hashes = manifest.blocks.filter((hash) => hash !== null);
      return ((await (await post(`${url}/missing`, { hashes })).json()) as { missing: string[] }).missing;
    };
    expect(await missing(begun.uploadUrl, first.manifest)).toEqual([sha256(a), sha256(b)]);
    expect((await put(`${begun.uploadUrl}/manifest`, JSON.stringify(first.manifest))).status).toBe(409);
    expect((await put(`${begun.uploadUrl}/blocks/${sha256(a)}`, b)).status).toBe(422);
    expect(
      (await put(`${begun.uploadUrl}/blocks/${sha256(a)}`, zstdCompressSync(a), { 'content-encoding': 'zstd' })).status,
    ).toBe(201);
    expect((await put(`${begun.uploadUrl}/blocks/${sha256(a)}`, a)).status).toBe(200);
    expect((await put(`${begun.uploadUrl}/blocks/${sha256(b)}`, b)).status).toBe(201);
    await expect(service.endCapture(begun.imageId, 'done')).rejects.toMatchObject({ code: 'ImageConflict' });
  }, 60_000);

  it('is whole, shares blocks with the one before, and can be written to a machine', async () => {
    const [a, b, c] = [randomBytes(BLOCK_BYTES), randomBytes(BLOCK_BYTES), randomBytes(BLOCK_BYTES)];
    const service = cloud.image.service;
    const capture = async (of: ReturnType<typeof disk>, parentId?: string) => {
      const begun = await service.beginCapture({
        nodeUuid,
        projectId: 'p',
        name: 'b',
        ...(parentId === undefined ? {} : { parentId }),
      });
      const hashes = of.manifest.blocks.filter((hash) => hash !== null);
      const { missing } = (await (await post(`${begun.uploadUrl}/missing`, { hashes })).json()) as {
        missing: string[];
      };
      of.manifest.blocks.forEach((hash) => hash);
      for (const hash of missing) {
        const index = of.manifest.blocks.indexOf(hash);
        const block = of.bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
        expect((await put(`${begun.uploadUrl}/blocks/${hash}`, block)).status).toBe(201);
      }
      expect((await put(`${begun.uploadUrl}/manifest`, JSON.stringify(of.manifest))).status).toBe(201);
      const parent =
        begun.manifestUrl === null ? null : ((await (await fetch(begun.manifestUrl)).json()) as BlockManifest);
      // A conductor that may not go on stops; who goes on for it ends it.
      const over = AbortSignal.abort(new Error('over'));
      await expect(service.endCapture(begun.imageId, 'done', over)).rejects.toThrow('over');
      await service.endCapture(begun.imageId, 'done');
      await service.endCapture(begun.imageId, 'done');
      expect((await put(`${begun.uploadUrl}/manifest`, JSON.stringify(of.manifest))).status).toBe(404);
      await expect.poll(() => statusOf(begun.imageId), { timeout: 30_000, interval: 20 }).not.toBe('saving');
      return { ...begun, sent: missing.length, parent };
    };
    const first = await capture(disk([a, null, b]));
    expect([first.sent, first.parent]).toEqual([2, null]);
    const changed = disk([a, c, b]);
    const second = await capture(changed, first.imageId);
    expect(second.sent).toBe(1);
    expect(second.parent?.blocks).toEqual([sha256(a), null, sha256(b)]);
    const signal = AbortSignal.timeout(60_000);
    const prepared = await service.prepare({ source: second.imageId, projectId: 'p' }, { nodeUuid, signal });
    expect(prepared.hash.hex).toBe(sha256(changed.bytes));
    // Of its blocks as they are stored, and as any other image where somebody gives another checksum of it.
    expect((await (await fetch(prepared.manifestUrl)).json()) as BlockManifest).toMatchObject(changed.manifest);
    expect(Buffer.from(await (await fetch(prepared.urls[0] ?? '')).arrayBuffer()).equals(changed.bytes)).toBe(true);
    const checksum = `sha512:${createHash('sha512').update(changed.bytes).digest('hex')}`;
    const again = await service.prepare({ source: second.imageId, checksum, projectId: 'p' }, { nodeUuid, signal });
    expect(again.hash.hex).toBe(prepared.hash.hex);
    const [shown] = await cloud.store.query({
      text: 'select checksum, os_hash_algo, os_hash_value from images where id = $1',
      values: [second.imageId],
    });
    expect(shown).toEqual({ checksum: null, os_hash_algo: 'sha256', os_hash_value: sha256(changed.bytes) });
    const lying = disk([b, null, null]);
    const lied = await capture({ ...lying, manifest: { ...lying.manifest, sha256: sha256(b) } });
    expect(await statusOf(lied.imageId)).toBe('killed');
    await expect(service.prepare({ source: lied.imageId, projectId: 'p' }, { nodeUuid, signal })).rejects.toMatchObject(
      { code: 'ImageNotActive' },
    );
    await expect(
      service.prepare({ source: second.imageId, projectId: 'other' }, { nodeUuid, signal }),
    ).rejects.toMatchObject({ code: 'ImageAbsent' });
    const failed = await service.beginCapture({ nodeUuid, projectId: 'p', name: 'f', parentId: second.imageId });
    await service.endCapture(failed.imageId, 'failed');
    expect((await post(`${failed.uploadUrl}/missing`, { hashes: [] })).status).toBe(404);
    await expect(
      service.beginCapture({ nodeUuid, projectId: 'other', name: 'x', parentId: second.imageId }),
    ).rejects.toMatchObject({ status: 404 });
  }, 120_000);
});
