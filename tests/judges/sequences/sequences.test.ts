import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { scratch, ready } from '../../house/ingot.ts';
import { client, isAgain } from '../crash-cases/cloud.ts';

// What Metal3's operator and Terraform's provider for Ironic send, request by request, with what each of them needs of
// the answer. Neither program can be had here: the order and the bodies were written down from reading them.

const place = scratch();
let running: Awaited<ReturnType<typeof ready>>;
let api: ReturnType<typeof client>;

beforeAll(async () => {
  running = await ready(join(place.path, 'data'), { deadlineMs: 300_000 });
  api = client(running.url);
}, 120_000);
afterAll(async () => {
  await running.stop();
  place[Symbol.dispose]();
});
beforeEach(async (context) => {
  if (isAgain(context)) await api.clear();
}, 120_000);

const set = (path: string, value: unknown, op = 'add') => ({ op, path, value });

test('baremetal-operator takes a host from registration to deletion', async () => {
  /** As the operator asks: one version for everything, its own minimum or newer. */
  const ask = (method: string, path: string, body?: unknown, version = '1.95') => api.ask(method, path, body, version);
  const want = async (status: number, method: string, path: string, body?: unknown) => {
    const got = await ask(method, path, body);
    expect([got.status, got.status === status ? '' : got.text], `${method} ${path}`).toEqual([status, '']);
    return got.body;
  };

  // Which versions are there? It reads `version` of the document at its endpoint.
  const { version } = (await want(200, 'GET', '/v1/')) as { version: { version: string; min_version: string } };
  expect([version.min_version, Number(version.version.split('.')[1]) >= 89]).toEqual(['1.1', true]);
  // Is there a driver, and is a conductor alive?
  expect((await want(200, 'GET', '/v1/drivers'))['drivers']).not.toEqual([]);

  // Is the host known, by id, by both forms of its name, by the MAC address of its port?
  expect((await ask('GET', '/v1/nodes/7b5f7c2b-8f6a-4d0f-9df3-3f3c7a2d9c11')).status).toBe(404);
  expect((await ask('GET', '/v1/nodes/metal3~host-0')).status).toBe(404);
  expect((await ask('GET', '/v1/nodes/host-0')).status).toBe(404);
  const mac = '00:5c:52:31:3a:9c';
  expect((await want(200, 'GET', `/v1/ports?address=${mac}&fields=node_uuid,uuid,address`))['ports']).toEqual([]);

  // Registration: the name holds the namespace, before a tilde.
  const node = await want(201, 'POST', '/v1/nodes', {
    name: 'metal3~host-0',
    driver: 'fake-hardware',
    boot_interface: 'fake',
    deploy_interface: 'fake',
    inspect_interface: 'fake',
    driver_info: {
      fake_address: 'https://192.168.122.1:8000',
      fake_password: 'secret',
      deploy_iso: 'http://x/ipa.iso',
    },
    properties: { capabilities: 'boot_mode:uefi', cpu_arch: 'x86_64' },
    disable_power_off: false,
  });
  expect(node['provision_state']).toBe('enroll');
  const path = `/v1/nodes/${String(node['uuid'])}`;
  // Its ports: none on the node, none with the address anywhere; then it is made, and found by its node.
  const ports = async () =>
    (await want(200, 'GET', `/v1/ports?fields=node_uuid,uuid,address&node_uuid=${String(node['uuid'])}`))['ports'];
  expect(await ports()).toEqual([]);
  await want(201, 'POST', '/v1/ports', { node_uuid: node['uuid'], address: mac, pxe_enabled: true });
  expect(await ports()).toEqual([
    { node_uuid: node['uuid'], uuid: expect.any(String), address: mac, links: expect.anything() },
  ]);
  // A host of the same address elsewhere is a conflict it tells apart.
  expect((await ask('POST', '/v1/ports', { node_uuid: node['uuid'], address: mac })).status).toBe(409);

  const provision = async (target: string, reached: string, more: object = {}) => {
    await want(202, 'PUT', `${path}/states/provision`, { target, ...more });
    await api.reach(String(node['uuid']), reached);
  };
  await provision('manage', 'manageable');
  // What belongs to no phase: the ramdisk, cleaning, capabilities. Each key by itself, `add` for new and old alike.
  await want(200, 'PATCH', path, [
    set('/driver_info/deploy_kernel', 'http://x/ipa.kernel'),
    set('/driver_info/deploy_ramdisk', 'http://x/ipa.initramfs'),
    { op: 'remove', path: '/driver_info/deploy_iso' },
    set('/automated_clean', true),
    set('/properties/capabilities', 'boot_mode:uefi'),
  ]);
  // Is there room for one more? Fields in one text, as it writes them.
  const busy = await want(200, 'GET', '/v1/nodes?fields=uuid,name,provision_state,boot_interface');
  expect(busy['nodes']).toMatchObject([{ name: 'metal3~host-0', boot_interface: 'fake' }]);
  // One PATCH carries the whole of an instance; values may be numbers, lists and objects.
  await want(200, 'PATCH', path, [
    set('/instance_uuid', '5d1ee5a4-9b71-4c92-9a35-4b7d0b0c3a4f'),
    set('/instance_info/image_source', 'http://image.example/disk.qcow2'),
    set('/instance_info/image_os_hash_algo', 'sha256'),
    set('/instance_info/image_os_hash_value', 'a'.repeat(64)),
    set('/instance_info/image_disk_format', 'qcow2'),
    set('/instance_info/capabilities', { boot_mode: 'uefi' }),
    set('/instance_info/root_device', { name: 's== /dev/sda' }),
    set('/driver_info/force_persistent_boot_device', 'Default'),
  ]);
  // `remove` of what it set before must work, and of what is not there must fail with 400, not 500.
  await want(200, 'PATCH', path, [{ op: 'remove', path: '/driver_info/force_persistent_boot_device' }]);
  expect((await ask('PATCH', path, [{ op: 'remove', path: '/driver_info/nothing' }])).status).toBe(400);

  const validated = (await want(200, 'GET', `${path}/validate`)) as Record<string, { result: boolean }>;
  expect([validated['boot']?.result, validated['deploy']?.result]).toEqual([true, true]);
  await provision('inspect', 'manageable');
  const { inventory } = (await want(200, 'GET', `${path}/inventory`)) as { inventory: Record<string, unknown> };
  expect(Object.keys(inventory)).toEqual(expect.arrayContaining(['interfaces', 'disks', 'cpu', 'memory']));

  // Preparation: RAID wish, manual cleaning, BIOS and firmware as found.
  await want(204, 'PUT', `${path}/states/raid`, { logical_disks: [{ size_gb: 10, raid_level: '1' }] });
  await provision('clean', 'manageable', {
    clean_steps: [
      { interface: 'raid', step: 'delete_configuration' },
      { interface: 'raid', step: 'create_configuration' },
    ],
  });
  await want(200, 'GET', `${path}/bios?detail=True`);
  await want(200, 'GET', `${path}/firmware`);

  await provision('provide', 'available');
  await provision('active', 'active', {
    configdrive: { meta_data: { 'local-hostname': 'host-0' }, network_data: {}, user_data: '#cloud-config\n' },
  });
  // Power: what is on is switched off softly, with a time limit, and on again.
  await want(202, 'PUT', `${path}/states/power`, { target: 'soft power off', timeout: 180 });
  const power = async () => (await want(200, 'GET', path))['power_state'];
  await expect.poll(power, { timeout: 60_000, interval: 50 }).toBe('power off');
  await want(202, 'PUT', `${path}/states/power`, { target: 'power on' });
  await expect.poll(power, { timeout: 60_000, interval: 50 }).toBe('power on');
  // Data images.
  const image = { device_type: 'cdrom', image_url: 'http://image.example/data.iso' };
  await want(204, 'POST', `${path}/vmedia`, image);
  await want(200, 'GET', `${path}/vmedia`);
  await want(204, 'DELETE', `${path}/vmedia?device_types=cdrom`);

  // Deprovisioning. Then, of what is available, an instance that is still written there is taken away, and the node
  // deleted as it is; detaching a host that is in use sets maintenance first.
  await provision('deleted', 'available');
  await want(200, 'PATCH', path, [set('/instance_uuid', '5d1ee5a4-9b71-4c92-9a35-4b7d0b0c3a4f')]);
  await want(200, 'PATCH', path, [{ op: 'remove', path: '/instance_uuid' }]);
  await want(204, 'DELETE', path);
  expect((await ask('GET', path)).status).toBe(404);
  expect((await want(200, 'GET', `/v1/ports?address=${mac}`))['ports']).toEqual([]);

  const used = await want(201, 'POST', '/v1/nodes', { name: 'metal3~host-1', driver: 'fake-hardware' });
  const other = `/v1/nodes/${String(used['uuid'])}`;
  for (const [target, reached] of [
    ['manage', 'manageable'],
    ['adopt', 'active'],
  ] as const) {
    await want(202, 'PUT', `${other}/states/provision`, { target });
    await api.reach(String(used['uuid']), reached);
  }
  await want(202, 'PUT', `${other}/maintenance`, { reason: 'forcing deletion in baremetal-operator' });
  await want(204, 'DELETE', other);
}, 240_000);

