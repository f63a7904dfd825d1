import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeInstanceFiles } from '#baremetal/instance-files';
import { INTERFACE_KINDS } from '#baremetal/model/interfaces';
import { secretAad } from '#baremetal/model/secrets';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { Secret } from '#kernel/secret';
import { answerRequest } from '#network/metadata/answer';
import { networksThatAsk } from '#network/store/metadata';
import { silentLog } from '#platform/log';
import type { Sealer } from '#store/contract';
import { openSealer } from '#store/seal';
import { openTestStore, type TestStore } from '#store/testing';
import { put, putNetwork, putPort, putSubnet } from './truth.ts';

// Who is told what, over HTTP, from addresses of the loopback that stand for those of a network. How requests come from
// a network to us is in `scenario.test.ts`.

const SECRET = 'known to both';
let db: TestStore;
let dir: string;
let sealer: Sealer;
let nova: Server;
const servers: Server[] = [];
const ports = new Map<string, number>();

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    servers.push(server);
    server.listen(0, '0.0.0.0', () => resolve((server.address() as { port: number }).port));
  });

beforeAll(async () => {
  db = await openTestStore();
  dir = await mkdtemp(join(tmpdir(), 'ingot-metadata-'));
  sealer = await openSealer(db.store, dir, systemClock);
  // Stands in for Nova's metadata service: what it asks of a proxy is what Nova's handler does.
  nova = createServer(({ headers, url }, response) => {
    const id = String(headers['x-instance-id']);
    const signed = createHmac('sha256', SECRET).update(id).digest('hex') === headers['x-instance-id-signature'];
    response.statusCode = signed ? 200 : 403;
    response.end(`${url} of ${id} of ${String(headers['x-tenant-id'])} at ${String(headers['x-forwarded-for'])}`);
  });
  await listening(nova);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(dir, { recursive: true, force: true });
  await db.close();
});

/** A network whose metadata service is asked at a port of this host. */
async function network(): Promise<{ id: string; subnet: string }> {
  const id = await putNetwork(db.store);
  const subnet = await putSubnet(db.store, id, '127.0.0.0/24');
  const { port } = nova.address() as { port: number };
  const parts = {
    store: db.store,
    instances: makeInstanceFiles(db.store, sealer),
    nova: { url: `http://127.0.0.1:${port}`, secret: new Secret(SECRET) },
    log: silentLog,
  };
  ports.set(id, await listening(createServer((asked, response) => void answerRequest(parts, id, asked, response))));
  return { id, subnet };
}

let macs = 0;
const portAt = ({ id, subnet }: { id: string; subnet: string }, ip: string, more: Record<string, unknown> = {}) =>
  putPort(db.store, id, {
    mac: `fa:16:3e:00:00:${(++macs).toString(16).padStart(2, '0')}`,
    ips: [{ subnet, ip }],
    more,
  });

/** A machine whose port is bound. `configdrive`: as it was given with the deploy. */
async function machine(port: string, name: string, configdrive: unknown, more: Record<string, unknown> = {}) {
  const uuid = newUuid();
  const given = configdrive === null ? {} : { configdrive };
  await put(db.store, 'nodes', {
    uuid,
    name,
    driver: 'fake-hardware',
    provision_state: 'active',
    ...Object.fromEntries(INTERFACE_KINDS.map((kind) => [`${kind}_interface`, 'fake'])),
    instance_info_sealed: sealer.seal(given, secretAad(uuid, 'instance_info')),
    ...more,
  });
  await put(db.store, 'net_machines', { id: uuid, fence: 1 });
  await put(db.store, 'net_machine_ports', { port_id: port, machine_id: uuid, place_id: newUuid() });
  return uuid;
}

