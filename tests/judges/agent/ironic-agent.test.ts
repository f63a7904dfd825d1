import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyGpt, TYPES, writeGpt } from '../../../src/agent/disks/gpt.ts';
import { openSparse, SparseDisk } from '../../../src/agent/machine/simulated/sparse-device.ts';
import { MIB, startAgent, type TestAgent, TestServer } from '../../agent/harness.ts';
import { ironicConf } from './ironic-conf.ts';

// Debian's Ironic deploys and cleans through our agent, on a simulated machine.

const IRONIC = '/usr/bin/ironic';
const installed = existsSync(IRONIC);
const folder = mkdtempSync(join(tmpdir(), 'ironic-agent-'));
let ironic: ChildProcess | undefined;
let api = '';
let said = '';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${api}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.82' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

async function must(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await ask(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Waits until the node is in a state; a failed one ends the wait with what Ironic says. */
async function reach(uuid: string, state: string, seconds = 300): Promise<Record<string, unknown>> {
  let node: Record<string, unknown> = {};
  for (let waited = 0; waited < seconds * 2; waited++) {
    node = (await ask('GET', `/v1/nodes/${uuid}`)).body;
    if (node['provision_state'] === state) return node;
    const failed = /failed|error/.test(String(node['provision_state']));
    if (failed)
      throw new Error(`${String(node['provision_state'])}: ${String(node['last_error'])}\n${said.slice(-3000)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${String(node['provision_state'])} instead of ${state}: ${String(node['last_error'])}`);
}

beforeAll(async () => {
  if (!installed) return;
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  mkdirSync(join(folder, 'certificates'));
  const conf = join(folder, 'ironic.conf');
  writeFileSync(conf, ironicConf(folder, port));
  const made = spawnSync('/usr/bin/ironic-dbsync', ['--config-file', conf, 'create_schema'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  ironic = spawn(IRONIC, ['--config-file', conf], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [ironic.stdout, ironic.stderr]) {
    stream?.on('data', (part: Buffer) => {
      said = (said + part.toString('utf8')).slice(-200_000);
    });
  }
  for (let i = 0; ; i++) {
    const drivers = await ask('GET', '/v1/drivers').catch(() => undefined);
    if (JSON.stringify(drivers?.body ?? {}).includes('fake-hardware')) return;
    if (i > 480) throw new Error(`Ironic does not start: ${said.slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}, 400_000);

afterAll(async () => {
  const child = ironic;
  if (child !== undefined) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A disk of 8 MiB with an EFI system partition, whose content the simulated machine says is a loader. */
async function image(): Promise<Buffer> {
  const device = openSparse('image', new SparseDisk(8 * MIB), () => null);
  const table = emptyGpt(device.size, 512);
  const uuid = '00000001-1111-4222-8333-444444444444';
  table.partitions = [{ number: 1, first: 2048, last: 8191, type: TYPES.esp, uuid, name: 'esp', attributes: 0n }];
  await device.write(randomBytes(3 * MIB), MIB);
  await writeGpt(device, table, { protective: true });
  const raw = Buffer.alloc(device.size);
  await device.read(raw, 0);
  return raw;
}

test('Ironic cleans a machine and deploys an image to it through our agent', async (context) => {
  context.skip(!installed, 'because Debian’s ironic-api and ironic-conductor are not installed');
  const raw = await image();
  const images = await TestServer.start(() => ({ status: 200, body: raw }));
  const node = await must('POST', '/v1/nodes', {
    name: 'judged',
    driver: 'fake-hardware',
    deploy_interface: 'direct',
    driver_info: { deploy_kernel: `${images.url}/k`, deploy_ramdisk: `${images.url}/r` },
    properties: { cpu_arch: 'x86_64', capabilities: 'boot_mode:uefi', root_device: { serial: 'SMALL' } },
  });
  const uuid = String(node['uuid']);
  await must('POST', '/v1/ports', { node_uuid: uuid, address: '52:54:00:00:00:01' });
  let agent: TestAgent | undefined;
  const boot = async () => {
    await agent?.close();
    agent = await startAgent(api, { words: 'ipa-lookup-timeout=120' });
    return agent;
  };
  try {
    await must('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' });
    await reach(uuid, 'manageable');
    await must('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'provide' });
    await reach(uuid, 'clean wait');
    const cleaned = await boot();
    cleaned.machine.disk('/dev/vda').write(Buffer.from('of an earlier tenant'), 0);
    await reach(uuid, 'available');
    // A heartbeat it believed: over TLS, with the certificate that the heartbeat brought.
    const log = cleaned.lines.join('\n');
    expect(log).toContain('erase_devices_metadata');
    expect(log).toContain('"step":"erase_devices"');
    const left = Buffer.alloc(20);
    cleaned.machine.disk('/dev/vda').read(left, 0);
    expect(left.equals(Buffer.alloc(20))).toBe(true);

    await must('PATCH', `/v1/nodes/${uuid}`, [
      { op: 'add', path: '/instance_info/image_source', value: `${images.url}/disk.raw` },
      { op: 'add', path: '/instance_info/image_os_hash_algo', value: 'sha256' },
      { op: 'add', path: '/instance_info/image_os_hash_value', value: createHash('sha256').update(raw).digest('hex') },
      { op: 'add', path: '/instance_info/image_disk_format', value: 'raw' },
      { op: 'add', path: '/instance_info/image_type', value: 'whole-disk-image' },
    ]);
    await must('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active' });
    await reach(uuid, 'wait call-back');
    const deployed = await boot();
    // Ironic's fake management knows no boot device but the network: its own deploy ends there, after everything that
    // is the agent's to do.
    const ended = await reach(uuid, 'deploy failed');
    expect(ended['last_error']).toMatch(/prepare_instance_boot.*Invalid boot device disk specified/);
    const written = Buffer.alloc(raw.length);
    deployed.machine.disk('/dev/vda').read(written, 0);
    // Its ends hold the partition table, which belongs to this disk now.
    expect(written.subarray(MIB, 7 * MIB).equals(raw.subarray(MIB, 7 * MIB))).toBe(true);
    const commands = deployed.lines.filter((line) => line.includes('command starts')).join('\n');
    for (const name of ['deploy.get_deploy_steps', 'deploy.execute_deploy_step', 'image.install_bootloader']) {
      expect(commands).toContain(name);
    }
  } finally {
    await agent?.close();
    await images.close();
  }
}, 900_000);
