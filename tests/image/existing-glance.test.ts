import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { Secret } from '#kernel/secret';
import { keystoneClient } from '#protocols/keystone/client';
import { ADMIN_PASSWORD, type ImageCloud, openImageCloud } from './cloud.ts';

// Images of an existing Glance, whose part Ingot's own Image and Identity services play: another cloud, another database.

const DISK = randomBytes(3 * 1024 * 1024);
const NODE = '11111111-1111-4111-8111-111111111111';

let existing: ImageCloud;
let own: ImageCloud;
let token = '';
const logins: boolean[] = [];

beforeAll(async () => {
  existing = await openImageCloud();
  const keystone = keystoneClient({ url: `${existing.url}/identity`, clock: systemClock, timeoutMs: 30_000 });
  const account = {
    userName: 'admin',
    password: new Secret(ADMIN_PASSWORD),
    userDomainName: 'Default',
    projectName: 'admin',
    projectDomainName: 'Default',
  };
  own = await openImageCloud({
    // Only what the operator named may be on this host; what tenants name may not.
    allowedNetworks: [],
    glance: {
      url: `${existing.url}/image`,
      async token(fresh) {
        logins.push(fresh);
        if (!fresh && logins.length === 1) return 'a-token-that-ran-out';
        token ||= (await keystone.login(account)).token;
        return token;
      },
      close: () => keystone.close(),
    },
  });
  token = (await keystone.login(account)).token;
}, 180_000);
afterAll(async () => {
  await own.close();
  await existing.close();
});

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const bytes = Buffer.isBuffer(body);
  const answer = await fetch(`${existing.url}/image/v2${path}`, {
    method,
    headers: { 'x-auth-token': token, 'content-type': bytes ? 'application/octet-stream' : 'application/json' },
    ...(body === undefined ? {} : { body: bytes ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  const text = await answer.text();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function upload(visibility: string): Promise<string> {
  const { id } = await call('POST', '/images', {
    name: visibility,
    disk_format: 'raw',
    container_format: 'bare',
    visibility,
  });
  await call('PUT', `/images/${String(id)}/file`, DISK);
  return String(id);
}

const prepare = (source: string, projectId: string | null) =>
  own.image.service.prepare({ source, projectId }, { nodeUuid: NODE, signal: AbortSignal.timeout(60_000) });

test('an image by UUID or glance:// is read there, checked by the hash it keeps, once for all who may', async () => {
  const id = await upload('public');
  const first = await prepare(id, 'some-project');
  expect(first.hash.hex).toBe(createHash('sha256').update(DISK).digest('hex'));
  // The first token was refused, and another asked for.
  expect(logins.slice(0, 2)).toEqual([false, true]);
  expect((await prepare(`glance://${id}`, null)).id).toBe(first.id);
}, 120_000);

test('whose image it is counts, though the account sees all', async () => {
  const id = await upload('shared');
  await expect(prepare(id, 'stranger')).rejects.toMatchObject({ code: 'ImageAbsent' });
  await call('POST', `/images/${id}/members`, { member: 'stranger' });
  expect((await prepare(id, 'stranger')).virtualBytes).toBe(DISK.length);
  const mine = await upload('private');
  await expect(prepare(mine, 'stranger')).rejects.toMatchObject({ code: 'ImageAbsent' });
  expect((await prepare(mine, null)).virtualBytes).toBe(DISK.length);
  await expect(prepare('99999999-9999-4999-8999-999999999999', null)).rejects.toMatchObject({ code: 'ImageAbsent' });
}, 120_000);

test('that Glance may be on this host makes no URL of a tenant welcome there', async () => {
  const url = `${existing.url}/image/v2/images`;
  await expect(prepare(url, 'some-project')).rejects.toThrow(/this machine itself/);
});

test('an image without data cannot be used', async () => {
  const { id } = await call('POST', '/images', { name: 'empty', disk_format: 'raw', container_format: 'bare' });
  await expect(prepare(String(id), null)).rejects.toMatchObject({ code: 'ImageNotActive' });
});
