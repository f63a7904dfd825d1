import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errors } from '#baremetal/errors';
import { type ApiHarness, faultOf, openApi } from './harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.calls.length = 0;
});

type Doc = Record<string, unknown> & { uuid: string };
const create = async (body: Record<string, unknown> = {}): Promise<string> => {
  const reply = await api.post('/v1/nodes', { driver: 'fake-hardware', ...body });
  expect(reply.status, reply.text).toBe(201);
  return reply.json<Doc>().uuid;
};
const set = (uuid: string, sets: string) =>
  api.test.store.query({ text: `update nodes set ${sets} where uuid = $1`, values: [uuid] });
const show = async (uuid: string) => (await api.get(`/v1/nodes/${uuid}`)).json<Doc>();
/** What the stand-in was asked last: the node, and what of it. */
const lastCall = () => {
  const call = api.calls.at(-1);
  return call === undefined ? undefined : [call.name, ...call.args.slice(1)];
};

describe('states', () => {
  it.each([
    [1, []],
    [12, ['raid_config', 'target_raid_config']],
    [75, ['raid_config', 'target_raid_config', 'boot_mode', 'secure_boot']],
  ])('at 1.%i', async (version, more) => {
    const uuid = await create();
    const base = [
      'console_enabled',
      'last_error',
      'power_state',
      'provision_state',
      'provision_updated_at',
      'target_power_state',
      'target_provision_state',
    ];
    const states = (await api.get(`/v1/nodes/${uuid}/states`, { version })).json<Doc>();
    expect(Object.keys(states).sort()).toEqual([...base, ...more].sort());
  });

  it('power: passes what is right on, refuses the rest', async () => {
    const uuid = await create({ name: 'powered' });
    const put = (body: unknown, version = 115) => api.put(`/v1/nodes/${uuid}/states/power`, body, { version });
    const reply = await api.put('/v1/nodes/powered/states/power', { target: 'power on', timeout: 30 });
    expect(reply.status, reply.text).toBe(202);
    expect(reply.headers['location']).toBe('http://localhost:6385/v1/nodes/powered/states');
    expect(lastCall()).toEqual(['setPowerState', uuid, { target: 'power on', timeoutS: 30 }]);
    expect((await put({ target: 'soft power off' }, 26)).status).toBe(406);
    expect((await put({ target: 'power on', timeout: 3 }, 26)).status).toBe(406);
    expect(faultOf(await put({ target: 'power on', timeout: 0 }))).toBe('timeout has to be positive integer');
    expect(faultOf(await put({ target: 'explode' }))).toMatch(/action "explode" can not be performed/);
    expect((await put({})).status).toBe(400);
    expect((await put({ target: 'power on', speed: 1 })).status).toBe(400);
    await set(uuid, "provision_state = 'cleaning'");
    expect((await put({ target: 'power off' })).status).toBe(400);
    await set(uuid, "provision_state = 'active', disable_power_off = true");
    expect((await put({ target: 'power off' })).status).toBe(409);
    expect(api.calls).toHaveLength(1);
  });

  it('provision: hands the request over as it was meant', async () => {
    const uuid = await create();
    await set(uuid, "provision_state = 'manageable'");
    const put = (body: unknown, version = 115) => api.put(`/v1/nodes/${uuid}/states/provision`, body, { version });
    const steps = [{ interface: 'deploy', step: 'erase_devices', args: { a: 1 }, order: '1' }];
    expect((await put({ target: 'clean', clean_steps: steps, disable_ramdisk: 'true' })).status).toBe(202);
    expect(lastCall()).toEqual([
      'setProvisionState',
      uuid,
      { target: 'clean', cleanSteps: steps, disableRamdisk: true },
    ]);
    expect((await put({ target: 'active', configdrive: { meta_data: {}, user_data: 'x' } })).status).toBe(202);
    expect(lastCall()).toEqual([
      'setProvisionState',
      uuid,
      { target: 'active', configdrive: { meta_data: {}, user_data: 'x' } },
    ]);
    expect((await put({ target: 'manage', configdrive: '', clean_steps: null })).status).toBe(202);
    expect(lastCall()).toEqual(['setProvisionState', uuid, { target: 'manage' }]);
  });

  it.each([
    [{ target: 'dance' }, 115, 400, /action "dance" can not be performed/],
    [{ target: 'manage' }, 3, 406, /Request not acceptable/],
    [{ target: 'clean', clean_steps: [{}] }, 14, 406, /not acceptable/],
    [{ target: 'deploy' }, 72, 406, /not acceptable/],
    [{ target: 'service', service_steps: [{}] }, 86, 406, /not acceptable/],
    [{ target: 'clean' }, 115, 400, /"clean_steps" is required/],
    [{ target: 'clean', clean_steps: [{ interface: 'deploy' }] }, 115, 400, /'step' is a required property/],
    [{ target: 'clean', clean_steps: [{ interface: 'tea', step: 'x' }] }, 115, 400, /interface must be one of/],
    [{ target: 'clean', clean_steps: [{ interface: 'vendor', step: 'send_raw' }] }, 115, 400, /not allowed/],
    [{ target: 'manage', clean_steps: [{ interface: 'deploy', step: 'x' }] }, 115, 400, /only valid when setting/],
    [{ target: 'active', deploy_steps: [{ interface: 'deploy', step: 'x', args: {}, priority: 1 }] }, 68, 406, /1.69/],
    [
      { target: 'deploy', deploy_steps: [{ interface: 'deploy', step: 'x', args: {}, priority: 1 }] },
      115,
      400,
      /only valid/,
    ],
    [{ target: 'rescue' }, 115, 400, /non-empty "rescue_password"/],
    [{ target: 'manage', rescue_password: 'x' }, 115, 400, /only valid when setting/],
    [{ target: 'manage', configdrive: 'abcd' }, 115, 400, /only supported when setting/],
    [{ target: 'rebuild', configdrive: 'abcd' }, 34, 400, /only supported when setting/],
    [{ target: 'active', configdrive: { meta_data: {} } }, 55, 400, /1.56/],
    [{ target: 'active', configdrive: { vendor_data: {} } }, 58, 400, /1.59/],
    [{ target: 'active', configdrive: '{"not":"base64"}' }, 115, 400, /neither a JSON, nor a URL/],
    [{ target: 'active', configdrive: { odd: 1 } }, 115, 400, /'odd' was unexpected/],
    [{ target: 'manage', disable_ramdisk: true }, 115, 400, /only with manual cleaning/],
    [
      { target: 'clean', clean_steps: [{ interface: 'deploy', step: 'x' }], disable_ramdisk: true },
      69,
      406,
      /not acceptable/,
    ],
    [{ target: 'clean', runbook: 'none' }, 91, 406, /not acceptable/],
    [{ target: 'clean', runbook: 'none' }, 115, 404, /Runbook none could not be found/],
    [{ target: 'clean', clean_steps: 'x' }, 115, 400, /clean_steps/],
    [{}, 115, 400, /target/],
  ])('provision refuses %j at 1.%i', async (body, version, status, text) => {
    const uuid = await create();
    await set(uuid, "provision_state = 'manageable'");
    const reply = await api.put(`/v1/nodes/${uuid}/states/provision`, body, { version });
    expect(reply.status, reply.text).toBe(status);
    expect(faultOf(reply)).toMatch(text);
    expect(api.calls).toHaveLength(0);
  });

  it('runbooks need a trait, or a name like one, of the node', async () => {
    const uuid = await create();
    await set(uuid, "provision_state = 'manageable', traits = '{CUSTOM_A}'");
    const runbook = await api.post('/v1/runbooks', {
      name: 'CUSTOM_B',
      steps: [{ interface: 'bios', step: 'x', args: {}, order: 1 }],
    });
    expect(runbook.status, runbook.text).toBe(201);
    const id = runbook.json<Doc>().uuid;
    const use = (version: number) =>
      api.put(`/v1/nodes/${uuid}/states/provision`, { target: 'clean', runbook: 'CUSTOM_B' }, { version });
    expect(faultOf(await use(111))).toMatch(/not been approved/);
    expect(faultOf(await use(112))).toMatch(/no traits configured|not been approved/);
    await set(uuid, "traits = '{CUSTOM_A,CUSTOM_B}'");
    await api.test.store.query({ text: "update runbooks set traits = '{CUSTOM_A}' where uuid = $1", values: [id] });
    expect((await use(111)).status).toBe(202);
    expect((await use(112)).status).toBe(202);
    expect(lastCall()).toEqual(['setProvisionState', uuid, { target: 'clean', runbook: id }]);
  });

  it('raid', async () => {
    const uuid = await create();
    const put = (body: unknown, version = 115) => api.put(`/v1/nodes/${uuid}/states/raid`, body, { version });
    const config = { logical_disks: [{ size_gb: 100, raid_level: '1', is_root_volume: true }] };
    expect((await put(config)).status).toBe(204);
    expect((await show(uuid))['target_raid_config']).toEqual(config);
    expect((await put(config, 11)).status).toBe(406);
    expect(faultOf(await put({ logical_disks: [{ size_gb: 1 }] }))).toMatch(/raid_level/);
    expect(faultOf(await put({ logical_disks: [{ size_gb: -1, raid_level: '1' }] }))).toMatch(/size_gb/);
    expect((await put([])).status).toBe(400);
    expect((await put({})).status).toBe(204);
    expect((await show(uuid))['target_raid_config']).toEqual({});
    await set(uuid, "raid_interface = 'no-raid'");
    expect((await put({})).status).toBe(404);
  });

  it('boot mode and Secure Boot', async () => {
    const uuid = await create();
    const put = (what: string, target: unknown, version = 115) =>
      api.put(`/v1/nodes/${uuid}/states/${what}`, { target }, { version });
    expect((await put('boot_mode', 'uefi')).status).toBe(202);
    expect(lastCall()?.[2]).toEqual({ interface: 'management', method: 'setBootMode', args: { mode: 'uefi' } });
    expect((await put('secure_boot', 'yes')).status).toBe(202);
    expect(await show(uuid)).toMatchObject({ boot_mode: 'uefi', secure_boot: true });
    expect((await put('boot_mode', 'uefi', 75)).status).toBe(404);
    expect(faultOf(await put('boot_mode', 'x'))).toMatch(/Invalid boot mode x/);
    expect((await put('secure_boot', 'perhaps')).status).toBe(400);
    await set(uuid, "provision_state = 'deploying'");
    expect((await put('boot_mode', 'bios')).status).toBe(409);
  });

  it('console', async () => {
    const uuid = await create();
    const url = `/v1/nodes/${uuid}/states/console`;
    expect((await api.get(url)).json()).toEqual({ console_enabled: false, console_info: null });
    expect((await api.put(url, { enabled: true })).status).toBe(202);
    api.results['console.info'] = { type: 'shellinabox', url: 'http://x' };
    expect((await api.get(url)).json()).toEqual({
      console_enabled: true,
      console_info: { type: 'shellinabox', url: 'http://x' },
    });
    api.calls.length = 0;
    expect((await api.put(url, { enabled: 'on' })).status).toBe(202);
    expect(api.calls).toHaveLength(0);
    expect((await api.patch(`/v1/nodes/${uuid}`, [{ op: 'replace', path: '/driver', value: 'redfish' }])).status).toBe(
      409,
    );
    await set(uuid, "console_interface = 'no-console'");
    expect(faultOf(await api.get(url))).toBe(
      'Driver fake-hardware does not support console (disabled or not implemented).',
    );
  });
});