test('baremetal-operator starts up, inspects, aborts an inspection, and deletes by force', async () => {
  // It reads the versions, and speaks the newest it knows: 1.110.
  const ask = (method: string, path: string, body?: unknown) => api.ask(method, path, body, '1.110');
  const want = async (status: number, method: string, path: string, body?: unknown) => {
    const got = await ask(method, path, body);
    expect([got.status, got.status === status ? '' : got.text], `${method} ${path}`).toEqual([status, '']);
    return got.body;
  };
  const { version } = (await want(200, 'GET', '/v1/')) as { version: { version: string } };
  expect(Number(version.version.split('.')[1])).toBeGreaterThanOrEqual(110);
  expect((await want(200, 'GET', '/v1/drivers?detail=false'))['drivers']).not.toEqual([]);

  const made = await want(201, 'POST', '/v1/nodes', {
    name: 'metal3~host-2',
    driver: 'fake-hardware',
    driver_info: { fake_delay_s: { inspect: 1_000, deploy: 1_000 } },
    disable_power_off: true,
  });
  const path = `/v1/nodes/${String(made['uuid'])}`;
  const node = async () => await want(200, 'GET', path);
  const state = async (reached: string) =>
    await expect.poll(async () => (await node())['provision_state'], { timeout: 60_000, interval: 50 }).toBe(reached);
  // It comes back to a node that is locked (409), which one is whose work has just been aborted.
  const provision = async (target: string, reached: string) => {
    const put = async () => (await ask('PUT', `${path}/states/provision`, { target })).status;
    await expect.poll(put, { timeout: 60_000, interval: 50 }).toBe(202);
    await state(reached);
  };
  expect(await node()).toMatchObject({ disable_power_off: true, health: null });
  await want(200, 'PATCH', path, [set('/disable_power_off', false)]);
  await provision('manage', 'manageable');
  // Nothing is known of it yet: that is how it sees that it must inspect.
  await want(404, 'GET', `${path}/inventory`);
  const start = [
    set('/properties/capabilities', 'boot_mode:uefi'),
    set('/properties/cpu_arch', 'x86_64'),
    set('/inspect_interface', 'fake'),
  ];
  await want(200, 'PATCH', path, start);
  await provision('inspect', 'inspect wait');
  // Another preprovisioning image: the inspection is aborted, which its text must say, and started again.
  await provision('abort', 'inspect failed');
  const aborted = await node();
  expect(aborted['last_error']).toContain('aborted');
  // While a target is left it must become manageable first, or no power may be changed.
  if (aborted['target_provision_state'] !== null) await provision('manage', 'manageable');
  await want(200, 'PATCH', path, [...start, set('/driver_info/fake_delay_s', { deploy: 1_000 })]);
  await want(202, 'PUT', `${path}/states/provision`, { target: 'inspect' });
  await api.reach(String(made['uuid']), 'manageable');
  await want(200, 'GET', `${path}/inventory`);
  await provision('provide', 'available');
  // Deleted by force in the middle of a deploy: aborted, then in maintenance, then gone.
  await want(200, 'PATCH', path, [set('/instance_info/image_source', 'http://image.example/disk.qcow2')]);
  await provision('active', 'wait call-back');
  await want(202, 'PUT', `${path}/states/provision`, { target: 'abort' });
  await state('deploy failed');
  // A node that is locked is come back to.
  await expect.poll(async () => (await node())['reservation'], { timeout: 60_000 }).toBeNull();
  await want(202, 'PUT', `${path}/maintenance`, { reason: 'forcing deletion in baremetal-operator' });
  await want(204, 'DELETE', path);
}, 240_000);

