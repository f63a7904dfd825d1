import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BLOCK_BYTES, type BlockManifest } from '../../src/agent-api/manifest.ts';
import type { Image } from '../../src/image/index.ts';
import { manualClock } from '../../src/kernel/clock.ts';
import { newUuid } from '../../src/kernel/ids.ts';
import { insertNode } from '../baremetal/life/harness.ts';
import { type ImageCloud, openImageCloud } from './cloud.ts';

// What is left to do of a captured disk when its machine is back at its instance.

let cloud: ImageCloud;
let nodeUuid: string;
beforeAll(async () => {
  cloud = await openImageCloud();
  nodeUuid = newUuid();
  await insertNode(cloud.store, nodeUuid);
}, 120_000);
afterAll(() => cloud.close());

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');
const signal = AbortSignal.timeout(600_000);

/** Sends a disk of one block and so many of zeroes, to the point where the machine is done. */
async function sent(image: Image, zeroes: number, more: Partial<BlockManifest> & { parentId?: string } = {}) {
  const { parentId, ...said } = more;
  const block = randomBytes(BLOCK_BYTES);
  const blocks = [sha256(block), ...Array<null>(zeroes).fill(null)];
  const virtual_bytes = blocks.length * BLOCK_BYTES;
  const manifest: BlockManifest = { version: 1, virtual_bytes, block_bytes: BLOCK_BYTES, blocks, ...said };
  const parent = parentId === undefined ? {} : { parentId };
  const begun = await image.service.beginCapture({ nodeUuid, projectId: 'p', name: 'c', ...parent });
  const put = (path: string, body: Buffer) =>
    fetch(`${begun.uploadUrl}/${path}`, { method: 'PUT', body: new Uint8Array(body) });
  expect((await put(`blocks/${sha256(block)}`, block)).status).toBe(201);
  expect((await put('manifest', Buffer.from(JSON.stringify(manifest)))).status).toBe(201);
  return { ...begun, block, sha256: () => hashOf(block, zeroes) };
}

function hashOf(block: Buffer, zeroes: number): string {
  const hash = createHash('sha256').update(block);
  const none = Buffer.alloc(BLOCK_BYTES);
  for (let i = 0; i < zeroes; i++) hash.update(none);
  return hash.digest('hex');
}

const row = async (id: string) =>
  (
    await cloud.store.query<{ status: string; os_hash_value: string | null; properties: string | object }>({
      text: 'select status, os_hash_value, properties::text as properties from images where id = $1',
      values: [id],
    })
  )[0];
const ends = async (id: string, status: string) =>
  await expect.poll(async () => (await row(id))?.status, { timeout: 110_000, interval: 20 }).toBe(status);
const history = async (id: string) =>
  await cloud.store.query<{ severity: string; event: string }>({
    text: 'select severity, event from node_history where node_uuid = $1 and event like $2',
    values: [nodeUuid, `%${id}%`],
  });

it('is not hashed while the machine waits, cannot be used before, and may be what the next one differs from', async () => {
  // 2 GiB of zeroes: hashing them takes a second at least.
  const zeroes = 512;
  const { imageId, sha256: whole } = await sent(cloud.image, zeroes);
  await cloud.image.service.endCapture(imageId, 'done', signal);
  expect((await row(imageId))?.status).toBe('saving');
  await expect(
    cloud.image.service.prepare({ source: imageId, projectId: 'p' }, { nodeUuid, signal }),
  ).rejects.toMatchObject({ code: 'ImageNotActive' });
  // Giving it up is too late: it is there.
  await cloud.image.service.endCapture(imageId, 'failed');
  const next = await sent(cloud.image, 0, { parentId: imageId });
  await cloud.image.service.endCapture(next.imageId, 'done');
  await ends(imageId, 'active');
  await ends(next.imageId, 'active');
  expect((await row(imageId))?.os_hash_value).toBe(whole());
  await cloud.image.service.endCapture(imageId, 'done');
  expect(await history(imageId)).toEqual([
    { severity: 'INFO', event: `The captured disk is image ${imageId}: all of it was checked` },
  ]);
}, 240_000);

it('that is not what its machine said, or whose blocks are gone, fails with a reason, and the history says so', async () => {
  const lying = await sent(cloud.image, 1, { sha256: '1'.repeat(64) });
  await cloud.image.service.endCapture(lying.imageId, 'done');
  await ends(lying.imageId, 'killed');
  expect(String((await row(lying.imageId))?.properties)).toMatch(/ingot_capture_error.*sha256 is/);
  const [said] = await history(lying.imageId);
  expect(said?.severity).toBe('ERROR');
  expect(said?.event).toMatch(/did not become image .*; the instance is as it was\. The image's sha256 is/);
  // Said once, and nothing of it is kept.
  await cloud.image.service.endCapture(lying.imageId, 'done');
  expect(await history(lying.imageId)).toHaveLength(1);
  const manifests = () => readdir(join(cloud.dataDir, 'images', 'manifests'));
  await expect.poll(manifests, { timeout: 20_000 }).not.toContain(`${lying.imageId}.json`);
}, 120_000);

it('is taken over from a process that died, once, and not by one that does not have its blocks', async () => {
  const dying = await cloud.another();
  const { imageId, sha256: whole } = await sent(dying, 512);
  await dying.service.endCapture(imageId, 'done');
  await dying.close();
  expect((await row(imageId))?.status).toBe('saving');
  const clocks = [manualClock(), manualClock()];
  const others = await Promise.all(clocks.map((clock) => cloud.another(clock)));
  const minute = async () => {
    for (const clock of clocks) await clock.advance(60_000);
  };
  // It may still be alive.
  await minute();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await row(imageId))?.status).toBe('saving');
  await cloud.store.query({
    text: `update images set updated_at = now() - interval '5 minutes' where id = $1`,
    values: [imageId],
  });
  await minute();
  await ends(imageId, 'active');
  expect((await row(imageId))?.os_hash_value).toBe(whole());
  // Two may have begun; one said it.
  for (const other of others) await other.close();
  expect(await history(imageId)).toHaveLength(1);
}, 240_000);
