import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliCloud, cliCloud } from './cloud.ts';

type Row = Record<string, unknown>;

let cloud: CliCloud;
beforeAll(async () => {
  cloud = await cliCloud();
  await cloud.ok('node create', '--driver', 'fake-hardware', '--name', 'n1', '--resource-class', 'large');
});
afterAll(() => cloud?.[Symbol.asyncDispose]());

const state = async () => (await cloud.json('node show n1'))['provision_state'];

describe('verbs of ingot baremetal against a running server', () => {
  it('takes a node through its life, waiting for each state', async () => {
    const managed = await cloud.run('baremetal', 'node', 'manage', 'n1', '--wait', '60');
    expect(managed).toMatchObject({ code: 0 });
    expect(managed.stderr).toMatch(/n1: manageable/);
    await cloud.ok('node inspect n1 --wait 60');
    await cloud.ok('node clean n1 --wait 60', '--clean-steps', '[{"interface":"deploy","step":"erase_devices"}]');
    await cloud.ok('node provide --wait n1');
    expect(await state()).toBe('available');
    await cloud.ok('node deploy n1 --wait 60', '--config-drive', '{"meta_data":{"a":"b"}}');
    await cloud.ok('node rescue n1 --wait 60', '--rescue-password', 'secret12');
    expect(await state()).toBe('rescue');
    await cloud.ok('node unrescue n1 --wait 60');
    await cloud.ok('node rebuild n1 --wait 60');
    expect(await state()).toBe('active');
    await cloud.ok('node undeploy n1 --wait 60');
    expect(await state()).toBe('available');
  });

  it('tells what the server refused, with the id of the request', async () => {
    const refused = await cloud.run('baremetal', 'node', 'undeploy', 'n1');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^ingot: .* \(HTTP 400, request req-[0-9a-f-]+\)\n$/);
    expect(await cloud.run('baremetal', 'node', 'show', 'nobody')).toMatchObject({ code: 1 });
    const two = await cloud.run('baremetal', 'node', 'delete', 'nobody1', 'nobody2');
    expect(two.code).toBe(1);
    expect(two.stderr).toMatch(/nobody1: .*\n.*nobody2: /);
  });

  it('ends with 2 when it cannot be meant', async () => {
    for (const words of [
      ['node', 'show'],
      ['node', 'list', '--nonsense'],
      ['node', 'fly', 'n1'],
      ['node', 'set', 'n1'],
      ['node', 'list', '-c', 'nonsense'],
      ['node', 'boot', 'device', 'set', 'n1', 'floppy'],
      ['node', 'list', '-f', 'xml'],
      ['node', 'set', 'n1', '--extra', 'novalue'],
    ]) {
      const end = await cloud.run('baremetal', ...words);
      expect(end.code, words.join(' ') + end.stderr).toBe(2);
      expect(end.stderr).not.toBe('');
    }
  });

  it('ends with 3 when what it waited for does not come', async () => {
    await cloud.ok('node create', '--driver', 'fake-hardware', '--name', 'late');
    await cloud.ok('node manage late --wait');
    await cloud.ok('node maintenance set late', '--reason', 'test');
    const allocation = await cloud.run('baremetal', 'allocation', 'create', '--resource-class', 'none', '--wait', '30');
    expect(allocation.code, allocation.stderr).toBe(3);
  });

  it('switches, marks and looks at a node', async () => {
    await cloud.ok('node power on n1');
    await cloud.ok('node reboot n1 --soft');
    await cloud.ok('node power off n1 --power-timeout 30');
    await cloud.ok('node maintenance set n1', '--reason', 'disk');
    expect(await cloud.json('node show n1')).toMatchObject({ maintenance: true, maintenance_reason: 'disk' });
    await cloud.ok('node maintenance unset n1');
    await cloud.ok('node boot device set n1 pxe --persistent');
    expect(await cloud.json('node boot device show n1')).toMatchObject({ boot_device: 'pxe', persistent: true });
    expect(await cloud.ok('node boot device show n1 --supported')).toContain('pxe');
    await cloud.ok('node console show n1');
    await cloud.ok('node trait add n1 CUSTOM_A CUSTOM_B');
    await cloud.ok('node remove trait n1 CUSTOM_A');
    const traits = await cloud.json<Row[]>('node trait list n1');
    expect(traits).toContainEqual({ traits: 'CUSTOM_B' });
    expect(traits).not.toContainEqual({ traits: 'CUSTOM_A' });
    await cloud.ok('node trait remove n1 --all');
    expect(await cloud.ok('node validate n1')).toContain('power');
    await cloud.ok('node passthru list n1');
    expect(await cloud.json<Row[]>('node history list n1')).toBeInstanceOf(Array);
    expect(await cloud.json<Row[]>('node bios setting list n1')).toBeInstanceOf(Array);
    expect(await cloud.json<Row[]>('node firmware list n1')).toBeInstanceOf(Array);
    expect(await cloud.json<Row[]>('node children list n1')).toEqual([]);
    expect(await cloud.json<Row[]>('node vif list n1')).toEqual([]);
    expect(JSON.parse(await cloud.ok('node inventory save n1'))).toBeTypeOf('object');
  });

  it('asks for a node and waits until there is one', async () => {
    const made = await cloud.json('allocation create', '--resource-class', 'large', '--name', 'a1', '--wait', '30');
    expect(made).toMatchObject({ state: 'active', name: 'a1' });
    await cloud.ok('allocation set a1', '--extra', 'x=1');
    await cloud.ok('allocation unset a1', '--extra', 'x');
    expect(await cloud.json<Row[]>('allocation list', '--state', 'active')).toHaveLength(1);
    expect(await cloud.json('allocation show a1')).toMatchObject({ resource_class: 'large' });
    expect(await cloud.ok('allocation delete a1')).toBe('Deleted allocation a1\n');
  });

  it('prints rules, files to log in with, and an older version on request', async () => {
    expect((await cloud.run('policy', 'explain', 'baremetal:node:delete')).stdout).toMatch(/is allowed\n {2}yes /);
    expect((await cloud.run('openrc')).stdout).toContain("export OS_AUTH_TYPE='none'");
    expect((await cloud.run('clouds-yaml')).stdout).toContain('baremetal_endpoint_override');
    const old = await cloud.run('baremetal', '--os-baremetal-api-version', '1.10', 'node', 'show', 'n1', '-f', 'json');
    expect(JSON.parse(old.stdout)).not.toHaveProperty('resource_class');
    const stopped = await cloud.run('baremetal', '--os-endpoint', 'http://127.0.0.1:9', 'node', 'list');
    expect(stopped).toMatchObject({ code: 1 });
    expect(stopped.stderr).toMatch(/nothing listens there|does not answer/);
  });
});