test("terraform's provider changes a node, field by field, and reads an introspection", async () => {
  const old = async (status: number, method: string, path: string, body?: unknown) => {
    const got = await api.ask(method, path, body, '1.52');
    expect([got.status, got.status === status ? '' : got.text], `${method} ${path}`).toEqual([status, '']);
    return got.body;
  };
  // It waits until both APIs answer, at their addresses without a slash.
  await old(200, 'GET', '/v1');
  await old(200, 'GET', '/introspection/v1');
  const made = await old(201, 'POST', '/v1/nodes', { name: 'tf-2', driver: 'fake-hardware', properties: { a: '1' } });
  const uuid = String(made['uuid']);
  const path = `/v1/nodes/${uuid}`;
  const replaced = {
    boot_interface: 'fake',
    conductor_group: '',
    console_interface: 'no-console',
    deploy_interface: 'fake',
    driver: 'fake-hardware',
    inspect_interface: 'fake',
    management_interface: 'fake',
    name: 'tf-2-renamed',
    network_interface: 'noop',
    owner: 'somebody',
    power_interface: 'fake',
    raid_interface: 'no-raid',
    rescue_interface: 'no-rescue',
    resource_class: 'tf2',
    storage_interface: 'noop',
    vendor_interface: 'no-vendor',
  };
  for (const [field, value] of Object.entries(replaced)) {
    await old(200, 'PATCH', path, [set(`/${field}`, value, 'replace')]);
  }
  expect(await old(200, 'GET', path)).toMatchObject(replaced);
  for (const target of ['manage', 'inspect', 'provide']) {
    await old(202, 'PUT', `${path}/states/provision`, { target });
    await api.reach(uuid, target === 'provide' ? 'available' : 'manageable');
  }
  // Power without a time limit, until no target is left; then the properties as a whole.
  await old(202, 'PUT', `${path}/states/power`, { target: 'power on' });
  await expect
    .poll(async () => await old(200, 'GET', path), { timeout: 60_000 })
    .toMatchObject({ power_state: 'power on', target_power_state: null });
  const properties = { a: '2', root_device: { name: '/dev/sda' } };
  expect(await old(200, 'PATCH', path, [set('/properties', properties)])).toMatchObject({ properties });
  // Its data source takes times without a zone, and of the data what inspector's hooks made.
  const status = await old(200, 'GET', `/introspection/v1/introspection/${uuid}`);
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  expect(status).toMatchObject({ finished: true, state: 'finished', error: null, started_at: time, finished_at: time });
  expect(await old(200, 'GET', `/introspection/v1/introspection/${uuid}/data`)).toMatchObject({
    all_interfaces: { eth0: { mac: expect.any(String) } },
    cpu_arch: 'x86_64',
    cpus: 16,
    memory_mb: 65_536,
  });
  await old(204, 'DELETE', path);
}, 240_000);

