import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderOpenrc } from '../../src/identity/index.ts';
import { run } from '../../src/kernel/run.ts';
import { ADMIN_PASSWORD, type ImageCloud, openImageCloud, webServer } from './cloud.ts';

const OPENSTACK = '/usr/bin/openstack';
const DATA = randomBytes(3 * 1024 * 1024);

// Bodies are checked by the assertions on them.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

let cloud: ImageCloud;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  cloud = await openImageCloud({
    limits: { maxSourceBytes: 16 * 1024 ** 2, maxVirtualBytes: 1024 ** 3, maxRatio: 100 },
  });
  tokens['admin'] = await login('admin', 'admin');
  for (const name of ['one', 'two']) await makeProject(name);
}, 120_000);

afterAll(() => cloud.close());

async function login(user: string, project: string): Promise<string> {
  const reply = await fetch(`${cloud.url}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: user, domain: { name: 'Default' }, password: ADMIN_PASSWORD } },
        },
        scope: { project: { name: project, domain: { name: 'Default' } } },
      },
    }),
  });
  return reply.headers.get('x-subject-token') ?? '';
}

async function send(who: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const binary = Buffer.isBuffer(body);
  const reply = await fetch(`${cloud.url}${path}`, {
    method,
    headers: {
      'x-auth-token': tokens[who] ?? '',
      'content-type': binary ? 'application/octet-stream' : 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: binary ? new Uint8Array(body) : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const bytes = Buffer.from(await reply.arrayBuffer());
  const json = (): Json => JSON.parse(bytes.toString('utf8'));
  return { status: reply.status, headers: reply.headers, bytes, json };
}

/** A project with a member of the same name. */
async function makeProject(name: string): Promise<void> {
  const domain = { domain_id: 'default' };
  const v3 = '/identity/v3';
  const project = (await send('admin', 'POST', `${v3}/projects`, { project: { name, ...domain } })).json().project.id;
  const user = (
    await send('admin', 'POST', `${v3}/users`, { user: { name, password: ADMIN_PASSWORD, ...domain } })
  ).json().user.id;
  const { roles } = (await send('admin', 'GET', `${v3}/roles?name=member`)).json();
  await send('admin', 'PUT', `${v3}/projects/${project}/users/${user}/roles/${roles[0].id}`);
  tokens[name] = await login(name, name);
  tokens[`${name}-id`] = project;
}

async function make(who: string, more: Record<string, unknown> = {}): Promise<Json> {
  const reply = await send(who, 'POST', '/image/v2/images', {
    name: 'disk',
    disk_format: 'raw',
    container_format: 'bare',
    ...more,
  });
  expect(reply.status, reply.bytes.toString()).toBe(201);
  return reply.json();
}
const upload = (who: string, id: string, data: Buffer = DATA) => send(who, 'PUT', `/image/v2/images/${id}/file`, data);
const names = async (who: string, query: string) =>
  (await send(who, 'GET', `/image/v2/images${query}`)).json().images.map((one: Json) => one.name);

describe('the Image API', () => {
  it('tells its versions, and what it can do', async () => {
    const root = await send('one', 'GET', '/image/');
    expect(root.status).toBe(300);
    expect(root.json().versions[0]).toMatchObject({ id: 'v2.9', status: 'CURRENT' });
    expect((await send('one', 'GET', '/image/v2/info/import')).json()['import-methods'].value).toContain(
      'web-download',
    );
    expect((await send('nobody', 'GET', '/image/v2/images')).status).toBe(401);
  });

  it('takes bytes and gives them back, whole and in part, with hashes of them', async () => {
    const image = await make('one', { os_distro: 'debian', tags: ['a'] });
    expect(image).toMatchObject({
      status: 'queued',
      visibility: 'shared',
      owner: tokens['one-id'],
      os_distro: 'debian',
      size: null,
    });
    expect((await send('one', 'GET', image.file.replace('/v2', '/image/v2'))).status).toBe(204);
    expect((await upload('one', image.id)).status).toBe(204);
    expect((await upload('one', image.id)).status).toBe(409);
    const shown = (await send('one', 'GET', `/image/v2/images/${image.id}`)).json();
    expect(shown).toMatchObject({
      status: 'active',
      size: DATA.length,
      os_hash_algo: 'sha512',
      virtual_size: DATA.length,
    });
    const whole = await send('one', 'GET', `/image/v2/images/${image.id}/file`);
    expect(whole.bytes.equals(DATA)).toBe(true);
    expect(whole.headers.get('content-md5')).toBe(shown.checksum);
    const part = await send('one', 'GET', `/image/v2/images/${image.id}/file`, undefined, { range: 'bytes=5-9' });
    expect([part.status, part.bytes.equals(DATA.subarray(5, 10))]).toEqual([206, true]);
  });

  it('refuses bytes that are not what they are declared, and stays ready for others', async () => {
    const image = await make('one', { disk_format: 'qcow2' });
    const reply = await upload('one', image.id);
    expect([reply.status, reply.json().message]).toEqual([422, expect.stringContaining('declared qcow2')]);
    expect((await send('one', 'GET', `/image/v2/images/${image.id}`)).json().status).toBe('queued');
    const large = await make('one');
    expect((await upload('one', large.id, Buffer.alloc(17 * 1024 * 1024))).status).toBeGreaterThanOrEqual(413);
    expect((await send('one', 'POST', '/image/v2/images', { disk_format: 'vmdk' })).status).toBe(400);
  });

  it('changes by patch, and keeps what is not a client’s', async () => {
    const { id } = await make('one', { hw_old: 'x' });
    const patch = (operations: unknown) =>
      send('one', 'PATCH', `/image/v2/images/${id}`, operations, {
        'content-type': 'application/openstack-images-v2.1-json-patch',
      });
    const changed = await patch([
      { op: 'replace', path: '/name', value: 'new' },
      { op: 'add', path: '/hw_new', value: 'y' },
      { op: 'remove', path: '/hw_old' },
      { op: 'replace', path: '/tags', value: ['t', 't'] },
    ]);
    expect(changed.json()).toMatchObject({ name: 'new', hw_new: 'y', tags: ['t'] });
    expect(changed.json()).not.toHaveProperty('hw_old');
    for (const path of ['/status', '/owner_specified.x/y', '/size', '/checksum', '/id']) {
      expect((await patch([{ op: 'replace', path, value: 'x' }])).status, path).toBeGreaterThanOrEqual(400);
    }
    expect((await patch([{ op: 'replace', path: '/owner', value: tokens['two-id'] }])).status).toBe(403);
    expect((await patch([{ op: 'replace', path: '/visibility', value: 'public' }])).status).toBe(403);
    await patch([{ op: 'replace', path: '/protected', value: true }]);
    expect((await send('one', 'DELETE', `/image/v2/images/${id}`)).status).toBe(403);
  });

  it('shows each project its own, what is shared with it, and what is public', async () => {
    const shared = await make('one', { name: 'shared-one' });
    await make('one', { name: 'private-one', visibility: 'private' });
    const open = await make('one', { name: 'community-one', visibility: 'community' });
    await make('admin', { name: 'public-one', visibility: 'public' });
    expect(await names('two', '?name=shared-one')).toEqual([]);
    expect(await names('two', '?limit=100')).toEqual(['public-one']);
    expect((await send('two', 'GET', `/image/v2/images/${shared.id}`)).status).toBe(404);
    expect((await send('two', 'GET', `/image/v2/images/${open.id}`)).status).toBe(200);
    expect(await names('two', '?visibility=community')).toEqual(['community-one']);
    const members = `/image/v2/images/${shared.id}/members`;
    expect((await send('one', 'POST', members, { member: tokens['two-id'] })).json()).toMatchObject({
      status: 'pending',
    });
    expect((await send('two', 'GET', `/image/v2/images/${shared.id}`)).status).toBe(200);
    expect(await names('two', '?name=shared-one')).toEqual([]);
    expect((await send('one', 'PUT', `${members}/${tokens['two-id']}`, { status: 'accepted' })).status).toBe(403);
    expect((await send('two', 'PUT', `${members}/${tokens['two-id']}`, { status: 'accepted' })).status).toBe(200);
    expect(await names('two', '?name=shared-one')).toEqual(['shared-one']);
    expect((await send('two', 'DELETE', `/image/v2/images/${shared.id}`)).status).toBe(403);
    expect((await send('two', 'PATCH', `/image/v2/images/${shared.id}`, [])).status).toBe(403);
    expect((await send('one', 'DELETE', `${members}/${tokens['two-id']}`)).status).toBe(204);
    expect((await send('two', 'GET', `/image/v2/images/${shared.id}`)).status).toBe(404);
  });

  it('pages, sorts and filters', async () => {
    for (const at of [1, 2, 3, 4, 5])
      await make('two', {
        name: `page-${at}`,
        kind: at % 2 === 0 ? 'even' : 'odd',
        min_disk: at,
        tags: [`t${at}`, 'all'],
      });
    const seen: string[] = [];
    let next = '/v2/images?limit=2&sort=name:asc&tag=all';
    for (let page = 0; page < 10 && next !== undefined; page++) {
      const body: Json = (await send('two', 'GET', `/image${next}`)).json();
      seen.push(...body.images.map((one: Json) => one.name));
      next = body.next;
    }
    expect(seen).toEqual(['page-1', 'page-2', 'page-3', 'page-4', 'page-5']);
    expect(await names('two', '?kind=even&sort_key=name&sort_dir=asc')).toEqual(['page-2', 'page-4']);
    expect(await names('two', '?name=in:page-1,page-3&sort=min_disk:desc')).toEqual(['page-3', 'page-1']);
    expect(await names('two', '?tag=t5&created_at=gt:2020-01-01T00:00:00Z')).toEqual(['page-5']);
    for (const bad of ['?sort=secret', '?limit=x', '?marker=no', '?created_at=gt:never']) {
      expect((await send('two', 'GET', `/image/v2/images${bad}`)).status, bad).toBe(400);
    }
    expect((await send('two', 'GET', "/image/v2/images?x'--=1&name=%27")).status).toBe(200);
  });

  it('imports from a URL, and says why it could not', async () => {
    const web = await webServer((_request, response) => response.end(DATA));
    const waited = async (id: string): Promise<Json> => {
      for (let tries = 0; tries < 300; tries++) {
        const shown = (await send('one', 'GET', `/image/v2/images/${id}`)).json();
        if (shown.status === 'active' || shown.ingot_import_error !== undefined) return shown;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error('the import did not end');
    };
    const begin = (id: string, uri: string) =>
      send('one', 'POST', `/image/v2/images/${id}/import`, { method: { name: 'web-download', uri } });
    const good = await make('one');
    expect((await begin(good.id, `${web.url}/disk`)).status).toBe(202);
    expect(await waited(good.id)).toMatchObject({ status: 'active', size: DATA.length });
    const bad = await make('one');
    await begin(bad.id, 'http://169.254.169.254/latest/');
    expect(await waited(bad.id)).toMatchObject({
      status: 'queued',
      ingot_import_error: expect.stringContaining('metadata'),
    });
    const staged = await make('one');
    expect((await send('one', 'PUT', `/image/v2/images/${staged.id}/stage`, DATA)).status).toBe(204);
    await send('one', 'POST', `/image/v2/images/${staged.id}/import`, { method: { name: 'glance-direct' } });
    expect(await waited(staged.id)).toMatchObject({ status: 'active', size: DATA.length });
    await web.close();
    const signal = AbortSignal.timeout(60_000);
    const node = '22222222-2222-4222-8222-222222222222';
    const owner = tokens['one-id'] ?? null;
    const prepared = await cloud.image.service.prepare(
      { source: `glance://${good.id}`, projectId: owner },
      { nodeUuid: node, signal },
    );
    expect(prepared.virtualBytes).toBe(DATA.length);
    const privately = await make('one', { visibility: 'private' });
    await upload('one', privately.id);
    const foreign = cloud.image.service.prepare(
      { source: privately.id, projectId: tokens['two-id'] ?? null },
      { nodeUuid: node, signal },
    );
    await expect(foreign).rejects.toMatchObject({ code: 'ImageAbsent' });
  });
});