describe('management', () => {
  it('boot device', async () => {
    const uuid = await create();
    const url = `/v1/nodes/${uuid}/management/boot_device`;
    api.results['management.getBootDevice'] = { boot_device: 'pxe', persistent: true };
    expect((await api.get(url)).json()).toEqual({ boot_device: 'pxe', persistent: true });
    api.results['management.supportedBootDevices'] = ['pxe', 'disk'];
    expect((await api.get(`${url}/supported`)).json()).toEqual({ supported_boot_devices: ['pxe', 'disk'] });
    expect((await api.put(url, { boot_device: 'disk', persistent: 'true' })).status).toBe(204);
    expect(lastCall()?.[2]).toMatchObject({ method: 'setBootDevice', args: { boot_device: 'disk', persistent: true } });
    expect((await api.put(url, {})).status).toBe(400);
    api.results['management.setBootDevice'] = errors.InvalidParameterValue('Invalid boot device moon specified.');
    const refused = await api.put(url, { boot_device: 'moon' });
    expect([refused.status, faultOf(refused)]).toEqual([400, 'Invalid boot device moon specified.']);
    delete api.results['management.setBootDevice'];
  });

  it('NMI', async () => {
    const uuid = await create();
    const url = `/v1/nodes/${uuid}/management/inject_nmi`;
    expect((await api.put(url, {})).status).toBe(204);
    expect((await api.put(url, { a: 1 })).status).toBe(400);
    expect((await api.put(url, {}, { version: 28 })).status).toBe(404);
    expect((await api.put(url, {}, { as: 'else:admin' })).status).toBe(404);
  });

  it('indicators', async () => {
    const uuid = await create();
    const url = `/v1/nodes/${uuid}/management/indicators`;
    api.results['management.indicators'] = { chassis: [{ id: 'alert', readonly: false, states: ['on', 'off'] }] };
    expect((await api.get(url)).json()).toMatchObject({
      indicators: [
        {
          name: 'alert@chassis',
          component: 'chassis',
          readonly: false,
          states: ['on', 'off'],
          links: [{ rel: 'self' }, { rel: 'bookmark' }],
        },
      ],
    });
    api.results['management.getIndicator'] = 'on';
    expect((await api.get(`${url}/alert@chassis`)).json()).toEqual({ state: 'on' });
    expect((await api.put(`${url}/alert@chassis`, { state: 'off' })).status).toBe(204);
    expect(lastCall()?.[2]).toMatchObject({ args: { component: 'chassis', id: 'alert', state: 'off' } });
    expect(faultOf(await api.get(`${url}/alert`))).toBe('Malformed indicator name "alert"');
  });

  it('virtual media', async () => {
    const uuid = await create();
    const url = `/v1/nodes/${uuid}/vmedia`;
    expect((await api.post(url, { device_type: 'cdrom', image_url: 'http://x/y.iso' })).status).toBe(204);
    expect(faultOf(await api.post(url, { device_type: 'cdrom', image_url: 'ftp://x' }))).toBe(
      'Unsupported or missing URL scheme: ftp',
    );
    expect((await api.post(url, { device_type: 'tape', image_url: 'http://x' })).status).toBe(400);
    expect((await api.del(`${url}?device_types=cdrom,disk`)).status).toBe(204);
    expect(lastCall()?.[2]).toMatchObject({ method: 'virtualMedia.eject', args: { device_types: ['cdrom', 'disk'] } });
    expect(faultOf(await api.del(`${url}?device_types=tape`))).toMatch(/Invalid device type\(s\) tape/);
    api.results['management.virtualMedia.list'] = [{ media: 1 }];
    expect((await api.get(url)).json()).toEqual([{ media: 1 }]);
    expect((await api.get(url, { version: 92 })).status).toBe(404);
    expect((await api.del(url, { version: 88 })).status).toBe(404);
  });

  it('validates by path and by query', async () => {
    const uuid = await create({ name: 'checked' });
    api.results['deploy.validateAll'] = { power: { result: true } };
    for (const url of [
      `/v1/nodes/${uuid}/validate`,
      '/v1/nodes/validate?node=checked',
      `/v1/nodes/validate?node_uuid=${uuid}`,
    ]) {
      expect((await api.get(url)).json()).toEqual({ power: { result: true } });
    }
    expect((await api.get('/v1/nodes/validate')).status).toBe(400);
  });

  it("vendors' functions", async () => {
    const uuid = await create();
    const url = `/v1/nodes/${uuid}/vendor_passthru`;
    expect((await api.get(`${url}/methods`)).json()).toMatchObject({
      bmc_reset: { async: true, http_methods: ['POST'] },
    });
    expect((await api.post(`${url}?method=bmc_reset`, { warm: true })).status).toBe(202);
    expect(lastCall()?.[2]).toEqual({
      interface: 'vendor',
      method: 'bmc_reset',
      args: { http_method: 'POST', data: { warm: true } },
    });
    expect(faultOf(await api.get(`${url}?method=bmc_reset`))).toBe('The method bmc_reset does not support HTTP GET');
    expect(faultOf(await api.post(`${url}?method=none`, {}))).toBe('No handler for method none');
    expect(faultOf(await api.post(url, {}))).toBe('Missing mandatory parameter: method');
  });
});

