import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliCloud, cliCloud } from './cloud.ts';

type Row = Record<string, unknown>;

let cloud: CliCloud;
beforeAll(async () => {
  cloud = await cliCloud();
});
afterAll(() => cloud?.[Symbol.asyncDispose]());

const makeNode = (name: string, ...more: string[]) =>
  cloud.json('node create', '--driver', 'fake-hardware', '--name', name, ...more);

// At the same time: each test has nodes of its own, and waiting for processes is most of the time.
describe.concurrent('nouns of ingot baremetal against a running server', () => {
  it('keeps nodes', async () => {
    const made = await makeNode('web1', '--driver-info', 'username=root', '--property', 'cpus=8', '--extra', 'a=b=c');
    expect(made).toMatchObject({ name: 'web1', properties: { cpus: 8 }, extra: { a: 'b=c' } });
    expect(Object.keys(made)).not.toContain('links');
    await cloud.ok(
      'node set web1',
      '--resource-class',
      'large',
      '--extra',
      'rack=7',
      '--retired',
      '--no-automated-clean',
    );
    const show = await cloud.json('node show web1');
    expect(show).toMatchObject({
      resource_class: 'large',
      extra: { a: 'b=c', rack: 7 },
      retired: true,
      automated_clean: false,
    });
    await cloud.ok('node unset web1', '--extra', 'a', '--retired', '--resource-class');
    const bare = await cloud.json('node show web1 --fields extra retired resource_class');
    expect(bare).toEqual({ extra: { rack: 7 }, retired: false, resource_class: null });
    const text = await cloud.ok('node list', '-f', 'value', '-c', 'Name', '-c', 'provision_state', '--sort', 'name');
    expect(text).toContain('web1 enroll\n');
    expect(await cloud.ok('node list --retired')).not.toContain('web1');
    expect(await cloud.json<Row[]>('node list --long --limit 1')).toHaveLength(1);
  });

  it('lists page after page and sorts', async () => {
    for (const name of ['p3', 'p1', 'p2']) await makeNode(name);
    const all = await cloud.json<Row[]>('node list', '--sort', 'name:desc', '--fields', 'name');
    const names = all.map(({ name }) => String(name));
    expect(names).toEqual([...names].sort().reverse());
    expect(await cloud.json<Row[]>('node list', '--limit', '2')).toHaveLength(2);
    expect(await cloud.ok('node list', '--fields', 'name,uuid', '-f', 'csv')).toMatch(/^"name","uuid"\r\n/);
  });

  it('keeps ports and port groups', async () => {
    const node = String((await makeNode('net1'))['uuid']);
    const group = await cloud.json('port group create', '--node', node, '--name', 'bond0', '--mode', '802.3ad');
    expect(group).toMatchObject({ name: 'bond0', node_uuid: node });
    const port = await cloud.json(
      'port create 52:54:00:AA:00:01',
      ...['--node', node, '--pxe-enabled', 'false', '--port-group', String(group['uuid'])],
      ...['--local-link-connection', 'switch_id=0a:1b:2c:3d:4e:5f', '--local-link-connection', 'port_id=Eth1'],
    );
    expect(port).toMatchObject({ address: '52:54:00:aa:00:01', pxe_enabled: false });
    expect((await cloud.json('port show --address 52:54:00:aa:00:01'))['uuid']).toBe(port['uuid']);
    await cloud.ok(`port set ${String(port['uuid'])}`, '--name', 'left', '--pxe-enabled');
    expect(await cloud.json('port show left')).toMatchObject({ name: 'left', pxe_enabled: true });
    await cloud.ok('port unset left', '--name', '--port-group');
    await cloud.ok('port group set bond0', '--property', 'miimon=100', '--unsupport-standalone-ports');
    expect(await cloud.json('port group show bond0')).toMatchObject({
      properties: { miimon: 100 },
      standalone_ports_supported: false,
    });
    await cloud.ok('port group unset bond0', '--property', 'miimon');
    expect(await cloud.json<Row[]>('port list', '--node', 'net1')).toHaveLength(1);
    expect(await cloud.json<Row[]>('port group list', '--node', 'net1')).toHaveLength(1);
    await cloud.ok(`port delete ${String(port['uuid'])}`);
    await cloud.ok('port group delete bond0');
  });

  it('keeps chassis', async () => {
    const chassis = String((await cloud.json('chassis create', '--description', 'row 1'))['uuid']);
    await cloud.ok(`chassis set ${chassis}`, '--extra', 'a=1');
    await cloud.ok(`chassis unset ${chassis}`, '--description');
    expect(await cloud.json(`chassis show ${chassis}`)).toMatchObject({ extra: { a: 1 } });
    expect(await cloud.ok('chassis list')).toContain(chassis);
    await cloud.ok(`chassis delete ${chassis}`);
  });

  it('keeps volumes', async () => {
    const node = String((await makeNode('vol1'))['uuid']);
    const connector = String(
      (
        await cloud.json(
          'volume connector create',
          ...['--node', node, '--type', 'iqn', '--connector-id', 'iqn.2026-01.org.example:1'],
        )
      )['uuid'],
    );
    const target = String(
      (
        await cloud.json(
          'volume target create',
          ...['--node', node, '--type', 'iscsi', '--boot-index', '0', '--volume-id', 'v1', '--property', 'lun=1'],
        )
      )['uuid'],
    );
    expect(await cloud.json(`volume connector show ${connector}`)).toMatchObject({ type: 'iqn' });
    expect(await cloud.json(`volume target show ${target}`)).toMatchObject({ boot_index: 0 });
    expect(await cloud.json<Row[]>('volume connector list', '--node', 'vol1')).toHaveLength(1);
    expect(await cloud.json<Row[]>('volume target list', '--long')).toHaveLength(1);
  });

  it('keeps deploy templates', async () => {
    const steps = JSON.stringify([{ interface: 'deploy', step: 'deploy', args: {}, priority: 10 }]);
    expect(await cloud.json('deploy template create CUSTOM_T1', '--steps', steps)).toMatchObject({ name: 'CUSTOM_T1' });
    await cloud.ok('deploy template set CUSTOM_T1', '--extra', 'x=1');
    await cloud.ok('deploy template unset CUSTOM_T1', '--extra', 'x');
    expect(await cloud.json<Row[]>('deploy template list')).toHaveLength(1);
    await cloud.ok('deploy template delete CUSTOM_T1');
  });

  it('keeps runbooks', async () => {
    const runSteps = JSON.stringify([{ interface: 'deploy', step: 'erase_devices', args: {}, order: 1 }]);
    const runbook = await cloud.json('runbook create', '--name', 'CUSTOM_R1', '--steps', runSteps, '--public');
    expect(runbook).toMatchObject({ name: 'CUSTOM_R1', public: true });
    await cloud.ok('runbook trait add CUSTOM_R1 CUSTOM_A CUSTOM_B');
    await cloud.ok('runbook trait remove CUSTOM_R1 CUSTOM_A');
    expect(await cloud.ok('runbook trait list CUSTOM_R1', '-f', 'value')).toContain('CUSTOM_B');
    await cloud.ok('runbook delete CUSTOM_R1');
  });

  it('keeps inspection rules', async () => {
    const actions = JSON.stringify([{ op: 'set-attribute', args: { path: '/extra/seen', value: 'yes' } }]);
    const rule = String((await cloud.json('inspection rule create', '--actions', actions, '--priority', '5'))['uuid']);
    await cloud.ok(`inspection rule set ${rule}`, '--description', 'marks');
    expect(await cloud.json(`inspection rule show ${rule}`)).toMatchObject({ priority: 5, description: 'marks' });
    expect(await cloud.ok('inspection rule list')).toContain('marks');
    await cloud.ok(`inspection rule delete ${rule}`);
  });

  it('shows drivers, conductors and shards', async () => {
    expect(await cloud.ok('driver list')).toContain('fake-hardware');
    expect(await cloud.json('driver show fake-hardware')).toMatchObject({ name: 'fake-hardware' });
    await cloud.ok('driver property list fake-hardware');
    await cloud.ok('driver raid property list fake-hardware');
    await cloud.ok('driver passthru list fake-hardware');
    const [conductor] = await cloud.json<Row[]>('conductor list');
    expect(await cloud.json(`conductor show ${String(conductor?.['hostname'])}`)).toMatchObject({ alive: true });
    await makeNode('shard1', '--shard', 's1');
    expect(await cloud.json<Row[]>('shard list')).toContainEqual({ name: 's1', count: 1 });
  });

  it('makes many from a file', async () => {
    const file = join(cloud.server.dataDir, 'rack.yaml');
    writeFileSync(
      file,
      [
        'chassis:',
        '  - description: rack 9',
        '    nodes:',
        '      - {name: rack9-1, driver: fake-hardware, ports: [{address: "52:54:00:00:09:01"}]}',
        'nodes:',
        '  - {name: rack9-2, driver: fake-hardware}',
        '',
      ].join('\n'),
    );
    const said = await cloud.ok(`create ${file}`);
    expect(said.match(/^Created /gm)).toHaveLength(4);
    expect(await cloud.json<Row[]>('port list', '--node', 'rack9-1')).toHaveLength(1);
  });
});