describe("Debian's openstack client", () => {
  it('creates, lists, shows, sets, saves and deletes', async (context) => {
    context.skip(!existsSync(OPENSTACK), 'python3-openstackclient is not installed');
    const openrc = join(cloud.dataDir, 'openrc');
    const facts = {
      authUrl: `${cloud.url}/identity/v3`,
      userName: 'one',
      password: ADMIN_PASSWORD,
      userDomainName: 'Default',
      projectName: 'one',
      region: 'RegionOne',
    };
    await writeFile(openrc, renderOpenrc(facts));
    await writeFile(join(cloud.dataDir, 'in.raw'), DATA);
    const script = `. "$0"; exec ${OPENSTACK} "$@"`;
    const openstack = async (...args: string[]) =>
      (await run('/bin/sh', ['-c', script, openrc, ...args], { timeoutMs: 240_000, cwd: cloud.dataDir })).stdout;
    const json = async (...args: string[]): Promise<Json> => JSON.parse(await openstack(...args, '-f', 'json'));
    const made = await json(
      'image',
      'create',
      'by-client',
      '--file',
      'in.raw',
      '--disk-format',
      'raw',
      '--property',
      'os=debian',
    );
    expect(made).toMatchObject({ name: 'by-client' });
    expect(await json('image', 'show', 'by-client')).toMatchObject({ status: 'active', size: DATA.length });
    expect((await json('image', 'list')).map((one: Json) => one.Name)).toContain('by-client');
    await openstack('image', 'set', '--name', 'renamed', '--tag', 'x', '--property', 'colour=red', 'by-client');
    expect(await json('image', 'show', 'renamed')).toMatchObject({
      tags: ['x'],
      properties: { colour: 'red', os: 'debian' },
    });
    await openstack('image', 'save', '--file', 'out.raw', 'renamed');
    expect((await readFile(join(cloud.dataDir, 'out.raw'))).equals(DATA)).toBe(true);
    await openstack('image', 'delete', 'renamed');
    expect((await json('image', 'list')).map((one: Json) => one.Name)).not.toContain('renamed');
  }, 400_000);
});