describe('maintenance, traits, VIFs, children', () => {
  it('maintenance is told in the history', async () => {
    const uuid = await create();
    expect((await api.put(`/v1/nodes/${uuid}/maintenance`, { reason: 'fan' })).status).toBe(202);
    expect(await show(uuid)).toMatchObject({ maintenance: true, maintenance_reason: 'fan' });
    expect((await api.del(`/v1/nodes/${uuid}/maintenance`)).status).toBe(202);
    expect(await show(uuid)).toMatchObject({ maintenance: false, maintenance_reason: null });
    expect((await api.ask({ method: 'PUT', url: `/v1/nodes/${uuid}/maintenance` })).status).toBe(202);
    const { history } = (await api.get(`/v1/nodes/${uuid}/history`)).json<{ history: Doc[] }>();
    expect(history.map((entry) => entry['event'])).toEqual([
      'Put into maintenance: fan',
      'Taken out of maintenance',
      'Put into maintenance',
    ]);
    await set(uuid, "reservation = 'c'");
    expect((await api.put(`/v1/nodes/${uuid}/maintenance`, {})).status).toBe(409);
  });

  it('traits', async () => {
    const uuid = await create();
    const url = `/v1/nodes/${uuid}/traits`;
    expect((await api.put(url, { traits: ['CUSTOM_B', 'CUSTOM_A', 'HW_CPU_X86_VMX', 'CUSTOM_A'] })).status).toBe(204);
    const added = await api.ask({ method: 'PUT', url: `${url}/CUSTOM_C` });
    expect([added.status, added.headers['location']]).toEqual([
      204,
      `http://localhost:6385/v1/nodes/${uuid}/traits/CUSTOM_C`,
    ]);
    expect((await api.get(url)).json()).toEqual({ traits: ['CUSTOM_A', 'CUSTOM_B', 'CUSTOM_C', 'HW_CPU_X86_VMX'] });
    expect((await show(uuid))['traits']).toEqual(['CUSTOM_A', 'CUSTOM_B', 'CUSTOM_C', 'HW_CPU_X86_VMX']);
    expect((await api.del(`${url}/CUSTOM_C`)).status).toBe(204);
    expect(faultOf(await api.del(`${url}/CUSTOM_C`))).toBe(`Node ${uuid} doesn't have a trait 'CUSTOM_C'`);
    expect((await api.put(url, { traits: ['custom'] })).status).toBe(400);
    expect((await api.put(url, {})).status).toBe(400);
    expect((await api.put(`${url}/CUSTOM_C`, { x: 1 })).status).toBe(400);
    expect((await api.put(url, { traits: Array.from({ length: 51 }, (_, i) => `CUSTOM_${i}`) })).status).toBe(400);
    expect((await api.get(url, { version: 36 })).status).toBe(406);
    expect((await api.del(url)).status).toBe(204);
    expect((await api.get(url)).json()).toEqual({ traits: [] });
  });

  it('VIFs go to the best free place, once', async () => {
    const uuid = await create({ network_interface: 'fake' });
    const url = `/v1/nodes/${uuid}/vifs`;
    expect((await api.get(url)).json()).toEqual({ vifs: [] });
    expect(faultOf(await api.post(url, { id: 'vif-1' }))).toMatch(/not enough free physical ports/);
    const port = async (mac: string, pxe: boolean) =>
      (await api.post('/v1/ports', { node_uuid: uuid, address: mac, pxe_enabled: pxe })).json<Doc>().uuid;
    const plain = await port('00:00:00:00:00:01', false);
    const boots = await port('00:00:00:00:00:02', true);
    expect((await api.post(url, { id: 'vif-1' })).status).toBe(204);
    expect(faultOf(await api.post(url, { id: 'vif-1' }))).toBe(
      `Unable to attach VIF because VIF vif-1 is already attached to Ironic Port ${boots}`,
    );
    expect((await api.post(url, { id: 'vif-2', port_uuid: plain })).status).toBe(204);
    expect((await api.get(url)).json()).toEqual({ vifs: [{ id: 'vif-2' }, { id: 'vif-1' }] });
    expect((await api.get(`/v1/ports/${boots}`)).json()).toMatchObject({
      internal_info: { tenant_vif_port_id: 'vif-1' },
    });
    expect((await api.del(`/v1/ports/${boots}`)).status).toBe(409);
    expect((await api.del(`${url}/vif-1`)).status).toBe(204);
    expect(faultOf(await api.del(`${url}/vif-1`))).toMatch(/not attached to it/);
    expect((await api.post(url, { id: 'vif-3', port_uuid: plain, portgroup_uuid: plain })).status).toBe(400);
    expect((await api.get(url, { version: 27 })).status).toBe(404);
    const both = await Promise.all([api.post(url, { id: 'x' }), api.post(url, { id: 'y' })]);
    expect(both.map((reply) => reply.status).sort()).toEqual([204, 400]);
    const noop = await create({ network_interface: 'noop' });
    expect((await api.post(`/v1/nodes/${noop}/vifs`, { id: 'any' })).status).toBe(204);
    expect((await api.get(`/v1/nodes/${noop}/vifs`)).json()).toEqual({ vifs: [] });
  });

  it('children', async () => {
    const parent = await create();
    const child = await create({ parent_node: parent });
    expect((await api.get(`/v1/nodes/${parent}/children`)).json()).toEqual({
      children: [child],
      links: { href: `http://localhost:6385/v1/nodes?parent_node=${parent}`, rel: 'children' },
    });
    expect((await api.get(`/v1/nodes/${parent}/children`, { version: 82 })).status).toBe(404);
  });
});

