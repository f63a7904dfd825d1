import { connect } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { InspectionReport } from '#agent-api/inventory';
import { HARDWARE, NODE, startAgent, startConductor, type TestAgent, TestServer, TOKEN, until } from './harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function home(options: Parameters<typeof startConductor>[0] = {}) {
  const conductor = await startConductor(options);
  open.push(conductor.server);
  return conductor;
}

async function agentOf(api: string, options: Parameters<typeof startAgent>[1] = {}): Promise<TestAgent> {
  const agent = await startAgent(api, options);
  open.push(agent);
  return agent;
}

describe('the protocol of ironic-python-agent', () => {
  test('looks up by MAC, beats with token, certificate and address, and is answered on TLS with it', async () => {
    const { server, beats, lookups } = await home();
    const { agent } = await agentOf(server.url);
    await until(() => beats.length > 0);
    expect(lookups).toEqual(['/v1/lookup?addresses=52%3A54%3A00%3A00%3A00%3A01']);
    const beat = beats[0];
    expect(beat).toEqual({
      callback_url: agent.callbackUrl,
      agent_token: TOKEN,
      agent_version: '11.7.0',
      agent_verify_ca: expect.stringContaining('BEGIN CERTIFICATE') as string,
    });
    expect(server.asked.at(-1)?.headers['x-openstack-ironic-api-version']).toBe('1.72');
    // What a conductor does: it pins the certificate and wants the address in it.
    const port = Number(new URL(agent.callbackUrl).port);
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca: beat?.agent_verify_ca ?? '' }, () => {
        socket.destroy();
        resolve();
      });
      socket.on('error', reject);
    });
  });

  test('says nothing a conductor of that age would not know', async () => {
    const { server, beats } = await home({ newest: '1.62' });
    await agentOf(server.url);
    await until(() => beats.length > 0);
    expect(Object.keys(beats[0] ?? {}).sort()).toEqual(['agent_token', 'agent_version', 'callback_url']);
  });

  test('shows its descriptions to everybody and its commands to nobody without the token', async () => {
    const { server } = await home();
    const { get, command } = await agentOf(server.url);
    expect(await get('/')).toMatchObject({ status: 200, body: { default_version: { id: 'v1' } } });
    expect(await get('/v1/')).toMatchObject({ status: 200, body: { id: 'v1' } });
    expect(await get('/v1/status')).toMatchObject({ status: 200, body: { version: '11.7.0' } });
    for (const path of ['/v1', '/v1/commands']) {
      expect(await get(path)).toMatchObject({ status: 308, headers: { location: `${path}/` } });
    }
    const refused = { faultcode: 'Client', faultstring: '401 Unauthorized: Token invalid.' };
    for (const path of ['/v1/commands/', '/v1/commands/?agent_token=x', '/v1/commands/abc', '/v2/', '/etc/passwd']) {
      expect(await get(path), path).toMatchObject({ status: 401, body: refused });
    }
    await expect(command('standby.sync', {}, 'wrong')).rejects.toThrow(/^401 /);
    expect(await get(`/v1/ingot/blocks/${'a'.repeat(64)}`)).toMatchObject({ status: 401 });
  });

  test('lets a conductor of 2023 read results without the token, until one is shown', async () => {
    const { server } = await home({ newest: '1.82' });
    const { get, command } = await agentOf(server.url);
    expect(await get('/v1/commands/')).toMatchObject({ status: 200, body: { commands: [] } });
    await expect(command('standby.sync', {}, '')).rejects.toThrow(/^401 /);
    expect(await get('/v1/nosuch')).toMatchObject({ status: 401 });
    expect(await get(`/v1/commands/?agent_token=${TOKEN}`)).toMatchObject({ status: 200 });
    expect(await get('/v1/commands/')).toMatchObject({ status: 401 });
  });

  test('answers commands as ironic-python-agent does', async () => {
    const { server } = await home();
    const { command, get } = await agentOf(server.url);
    await expect(command('nosuch.thing', {})).rejects.toThrow(
      '404 {"faultcode":"Client","faultstring":"Not found: Extension with id nosuch not found."}',
    );
    await expect(command('standby.nosuch', {})).rejects.toThrow(/^400 .*Invalid command: Unknown command: nosuch/);
    await expect(command('standby.constructor', {})).rejects.toThrow(/^400 /);
    await expect(command('__proto__.x', {})).rejects.toThrow(/^404 /);
    await expect(command('clean.get_clean_steps', { ports: [] })).rejects.toThrow(/^400 .*'node' must be an object/);
    const done = await command('standby.sync', {});
    expect(done).toEqual({
      id: done.id,
      command_name: 'sync',
      command_status: 'SUCCEEDED',
      command_error: null,
      command_result: null,
    });
    const listed = await get(`/v1/commands/?agent_token=${TOKEN}`);
    // One refused for its parameters is remembered as well.
    expect((listed.body as { commands: { command_name: string }[] }).commands.map((c) => c.command_name)).toEqual([
      'get_clean_steps',
      'sync',
    ]);
    expect(await get(`/v1/commands/${done.id}?agent_token=${TOKEN}`)).toMatchObject({ body: { id: done.id } });
    expect(await get(`/v1/commands/nosuch?agent_token=${TOKEN}`)).toMatchObject({ status: 404 });
  });

  test('offers the steps of the generic hardware manager, with its priorities', async () => {
    const { server } = await home();
    const { command } = await agentOf(server.url);
    const { command_result: result } = await command('clean.get_clean_steps', { node: { uuid: NODE }, ports: [] });
    const steps = (result as { clean_steps: { GenericHardwareManager: { step: string; priority: number }[] } })
      .clean_steps;
    const priorities = Object.fromEntries(steps.GenericHardwareManager.map((step) => [step.step, step.priority]));
    expect(priorities).toMatchObject({
      erase_devices: 10,
      erase_devices_metadata: 99,
      erase_devices_express: 0,
      erase_pstore: 0,
      clean_uefi_nvram: 0,
      create_configuration: 0,
      delete_configuration: 0,
      burnin_cpu: 0,
    });
    expect(result).toMatchObject({ hardware_manager_version: { generic_hardware_manager: '1.2' } });
    const names = steps.GenericHardwareManager.map((step) => step.step);
    expect(new Set(names).size).toBe(names.length);
    const mismatch = await command('clean.execute_clean_step', {
      step: { step: 'erase_pstore', interface: 'deploy' },
      node: { uuid: NODE },
      ports: [],
      clean_version: { generic_hardware_manager: '0.9' },
    });
    expect(mismatch.command_status).toBe('CLEAN_VERSION_MISMATCH');
    const unknown = await command('clean.execute_clean_step', {
      step: { step: 'nosuch' },
      node: { uuid: NODE },
      ports: [],
    });
    expect(unknown).toMatchObject({ command_status: 'FAILED', command_error: { type: 'StepUnknown', code: 400 } });
  });

  test('runs one long command at a time and beats when it ends', async () => {
    const { server, beats } = await home();
    const { command, get, machine } = await agentOf(server.url, {
      tools: { sync: () => '' },
    });
    await until(() => beats.length > 0);
    const before = beats.length;
    const done = await command('clean.execute_clean_step', {
      step: { step: 'erase_devices_metadata', interface: 'deploy' },
      node: { uuid: NODE },
      ports: [],
    });
    expect(done.command_status).toBe('SUCCEEDED');
    await until(() => beats.length > before);
    expect(machine.calls.map((call) => call[0])).not.toContain('sh');
    expect(await get(`/v1/commands/${done.id}?agent_token=${TOKEN}`)).toMatchObject({ status: 200 });
  });

  test('obeys nobody when its token went to somebody else', async () => {
    const { server } = await home();
    await agentOf(server.url);
    await expect(startAgent(server.url)).rejects.toThrow(/token of this node was handed out already/);
    expect(server.asked.filter((request) => request.path.startsWith('/v1/heartbeat')).length).toBeLessThanOrEqual(1);
  });

  test('takes no token that could be guessed', async () => {
    const { server, beats } = await home({ config: { agent_token: 'short' } });
    const { command } = await agentOf(server.url);
    await until(() => beats.length > 0);
    expect(beats[0]?.agent_token).toBeNull();
    await expect(command('standby.sync', {}, 'short')).rejects.toThrow(/^401 /);
  });

  test('gives a warm machine a new token', async () => {
    const { server } = await home();
    const { command } = await agentOf(server.url);
    const fresh = 'n'.repeat(43);
    await command('ingot.rotate_token', { agent_token: fresh });
    await expect(command('standby.sync', {})).rejects.toThrow(/^401 /);
    expect((await command('standby.sync', {}, fresh)).command_status).toBe('SUCCEEDED');
  });

  test('inspects first, and looks up by the UUID that the answer names', async () => {
    const reports: InspectionReport[] = [];
    const inspector = await TestServer.start((_path, body) => {
      reports.push(JSON.parse(body.toString('utf8')) as InspectionReport);
      return reports.length < 2 ? { status: 503 } : { status: 200, body: { uuid: NODE } };
    });
    open.push(inspector);
    const { server, lookups } = await home();
    const url = `${inspector.url}/v1/continue_inspection`;
    const collectors = 'default,logs,pci-devices,numa-topology,dmi-decode';
    await agentOf(server.url, {
      words: `ipa-inspection-callback-url=${url} ipa-inspection-collectors=${collectors} BOOTIF=01-52-54-00-00-00-01`,
    });
    expect(lookups[0]).toContain(`node_uuid=${NODE}`);
    const report = reports.at(-1);
    expect(report).toMatchObject({
      inventory: {
        interfaces: [{ name: 'eth0', mac_address: '52:54:00:00:00:01', has_carrier: true, speed_mbps: 10_000 }],
        cpu: { count: 4, architecture: 'x86_64' },
        memory: { total: 8192 * 1024 * 1024 },
        bmc_address: '10.9.8.7',
        boot: { current_boot_mode: 'uefi', pxe_interface: '01-52-54-00-00-00-01' },
        system_vendor: { product_name: 'Simulated machine' },
      },
      root_disk: { name: '/dev/vda', serial: 'SMALL' },
      boot_interface: '52:54:00:00:00:01',
      configuration: { managers: [{ name: 'generic_hardware_manager', version: '1.2' }] },
    });
    expect(report?.inventory.disks.map((disk) => [disk.name, disk.size])).toEqual(
      [...HARDWARE.disks].map((disk) => [`/dev/${disk.name}`, disk.size]),
    );
    expect(
      Buffer.from(report?.logs ?? '', 'base64')
        .subarray(0, 2)
        .toString('hex'),
    ).toBe('1f8b');
  }, 60_000);

  test('ends the run of the machine after its answer', async () => {
    const halts: string[] = [];
    const { server } = await home();
    const { command } = await agentOf(server.url, { onHalt: (how) => halts.push(how) });
    expect((await command('standby.power_off', {})).command_result).toEqual({
      result: 'power_off: the machine powers off',
    });
    expect(halts).toEqual([]);
    await until(() => halts.length > 0);
    expect(halts).toEqual(['off']);
  });
});
