import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scratch, ready } from '../../house/ingot.ts';

// What an inspection makes of a machine, through the API: properties, traits, the operator's rules, allocations.

const place = scratch();
let running: Awaited<ReturnType<typeof ready>>;

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const reply = await fetch(`${running.url}/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.115' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await reply.text();
  return { status: reply.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

async function go(node: string, target: string, reached: string): Promise<Record<string, unknown>> {
  expect((await call('PUT', `/nodes/${node}/states/provision`, { target })).status).toBe(202);
  await expect
    .poll(async () => (await call('GET', `/nodes/${node}`)).body['provision_state'], { timeout: 30_000, interval: 50 })
    .toBe(reached);
  return (await call('GET', `/nodes/${node}`)).body;
}

beforeAll(async () => {
  const dataDir = join(place.path, 'data');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(place.path, 'ingot.toml');
  writeFileSync(file, '[conductor]\nrule_call_networks = ["127.0.0.1/32"]\n');
  running = await ready(dataDir, { env: { INGOT_CONFIG: file }, deadlineMs: 240_000 });
});
afterAll(async () => {
  await running.stop();
  place[Symbol.dispose]();
});

test('an inspected machine can be asked for by what is in it, and by what rules make of it', async () => {
  const rule = await call('POST', '/inspection_rules', {
    description: 'large machines',
    conditions: [{ op: 'ge', args: { values: ['{inventory[cpu][count]}', 8] } }],
    actions: [
      { op: 'add-trait', args: { name: 'CUSTOM_LARGE' } },
      { op: 'set-attribute', args: { path: '/extra/cores', value: '{inventory[cpu][count]}' } },
      { op: 'set-attribute', args: { path: '/driver_info/note', value: 'seen' } },
      { op: 'set-capability', args: { name: 'tier', value: 'gold' } },
      { op: 'set-port-attribute', args: { port_id: '{ports[0][uuid]}', path: 'physical_network', value: 'physnet1' } },
    ],
  });
  expect(rule.status).toBe(201);
  await call('POST', '/nodes', {
    name: 'n1',
    driver: 'fake-hardware',
    resource_class: 'x',
    driver_info: { a_password: 'hunter2' },
  });
  await go('n1', 'manage', 'manageable');
  const node = await go('n1', 'inspect', 'manageable');
  expect(node['traits']).toEqual(
    expect.arrayContaining([
      'CUSTOM_LARGE',
      expect.stringMatching(/^CUSTOM_CPU_\d+$/),
      expect.stringMatching(/^CUSTOM_DISK_/),
    ]),
  );
  const { cpus, capabilities } = node['properties'] as Record<string, string>;
  expect(Number((node['extra'] as Record<string, unknown>)['cores'])).toBe(Number(cpus));
  expect(capabilities).toContain('tier:gold');
  // The password stays what it was, masked.
  expect(node['driver_info']).toEqual({ a_password: '******', note: 'seen' });
  const ports = (await call('GET', `/ports?node=n1&detail=true`)).body['ports'] as Record<string, unknown>[];
  expect(ports[0]?.['physical_network']).toBe('physnet1');
  expect((await call('GET', '/nodes/n1/inventory')).body['inventory']).toHaveProperty('cpu');

  await go('n1', 'provide', 'available');
  await call('POST', '/allocations', {
    name: 'a1',
    resource_class: 'x',
    traits: ['CUSTOM_LARGE', `CUSTOM_CPU_${cpus}`],
  });
  await expect
    .poll(async () => (await call('GET', '/allocations/a1')).body, { timeout: 15_000, interval: 50 })
    .toMatchObject({ state: 'active', node_uuid: node['uuid'] });
  await call('DELETE', '/allocations/a1');
  expect((await call('DELETE', `/inspection_rules/${rule.body['uuid'] as string}`)).status).toBe(204);
}, 60_000);

test('machines are asked for by drives, speed of network cards, InfiniBand and RoCE', async () => {
  const disk = { name: '/dev/nvme0n1', size: 3.84e12, rotational: false, tran: 'nvme' };
  const machines = {
    ib: { mac_address: '52:54:00:0a:00:01', name: 'ib0', link_layer: 'InfiniBand', speed_mbps: 200_000 },
    roce: { mac_address: '52:54:00:0a:00:02', name: 'eth0', rdma: true, speed_mbps: 100_000 },
  };
  const uuids: Record<string, unknown> = {};
  for (const [name, nic] of Object.entries(machines)) {
    await call('POST', '/nodes', { name, driver: 'fake-hardware', resource_class: 'hpc' });
    await go(name, 'manage', 'manageable');
    await go(name, 'inspect', 'manageable');
    // What a ramdisk on such a machine would have told, by inspector's door for data of somebody's own.
    const data = `${running.url}/introspection/v1/introspection/${name}/data/unprocessed`;
    const { inventory, ...more } = (await (await fetch(data)).json()) as { inventory: object };
    const told = { ...more, inventory: { ...inventory, disks: [disk], interfaces: [nic] } };
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(data, { method: 'POST', headers, body: JSON.stringify(told) })).status).toBe(202);
    await expect
      .poll(async () => (await call('GET', `/nodes/${name}`)).body, { timeout: 20_000, interval: 50 })
      .toMatchObject({ reservation: null, traits: expect.arrayContaining(['CUSTOM_DISK_NVME_3840G']) });
    uuids[name] = (await go(name, 'provide', 'available'))['uuid'];
  }
  const asked = async (name: string, traits: string[]) => {
    expect((await call('POST', '/allocations', { name, resource_class: 'hpc', traits })).status).toBe(201);
    const settled = async () => (await call('GET', `/allocations/${name}`)).body;
    await expect.poll(async () => (await settled())['state'], { timeout: 15_000, interval: 50 }).not.toBe('allocating');
    return await settled();
  };
  const nvme = 'CUSTOM_DISK_NVME_3840G';
  expect(await asked('fast', ['CUSTOM_NIC_400G'])).toMatchObject({ state: 'error' });
  expect(await asked('ib', ['CUSTOM_NIC_INFINIBAND', 'CUSTOM_NIC_200G', nvme])).toMatchObject({
    node_uuid: uuids['ib'],
  });
  expect(await asked('roce', ['CUSTOM_NIC_ROCE', 'CUSTOM_NIC_100G', nvme])).toMatchObject({ node_uuid: uuids['roce'] });
}, 90_000);

test('a rule that says no ends the inspection with its words; a sensitive one is shown to nobody', async () => {
  const rule = await call('POST', '/inspection_rules', {
    sensitive: true,
    conditions: [{ op: 'eq', args: { values: ['{node.name}', 'n2'] } }],
    actions: [{ op: 'fail', args: { msg: 'this one is not ours' } }],
  });
  expect(rule.body).toMatchObject({ sensitive: true, conditions: null, actions: null });
  await call('POST', '/nodes', { name: 'n2', driver: 'fake-hardware' });
  await go('n2', 'manage', 'manageable');
  const node = await go('n2', 'inspect', 'inspect failed');
  expect(node['last_error']).toContain('this one is not ours');
  const patched = await call('PATCH', `/inspection_rules/${rule.body['uuid'] as string}`, [
    { op: 'replace', path: '/sensitive', value: false },
  ]);
  expect(patched.status).toBe(400);
}, 60_000);

test('edits that were taken while a machine was inspected stay, and so do the findings', async () => {
  await call('POST', '/nodes', { name: 'edited', driver: 'fake-hardware' });
  await go('edited', 'manage', 'manageable');
  const taken: string[] = [];
  let going = true;
  const edit = async (who: string) => {
    for (let i = 0; going; i++) {
      const path = `/properties/${who}${i}`;
      const { status } = await call('PATCH', '/nodes/edited', [{ op: 'add', path, value: i }]);
      expect([200, 409]).toContain(status);
      if (status === 200) taken.push(`${who}${i}`);
    }
  };
  const editing = Promise.all([edit('a'), edit('b')]);
  for (let round = 0; round < 3; round++) await go('edited', 'inspect', 'manageable');
  going = false;
  await editing;
  const { properties } = (await call('GET', '/nodes/edited')).body as { properties: Record<string, unknown> };
  expect(taken.length).toBeGreaterThan(0);
  expect(Object.keys(properties)).toEqual(expect.arrayContaining([...taken, 'cpus', 'memory_mb']));
}, 120_000);

test('a rule calls an address, again while that may help, and fails the inspection when it does not', async () => {
  const seen: { url: string; note: string }[] = [];
  const server = createServer((request, reply) => {
    seen.push({ url: request.url ?? '', note: String(request.headers['x-note'] ?? '') });
    // The first time it is busy; one place refuses for good.
    reply.statusCode = request.url === '/no' ? 403 : seen.length === 1 ? 503 : 204;
    reply.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rule = (node: string, url: string, more: object = {}) =>
    call('POST', '/inspection_rules', {
      conditions: [{ op: 'eq', args: { values: ['{node.name}', node] } }],
      actions: [
        { op: 'set-attribute', args: { path: '/extra/seen', value: 'yes' } },
        { op: 'api-call', args: { url, ...more } },
      ],
    });
  try {
    const made = await rule('caller', `${base}/found/{node.name}?cores={inventory[cpu][count]}`, {
      headers: { 'X-Note': 'of {node.name}' },
      timeout: 30,
      backoff_factor: 0.01,
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    expect((await rule('refused', `${base}/no`, { timeout: 30 })).status).toBe(201);
    // Link-local: metadata of clouds lives there.
    expect((await rule('guarded', 'http://169.254.169.254/latest', { retries: 0 })).status).toBe(201);
    expect((await rule('x', 'http://x/', { proxies: { http: 'http://x' } })).status).toBe(400);
    for (const name of ['caller', 'refused', 'guarded']) {
      await call('POST', '/nodes', { name, driver: 'fake-hardware' });
      await go(name, 'manage', 'manageable');
    }
    expect((await go('caller', 'inspect', 'manageable'))['extra']).toEqual({ seen: 'yes' });
    const path = expect.stringMatching(/^\/found\/caller\?cores=\d+$/) as string;
    expect(seen).toEqual([
      { url: path, note: 'of caller' },
      { url: path, note: 'of caller' },
    ]);
    const refused = await go('refused', 'inspect', 'inspect failed');
    expect(refused['last_error']).toMatch(/api-call to 127\.0\.0\.1:\d+: it answered 403/);
    expect(seen.filter(({ url }) => url === '/no')).toHaveLength(1);
    const guarded = await go('guarded', 'inspect', 'inspect failed');
    expect(guarded['last_error']).toContain('169.254.169.254 is not fetched from');
  } finally {
    server.close();
  }
}, 240_000);
