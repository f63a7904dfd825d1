import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test, type TestContext } from 'vitest';
import { run } from '#kernel/run';
import { scratch, ready } from '../../house/ingot.ts';

// Debian's `openstack baremetal` with every noun it has, openstacksdk, what Bifrost does with that, and Nova's own driver,
// against the running program.

const PYTHON = '/usr/bin/python3';
const installed = existsSync('/usr/bin/openstack');
const novaInstalled = existsSync('/usr/lib/python3/dist-packages/nova/virt/ironic/driver.py');

interface Said {
  code: number;
  out: string;
  err: string;
}

/** A Python that runs one `openstack` command after another. */
function shell(arguments_: readonly string[]) {
  const child = spawn(PYTHON, [join(import.meta.dirname, 'osc.py')], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = async (...words: string[]): Promise<Said> => {
    child.stdin.write(`${JSON.stringify([...arguments_, ...words])}\n`);
    const { value } = await lines.next();
    return JSON.parse(value as string) as Said;
  };
  return {
    say,
    /** Runs a command that must succeed. */
    async want(...words: string[]): Promise<string> {
      const said = await say('baremetal', ...words);
      expect(said.code, `openstack baremetal ${words.join(' ')}: ${said.err}`).toBe(0);
      return said.out;
    },
    async json<T = Record<string, unknown>>(...words: string[]): Promise<T> {
      return JSON.parse(await this.want(...words, '-f', 'json')) as T;
    },
    close: () => child.stdin.end(),
  };
}

describe.each(['none', 'keystone'] as const)("Debian's clients with auth %s", (auth) => {
  const place = scratch();
  let running: Awaited<ReturnType<typeof ready>>;
  let osc: ReturnType<typeof shell>;
  let password: string;
  let token = '';

  beforeEach((context) => context.skip(!installed, 'python3-openstackclient is not installed'));
  beforeAll(async () => {
    if (!installed) return;
    const dataDir = join(place.path, 'data');
    running = await ready(dataDir, {
      args: ['--auth', auth],
      // As Nova needs them: its user stands in the project `service`, its machines on a physical network.
      env: { INGOT_AUTH_TRUST_SERVICE_PROJECT: 'true', INGOT_NETWORK_PHYSICAL_NETWORKS: 'physnet1' },
      deadlineMs: 400_000,
    });
    password = auth === 'none' ? '' : readFileSync(join(dataDir, 'admin-password'), 'utf8').trim();
    const login =
      auth === 'none'
        ? ['--os-auth-type', 'none', '--os-endpoint', running.url]
        : [
            '--os-auth-url',
            `${running.url}/identity/v3`,
            '--os-username',
            'admin',
            `--os-password=${password}`, // it may begin with a dash
            '--os-user-domain-id',
            'default',
            '--os-system-scope',
            'all',
          ];
    if (auth === 'keystone') {
      // Once with the password, as people log in; the many commands after that with the token, which costs no scrypt.
      const first = shell(login);
      const issued = await first.say('token', 'issue', '-f', 'json');
      expect(issued.code, issued.err).toBe(0);
      token = (JSON.parse(issued.out) as { id: string }).id;
      first.close();
      const scope = ['--os-auth-url', `${running.url}/identity/v3`, '--os-system-scope', 'all'];
      login.splice(0, login.length, '--os-auth-type', 'v3token', '--os-token', token, ...scope);
    }
    osc = shell([...login, '--os-baremetal-api-version', 'latest']);
  });
  afterAll(async () => {
    if (!installed) return;
    // The client last: where there is none, the set-up failed, and the server is to end all the same.
    await running.stop();
    place[Symbol.dispose]();
    osc.close();
  });

  /** The node as the API shows it: a command of the client's takes a hundred times as long as looking. */
  const look = async () => {
    const headers = { 'x-openstack-ironic-api-version': '1.82', ...(token === '' ? {} : { 'x-auth-token': token }) };
    return (await (await fetch(`${running.url}/v1/nodes/n1`, { headers })).json()) as Record<string, unknown>;
  };
  /** Waits until a field has a value. */
  const shows = async (field: string, value: unknown): Promise<void> =>
    await expect.poll(async () => (await look())[field], { timeout: 30_000, interval: 20 }).toBe(value);
  /** Waits until the node rests in a state. */
  const reach = async (state: string): Promise<void> => {
    const stands = async () => {
      const node = await look();
      return [node['provision_state'], node['target_provision_state']];
    };
    await expect.poll(stands, { timeout: 30_000, interval: 20 }).toEqual([state, null]);
  };

  test('records: chassis, templates, nodes, ports, groups, volumes', async () => {
    const { uuid: chassis } = await osc.json<{ uuid: string }>('chassis', 'create', '--description', 'rack 1');
    await osc.want('chassis', 'set', chassis, '--extra', 'a=1');
    await osc.want('chassis', 'unset', chassis, '--extra', 'a');
    expect(await osc.json('chassis', 'show', chassis)).toMatchObject({ description: 'rack 1', extra: {} });
    expect(await osc.json<unknown[]>('chassis', 'list')).toHaveLength(1);

    const steps = JSON.stringify([{ interface: 'raid', step: 'create_configuration', args: {}, priority: 80 }]);
    await osc.want('deploy', 'template', 'create', 'CUSTOM_T', '--steps', steps);
    await osc.want('deploy', 'template', 'set', 'CUSTOM_T', '--extra', 'a=1');
    await osc.want('deploy', 'template', 'unset', 'CUSTOM_T', '--extra', 'a');
    expect(await osc.json('deploy', 'template', 'show', 'CUSTOM_T')).toMatchObject({ name: 'CUSTOM_T' });
    expect(await osc.json<unknown[]>('deploy', 'template', 'list')).toHaveLength(1);
    await osc.want('deploy', 'template', 'delete', 'CUSTOM_T');

    const create = ['node', 'create', '--driver', 'fake-hardware', '--name', 'n1', '--chassis-uuid', chassis];
    const node = await osc.json<{ uuid: string }>(
      ...create,
      '--resource-class',
      'gold',
      '--property',
      'cpus=8',
      '--driver-info',
      'a_password=hunter2',
    );
    expect(await osc.json('node', 'show', 'n1')).toMatchObject({
      provision_state: 'enroll',
      driver_info: { a_password: '******' },
    });
    await osc.want('node', 'set', 'n1', '--extra', 'k=v', '--owner', 'o1', '--description', 'first');
    await osc.want('node', 'unset', 'n1', '--extra', 'k', '--owner');
    expect(await osc.json<unknown[]>('node', 'list', '--long', '--driver', 'fake-hardware')).toHaveLength(1);
    expect(
      await osc.json<unknown[]>('node', 'list', '--fields', 'uuid', 'name', '--resource-class', 'none'),
    ).toHaveLength(0);
    await osc.want('node', 'maintenance', 'set', 'n1', '--reason', 'fan');
    await osc.want('node', 'maintenance', 'unset', 'n1');
    await osc.want('node', 'add', 'trait', 'n1', 'CUSTOM_A', 'CUSTOM_B');
    expect(await osc.json<unknown[]>('node', 'trait', 'list', 'n1')).toHaveLength(2);
    await osc.want('node', 'remove', 'trait', 'n1', 'CUSTOM_A');
    await osc.want('node', 'remove', 'trait', 'n1', '--all');

    const port = await osc.json<{ uuid: string }>('port', 'create', '52:54:00:aa:00:01', '--node', node.uuid);
    const group = await osc.json<{ uuid: string }>('port', 'group', 'create', '--node', node.uuid, '--name', 'bond0');
    await osc.want('port', 'set', port.uuid, '--port-group', group.uuid, '--physical-network', 'physnet1');
    expect(await osc.json('port', 'show', port.uuid)).toMatchObject({ portgroup_uuid: group.uuid });
    expect(await osc.json<unknown[]>('port', 'list', '--node', node.uuid, '--long')).toHaveLength(1);
    await osc.want('port', 'unset', port.uuid, '--port-group', '--physical-network');
    await osc.want('port', 'group', 'set', 'bond0', '--mode', '802.3ad', '--property', 'miimon=100');
    await osc.want('port', 'group', 'unset', 'bond0', '--property', 'miimon');
    expect(await osc.json('port', 'group', 'show', 'bond0')).toMatchObject({ mode: '802.3ad' });
    expect(await osc.json<unknown[]>('port', 'group', 'list', '--node', node.uuid)).toHaveLength(1);
    await osc.want('port', 'delete', port.uuid);
    await osc.want('port', 'group', 'delete', 'bond0');

    await osc.want('node', 'power', 'off', 'n1');
    const of = ['--node', node.uuid];
    const connector = await osc.json<{ uuid: string }>(
      'volume',
      'connector',
      'create',
      ...of,
      '--type',
      'iqn',
      '--connector-id',
      'iqn.2026-01.org:a',
    );
    const target = await osc.json<{ uuid: string }>(
      'volume',
      'target',
      'create',
      ...of,
      '--type',
      'iscsi',
      '--boot-index',
      '0',
      '--volume-id',
      'v1',
    );
    await shows('power_state', 'power off');
    await osc.want('volume', 'connector', 'set', connector.uuid, '--extra', 'a=1');
    await osc.want('volume', 'connector', 'unset', connector.uuid, '--extra', 'a');
    await osc.want('volume', 'target', 'set', target.uuid, '--property', 'lun=1', '--extra', 'a=1');
    await osc.want('volume', 'target', 'unset', target.uuid, '--property', 'lun', '--extra', 'a');
    for (const kind of ['connector', 'target']) {
      expect(await osc.json<unknown[]>('volume', kind, 'list', ...of)).toHaveLength(1);
      const { uuid } = kind === 'target' ? target : connector;
      expect(await osc.json('volume', kind, 'show', uuid)).toMatchObject({ node_uuid: node.uuid });
      await osc.want('volume', kind, 'delete', uuid);
    }
  }, 120_000);

  test('a node lives its life, and allocations find it', async () => {
    expect(await osc.json<{ valid: boolean }[]>('node', 'validate', 'n1')).not.toHaveLength(0);
    // The client itself waits in steps of ten seconds; one look is enough to see that it can.
    await osc.want('node', 'manage', 'n1', '--wait', '60');
    await osc.want('node', 'inspect', 'n1');
    await reach('manageable');
    const clean = JSON.stringify([{ interface: 'bios', step: 'factory_reset' }]);
    await osc.want('node', 'clean', 'n1', '--clean-steps', clean);
    await reach('manageable');
    await osc.want('node', 'provide', 'n1');
    await reach('available');
    const allocation = await osc.json(
      'allocation',
      'create',
      '--resource-class',
      'gold',
      '--name',
      'a1',
      '--wait',
      '60',
    );
    expect(allocation).toMatchObject({ state: 'active' });
    await osc.want('allocation', 'set', 'a1', '--extra', 'a=1');
    await osc.want('allocation', 'unset', 'a1', '--extra', 'a');
    expect(await osc.json<unknown[]>('allocation', 'list', '--state', 'active')).toHaveLength(1);
    await osc.want('node', 'deploy', 'n1');
    await reach('active');
    expect(await osc.json('node', 'show', 'n1')).toMatchObject({ provision_state: 'active' });
    await osc.want('node', 'rebuild', 'n1');
    await reach('active');
    await osc.want('node', 'rescue', 'n1', '--rescue-password', 'hunter2');
    await reach('rescue');
    await osc.want('node', 'unrescue', 'n1');
    await reach('active');
    await osc.want('node', 'reboot', 'n1');
    await shows('target_power_state', null);
    await osc.want('node', 'undeploy', 'n1');
    await reach('available');
    // The allocation goes with the instance, as in Ironic.
    expect(await osc.json<unknown[]>('allocation', 'list')).toHaveLength(0);
    await osc.want('allocation', 'create', '--resource-class', 'none', '--name', 'a2');
    await osc.want('allocation', 'delete', 'a2');
    await osc.want('node', 'manage', 'n1');
    await reach('manageable');
    await osc.want('node', 'adopt', 'n1');
    await reach('active');
    await osc.want('node', 'undeploy', 'n1');
    await reach('available');
    const refused = await osc.say('baremetal', 'node', 'abort', 'n1');
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('can not be performed on node');
  }, 120_000);

  test('what hangs on a node, drivers and conductors', async () => {
    await osc.want('node', 'power', 'on', 'n1');
    await shows('power_state', 'power on');
    await osc.want('node', 'boot', 'device', 'set', 'n1', 'pxe', '--persistent');
    expect(await osc.json('node', 'boot', 'device', 'show', 'n1')).toMatchObject({ boot_device: 'pxe' });
    await osc.want('node', 'boot', 'device', 'show', 'n1', '--supported');
    await osc.want('node', 'boot', 'mode', 'set', 'n1', 'uefi');
    await osc.want('node', 'secure', 'boot', 'on', 'n1');
    await osc.want('node', 'secure', 'boot', 'off', 'n1');
    await osc.want('node', 'inject', 'nmi', 'n1');
    await osc.want('node', 'bios', 'setting', 'list', 'n1');
    await osc.want('node', 'console', 'enable', 'n1');
    await osc.want('node', 'console', 'show', 'n1');
    await osc.want('node', 'console', 'disable', 'n1');
    await osc.want('node', 'vif', 'list', 'n1');
    await osc.want('node', 'passthru', 'list', 'n1');
    const history = await osc.json<{ UUID: string }[]>('node', 'history', 'list', 'n1');
    expect(history.length).toBeGreaterThan(5);
    await osc.want('node', 'history', 'get', 'n1', history[0]?.UUID ?? '');
    expect(await osc.json<unknown[]>('driver', 'list')).not.toHaveLength(0);
    await osc.want('driver', 'show', 'fake-hardware');
    await osc.want('driver', 'property', 'list', 'fake-hardware');
    await osc.want('driver', 'raid', 'property', 'list', 'fake-hardware');
    await osc.want('driver', 'passthru', 'list', 'fake-hardware');
    const conductors = await osc.json<{ Hostname: string }[]>('conductor', 'list');
    await osc.want('conductor', 'show', conductors[0]?.Hostname ?? '');
    await osc.want('node', 'delete', 'n1');
  }, 120_000);

  test('openstacksdk', async () => {
    const login =
      auth === 'none'
        ? null
        : {
            auth_url: `${running.url}/identity/v3`,
            username: 'admin',
            password,
            user_domain_id: 'default',
            system_scope: 'all',
          };
    const done = await run(PYTHON, [join(import.meta.dirname, 'sdk.py'), running.url, JSON.stringify(login)], {
      timeoutMs: 110_000,
    });
    expect(JSON.parse(done.stdout)).toEqual({
      drivers: expect.arrayContaining(['fake-hardware']),
      created: 'enroll',
      extra: { a: 1, b: 2 },
      traits: ['CUSTOM_B'],
      ports: ['52:54:00:12:34:56'],
      validate: true,
      manage: 'manageable',
      provide: 'available',
      allocation: ['active', true],
      active: 'active',
      power: 'power off',
      'boot device': 'pxe',
      deleted: 'available',
      templates: ['CUSTOM_SDK'],
      volumes: [1, 1],
      left: 0,
    });
  }, 120_000);

  const bifrost = async (): Promise<void> => {
    const done = await run(PYTHON, [join(import.meta.dirname, 'bifrost.py'), running.url], { timeoutMs: 110_000 });
    const image = 'http://192.0.2.1:8080/deployment_image.qcow2';
    const nics = ['52:54:00:b1:00:01', '52:54:00:b1:00:02'];
    expect(JSON.parse(done.stdout)).toEqual({
      unknown: null,
      enrolled: true,
      'enrolled too': 'fake',
      twice: [true, null],
      masked: '******',
      updated: '8',
      inventory: { 'bifrost-1': nics, 'bifrost-2': ['52:54:00:b1:00:03'] },
      inspected: ['available', true],
      ports: expect.arrayContaining(nics), // and what inspection found
      deployed: [true, 'active', false],
      instance: [image, '******'],
      'deployed too': [true, 'active'],
      unprovisioned: {},
      left: [null, null, 0],
      again: ['available', null],
    });
  };

  const nova = async (context: TestContext): Promise<void> => {
    context.skip(!novaInstalled, 'because python3-nova is not installed');
    const login = { auth_url: `${running.url}/identity/v3`, username: 'admin', password, user_domain_id: 'default' };
    const words = [join(import.meta.dirname, 'compute.py'), JSON.stringify({ ...login, system_scope: 'all' })];
    const done = await run(PYTHON, words, { timeoutMs: 170_000 });
    expect(JSON.parse(done.stdout)).toEqual({
      exists: [true, true, false],
      resource: {
        resource_class: 'nova-gold',
        supported_instances: [['x86_64', 'baremetal', 'hvm']],
        stats: { cpu_arch: 'x86_64', boot_mode: 'uefi', gpu: 'no' },
      },
      free: [0, ['CUSTOM_FAST']],
      before: ['pending', false, false],
      taken: 'ComputeResourcesUnavailable',
      vifs: [true],
      connector: {
        ip: expect.stringMatching(/^192\.0\.2\.\d+$/),
        host: expect.any(String),
        initiator: 'iqn.2026-01.org:nova',
        platform: 'x86_64',
        os_type: 'baremetal',
        multipath: false,
      },
      built: ['active', true, 'machine-1', '20', 'compute-1', ['CUSTOM_FAST'], { boot_mode: 'uefi' }, '******'],
      'config drive': ['CD001', true, true],
      volumes: ['0b7e0f0a-1111-4111-8111-000000000003'],
      used: [1, ['CUSTOM_FAST']],
      instances: [true, true],
      power: ['running', 'shutdown', 'running', 'shutdown', 'running'],
      console: ['ConsoleTypeUnavailable', 'ConsoleTypeUnavailable', 'fake'],
      rebuilt: ['active', true],
      gone: [null, {}, 'pending', false, [], []],
      failed: [null, {}, 'available'],
      // Only what it knows the answer to: an instance is no node, a VIF is attached twice and was detached already.
      refused: [
        'GET /v1/nodes/6d3a7c1e-57c5-4a0e-9d0b-0c0d3b0f5a11 404',
        'POST /v1/nodes/NODE/vifs 409',
        'POST /v1/nodes/NODE/vifs 409',
        'DELETE /v1/nodes/NODE/vifs/VIF 400',
      ],
      versions: ['1.46'],
    });
  };

  // Each of the two once: the way people run it.
  const theirs: Record<typeof auth, { name: string; steps: (context: TestContext) => Promise<void> }> = {
    none: { name: "Bifrost's steps, from enrolment to deletion", steps: bifrost },
    keystone: { name: "Nova's driver, as nova-compute uses it", steps: nova },
  };
  test.for([theirs[auth]])('$name', { timeout: 180_000 }, async ({ steps }, context) => await steps(context));
});
