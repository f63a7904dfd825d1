import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/kernel/secret.ts';
import { Ledger } from '../../src/lab/ledger.ts';
import { record } from '../../src/lab/record/record.ts';
import { replay } from '../../src/lab/record/replay.ts';
import { readTree, writeTree } from '../../src/lab/record/tree.ts';
import { startLab } from '../../src/lab/up.ts';

const credentials = { name: 'reader', password: 'reading' };
const options = { user: 'admin', password: new Secret('password'), verify: false };
const dirs: string[] = [];

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ilr-'));
  dirs.push(dir);
  return dir;
}
afterAll(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

describe('recording', () => {
  it('walks a lab BMC politely, keeps its shape and nothing that identifies it, and replays', async () => {
    await using lab = await startLab({
      machines: [{ name: 'm', serialNumber: 'SECRETSERIAL1', assetTag: 'OWNERS-RACK-7' }],
      kind: 'simulated',
    });
    const machine = lab.machine('m');
    await machine.machine.powerOn();
    const recording = await record(machine.redfish.url, options);
    expect(recording.failed.size).toBe(0);
    expect(recording.tree.size).toBeGreaterThan(90);
    expect(machine.bmc.counters.maxConcurrent).toBeLessThanOrEqual(2);
    expect(lab.ledger.list({ kind: 'request' })).toEqual([]);
    const text = JSON.stringify([...recording.tree]);
    for (const secret of [
      'SECRETSERIAL1',
      'OWNERS-RACK-7',
      machine.spec.uuid,
      ...machine.spec.nics.map((n) => n.mac),
    ]) {
      expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    }
    const dir = await folder();
    await writeTree(recording.tree, dir);
    const tree = await readTree(dir);
    expect(tree).toEqual(recording.tree);
    const ledger = new Ledger();
    const served = await replay(tree, { name: 'recorded', ledger, credentials, address: '127.0.0.1', port: 0 });
    const again = await record(served.server.url, { user: 'reader', password: new Secret('reading'), verify: false });
    expect([...again.tree.keys()].length).toBe(tree.size);
    const auth = { authorization: `Basic ${Buffer.from('reader:reading').toString('base64')}` };
    const ask = (method: string, path: string, body?: unknown) =>
      insecure(served.server.url + path, method, auth, body);
    expect((await ask('GET', '/redfish/v1/Systems/1')).json['PowerState']).toBe('On');
    await ask('POST', '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset', { ResetType: 'ForceOff' });
    expect((await ask('GET', '/redfish/v1/Systems/1')).json['PowerState']).toBe('Off');
    await ask('PATCH', '/redfish/v1/Systems/1', { Boot: { BootSourceOverrideTarget: 'Pxe' } });
    expect((await ask('GET', '/redfish/v1/Systems/1')).json['Boot']).toMatchObject({
      BootSourceOverrideTarget: 'Pxe',
      BootSourceOverrideEnabled: 'Disabled',
    });
    expect(ledger.list({ kind: 'request' }).map((e) => e.action)).toHaveLength(2);
    served.effects.on('broken', { http: [{ effect: { kind: 'answer', answer: { status: 500 } } }] });
    expect((await ask('GET', '/redfish/v1')).status).toBe(500);
    await served.server.close();
  });

  it('says so when there is nothing to record', async () => {
    await expect(record('https://127.0.0.1:1', options)).rejects.toThrow(/Cannot record/);
    await expect(readTree(await folder())).rejects.toThrow(/no folder redfish/);
  });
});

async function insecure(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const { request } = process.getBuiltinModule('node:https');
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'content-type': 'application/json', connection: 'close' };
    const outgoing = request(url, { method, headers: all, rejectUnauthorized: false, agent: false }, (response) => {
      let text = '';
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, json: text === '' ? {} : JSON.parse(text) }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