function ask(on: { id: string }, from: string, path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const where = {
      host: '127.0.0.1',
      port: ports.get(on.id),
      localAddress: from,
      path,
      method,
      headers,
      agent: false,
    };
    const sent = request(where, (reply) => {
      let body = '';
      reply.setEncoding('utf8').on('data', (part: string) => (body += part));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}
const META = '/openstack/latest/meta_data.json';

describe('the metadata service', { timeout: 60_000 }, () => {
  it('tells each its own, where two networks have one address', async () => {
    const [red, blue] = [await network(), await network()];
    const ours = await machine(await portAt(red, '127.0.0.5'), 'red-1', {
      meta_data: { public_keys: { mine: 'ssh-ed25519 AAAA' }, hostname: 'web' },
      user_data: '#cloud-config\n',
    });
    const theirs = await machine(await portAt(blue, '127.0.0.5'), 'blue-1', null);
    expect(JSON.parse((await ask(red, '127.0.0.5', META)).body)).toEqual({
      uuid: ours,
      name: 'red-1',
      hostname: 'web',
      public_keys: { mine: 'ssh-ed25519 AAAA' },
    });
    expect(await ask(red, '127.0.0.5', '/openstack/2018-08-27/user_data')).toEqual({
      status: 200,
      body: '#cloud-config\n',
    });
    expect((await ask(red, '127.0.0.5', '/latest/meta-data/public-keys/0/openssh-key')).body).toBe('ssh-ed25519 AAAA');
    expect(JSON.parse((await ask(blue, '127.0.0.5', META)).body)).toMatchObject({ uuid: theirs, hostname: 'blue-1' });
    expect((await ask(blue, '127.0.0.5', '/openstack/latest/user_data')).status).toBe(404);
    // What a tenant says of himself counts for nothing.
    const forged = { 'x-forwarded-for': '127.0.0.5', 'x-instance-id': ours, 'x-ovn-network-id': red.id };
    await machine(await portAt(blue, '127.0.0.6'), 'blue-2', null);
    expect((await ask(blue, '127.0.0.6', META, forged)).body).toContain('blue-2');
    // Nobody has this address here.
    expect((await ask(blue, '127.0.0.7', META, forged)).status).toBe(404);
    expect((await ask(red, '127.0.0.6', META)).status).toBe(404);
    expect((await ask(red, '127.0.0.5', META, {}, 'POST')).status).toBe(405);
    expect((await ask(red, '127.0.0.5', META, {}, 'HEAD')).body).toBe('');
  });

  it('tells nothing to ramdisks, to machines without an instance, and of drives given ready-made', async () => {
    const one = await network();
    const booting = await machine(await portAt(one, '127.0.0.5'), 'booting', null);
    await db.store.query({
      text: `update net_machine_ports set purpose = 'cleaning' where machine_id = $1`,
      values: [booting],
    });
    await machine(await portAt(one, '127.0.0.6'), 'between', null, { provision_state: 'cleaning' });
    await machine(await portAt(one, '127.0.0.7'), 'given', 'H4sIAAAA');
    expect((await ask(one, '127.0.0.5', META)).status).toBe(404);
    expect((await ask(one, '127.0.0.6', META)).status).toBe(404);
    expect(await ask(one, '127.0.0.7', META)).toEqual({ status: 404, body: expect.stringContaining('config drive') });
  });

  it("asks Nova for what is Nova's, signed, and passes on nothing a tenant wrote but the path", async () => {
    const one = await network();
    const instance = newUuid();
    const other = newUuid();
    await portAt(one, '127.0.0.5', { device_id: instance, device_owner: 'compute:nova', host_id: 'c1' });
    await portAt(one, '127.0.0.6', { device_id: instance, device_owner: 'network:dhcp' });
    const forged = { 'x-forwarded-for': '10.9.9.9', 'x-instance-id': other, 'x-tenant-id': 'theirs' };
    expect(await ask(one, '127.0.0.5', '/latest/meta-data/?x', forged)).toEqual({
      status: 200,
      body: `/latest/meta-data/ of ${instance} of p1 at 127.0.0.5`,
    });
    expect((await ask(one, '127.0.0.6', '/latest/meta-data/')).status).toBe(404);
    expect((await networksThatAsk(db.store, 'c1')).map(({ id }) => id)).toContain(one.id);
    expect((await networksThatAsk(db.store, 'c2')).map(({ id }) => id)).not.toContain(one.id);
  });
});