test("terraform's provider makes nodes, allocates one, deploys and destroys", async () => {
  const old = (method: string, path: string, body?: unknown) => api.ask(method, path, body, '1.52');
  const node = await old('POST', '/v1/nodes', {
    name: 'tf-node',
    driver: 'fake-hardware',
    resource_class: 'tf',
    driver_info: { fake_password: 'x' },
    properties: { local_gb: 50, cpu_arch: 'x86_64' },
  });
  expect(node.status, node.text).toBe(201);
  const uuid = String(node.body['uuid']);
  const path = `/v1/nodes/${uuid}`;
  expect(
    (await old('POST', '/v1/ports', { node_uuid: uuid, address: '00:bb:4a:d0:5e:38', pxe_enabled: true })).status,
  ).toBe(201);
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['clean', 'manageable'],
    ['inspect', 'manageable'],
    ['provide', 'available'],
  ] as const) {
    // The workflow reads the node before and after each step, and cleans with the steps of its RAID wish.
    if (target === 'clean') {
      const raid = { logical_disks: [{ size_gb: 20, raid_level: '1', is_root_volume: true }] };
      expect((await old('PUT', `${path}/states/raid`, raid)).status).toBe(204);
    }
    expect((await old('GET', path)).status).toBe(200);
    const asked = await old(
      'PUT',
      `${path}/states/provision`,
      target === 'clean'
        ? {
            target,
            clean_steps: [
              { interface: 'raid', step: 'delete_configuration' },
              { interface: 'raid', step: 'create_configuration' },
            ],
          }
        : { target },
    );
    expect([target, asked.status], asked.text).toEqual([target, 202]);
    await api.reach(uuid, state);
  }
  expect((await old('PUT', `${path}/states/power`, { target: 'power off', timeout: 300 })).status).toBe(202);
  await expect.poll(async () => (await old('GET', path)).body['power_state'], { timeout: 60_000 }).toBe('power off');

  const made = await old('POST', '/v1/allocations', { name: 'tf-a', resource_class: 'tf', candidate_nodes: [uuid] });
  expect(made.status, made.text).toBe(201);
  const allocation = async () => (await old('GET', `/v1/allocations/${String(made.body['uuid'])}`)).body;
  await expect.poll(async () => (await allocation())['state'], { timeout: 30_000 }).toBe('active');
  expect((await allocation())['node_uuid']).toBe(uuid);

  // It writes the whole of instance_info, retrying while somebody holds the node.
  const info = {
    image_source: 'http://172.22.0.1/images/x.qcow2',
    image_checksum: 'http://172.22.0.1/images/x.md5sum',
    root_gb: 25,
  };
  expect((await old('PATCH', path, [set('/instance_info', info)])).status).toBe(200);
  expect((await old('PATCH', path, [set('/instance_info/capabilities', { secure_boot: 'true' })])).status).toBe(200);
  // Below 1.56, its default, it builds the ISO itself and sends it gzipped, in base64; from 1.56 on it sends the parts.
  const configdrive = gzipSync('an ISO 9660 image').toString('base64');
  const active = await old('PUT', `${path}/states/provision`, { target: 'active', configdrive });
  expect(active.status, active.text).toBe(202);
  await api.reach(uuid, 'active');
  expect((await old('PUT', `${path}/states/provision`, { target: 'deleted' })).status).toBe(202);
  await api.reach(uuid, 'available');
  const again = await api.ask(
    'PUT',
    `${path}/states/provision`,
    { target: 'active', configdrive: { user_data: 'x', network_data: {}, meta_data: {} } },
    '1.56',
  );
  expect(again.status, again.text).toBe(202);
  await api.reach(uuid, 'active');
  expect((await old('PUT', `${path}/states/provision`, { target: 'deleted' })).status).toBe(202);
  await api.reach(uuid, 'available');
  // Destroying what went away by itself is no error to it: it looks first, and 404 it knows.
  expect([200, 404]).toContain((await old('GET', `/v1/allocations/${String(made.body['uuid'])}`)).status);
  expect([204, 404]).toContain((await old('DELETE', `/v1/allocations/${String(made.body['uuid'])}`)).status);
  expect((await old('DELETE', path)).status).toBe(204);
}, 240_000);