describe('what was found', () => {
  it('BIOS settings', async () => {
    const uuid = await create();
    await api.test.store.query({
      text: "insert into bios_settings (node_uuid, name, value, attribute_type, allowable_values, lower_bound) values ($1, 'virt', 'on', 'Enumeration', '[\"on\",\"off\"]', 3)",
      values: [uuid],
    });
    const url = `/v1/nodes/${uuid}/bios`;
    const brief = (await api.get(url)).json<{ bios: Doc[] }>().bios[0] ?? {};
    expect(Object.keys(brief).sort()).toEqual(['created_at', 'links', 'name', 'updated_at', 'value']);
    expect((await api.get(`${url}?detail=true`)).json()).toMatchObject({
      bios: [{ allowable_values: ['on', 'off'], lower_bound: 3, unique: null }],
    });
    expect((await api.get(`${url}?fields=name`)).json<{ bios: Doc[] }>().bios[0]).not.toHaveProperty('value');
    expect((await api.get(`${url}?detail=true`, { version: 73 })).status).toBe(400);
    expect((await api.get(`${url}/virt`, { version: 73 })).json<Record<string, Doc>>()['virt']).not.toHaveProperty(
      'attribute_type',
    );
    expect((await api.get(`${url}/virt`)).json()).toMatchObject({
      virt: { value: 'on', attribute_type: 'Enumeration' },
    });
    expect(faultOf(await api.get(`${url}/none`))).toBe(`Node ${uuid} doesn't have a BIOS setting 'none'`);
    expect((await api.get(url, { version: 39 })).status).toBe(404);
  });

  it('firmware', async () => {
    const uuid = await create();
    await api.test.store.query({
      text: "insert into firmware_components (node_uuid, component, initial_version, vendor) values ($1, 'bmc', '1.0', 'acme')",
      values: [uuid],
    });
    const url = `/v1/nodes/${uuid}/firmware`;
    expect((await api.get(url)).json()).toMatchObject({
      firmware: [{ component: 'bmc', initial_version: '1.0', vendor: 'acme', model: null }],
    });
    expect((await api.get(url, { version: 113 })).json<{ firmware: Doc[] }>().firmware[0]).not.toHaveProperty('vendor');
    expect(faultOf(await api.get(`${url}?fields=vendor`, { version: 113 }))).toMatch(/at least API version 1.114/);
    expect((await api.get(url, { version: 85 })).status).toBe(404);
  });

  it('inventory', async () => {
    const uuid = await create();
    const url = `/v1/nodes/${uuid}/inventory`;
    expect(faultOf(await api.get(url))).toBe(`Node inventory record for node ${uuid} could not be found.`);
    await api.test.store.query({
      text: 'insert into node_inventory values ($1, \'{"cpu":{}}\', \'{"x":1}\')',
      values: [uuid],
    });
    expect((await api.get(url)).json()).toEqual({ inventory: { cpu: {} }, plugin_data: { x: 1 } });
    expect((await api.get(url, { version: 80 })).status).toBe(404);
  });

  it('history by pages, in both directions', async () => {
    const uuid = await create();
    await api.test.store.query({
      text: `insert into node_history (node_uuid, event_type, event, severity, conductor, user_id, project, state, duration_seconds, created_at)
             select $1, 'test', repeat('x', 250 + i), case i % 2 when 0 then 'INFO' else 'ERROR' end, 'c1', 'u', 'p', 'active', i, now() + i * interval '1 s' from generate_series(1, 7) i`,
      values: [uuid],
    });
    const url = `/v1/nodes/${uuid}/history`;
    const whole = (await api.get(url)).json<{ history: Doc[] }>().history;
    expect(whole.map((entry) => String(entry['event']).length)).toEqual([251, 252, 253, 254, 255, 254, 254]);
    expect(Object.keys(whole[0] ?? {}).sort()).toEqual(['created_at', 'event', 'links', 'severity', 'uuid']);
    for (const [key, direction] of [
      ['created_at', 'desc'],
      ['severity', 'asc'],
      ['severity', 'desc'],
    ]) {
      const found: Doc[] = [];
      let next: string | undefined = `${url}?limit=2&sort_key=${key}&sort_dir=${direction}`;
      while (next !== undefined) {
        const page: { history: Doc[]; next?: string } = (
          await api.get(next.replace('http://localhost:6385', ''))
        ).json();
        found.push(...page.history);
        next = page.next;
      }
      expect(new Set(found.map((entry) => entry.uuid)).size).toBe(7);
      const values = found.map((entry) => String(entry[key as string]));
      expect(values).toEqual(direction === 'asc' ? [...values].sort() : [...values].sort().reverse());
    }
    const at = async (version: number) =>
      Object.keys((await api.get(`${url}/${whole[6]?.uuid}`, { version })).json<Doc>());
    expect(await at(112)).not.toContain('project');
    expect(await at(113)).toContain('project');
    expect(await at(114)).not.toContain('duration_seconds');
    expect((await api.get(`${url}/${whole[6]?.uuid}`)).json()).toMatchObject({
      event: 'x'.repeat(257),
      user: 'u',
      project: 'p',
      duration_seconds: 7,
    });
    expect((await api.get(`${url}/none`)).status).toBe(404);
    expect((await api.get(url, { version: 77 })).status).toBe(404);
    expect((await api.get(`${url}?sort_key=bogus`)).status).toBe(400);
  });
});
