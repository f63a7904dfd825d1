import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, start } from '../../src/kernel/run.ts';
import { type Rack, startRack } from '../../src/lab/outside.ts';
import { until } from './client.ts';
import { tinyGuest } from './guest.ts';
import { GuestShell } from './guest-shell.ts';

const BOOT_MS = 60_000;
const inside = { program: process.execPath, args: [join(import.meta.dirname, 'inside-main.ts')] };

let reason: string | undefined;
let rack: Rack;
const shells = new Map<string, GuestShell>();

async function control(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(
    rack.controlUrl + path,
    body === undefined ? { method } : { method, body: JSON.stringify(body) },
  );
  const text = await response.text();
  expect([path, response.status, text]).toEqual([path, text === '' ? 204 : 200, text]);
  return text === '' ? {} : JSON.parse(text);
}

const shell = (name: string) => shells.get(name) as GuestShell;

beforeAll(async () => {
  reason = await run('unshare', ['-Urn', 'ip', 'tuntap', 'add', 'probe0', 'mode', 'tap'], { timeoutMs: 5_000 }).then(
    () => undefined,
    (error: Error) => `no tap interface in a user namespace: ${error.message}`,
  );
  if (reason !== undefined) return;
  const directKernel = await tinyGuest('disk');
  const machine = {
    mode: 'bios' as const,
    memoryMiB: 192,
    disks: [{ bus: 'nvme' as const, sizeBytes: 1 << 20 }],
    directKernel,
  };
  rack = await startRack({
    machines: [
      { ...machine, name: 'a', nics: [{}, {}] },
      { ...machine, name: 'b', nics: [{}] },
    ],
    inside,
  });
  for (const { name, serialSocket } of rack.machines) shells.set(String(name), new GuestShell(String(serialSocket)));
  for (const { redfish } of rack.machines) await powerOn(String(redfish));
  await Promise.all([...shells.values()].map((s) => s.ready()));
  await shell('a').do('ip link set eth0 up; ip addr add 10.1.0.1/24 dev eth0');
  await shell('b').do('ip link set eth0 up; ip addr add 10.1.0.2/24 dev eth0');
}, 2 * BOOT_MS);

afterAll(async () => {
  await rack?.close();
});

describe('the rack in its namespace, without privilege', () => {
  it(
    'keeps machines of different VLANs apart, and joins them when a port is moved',
    async (context) => {
      context.skip(reason !== undefined, reason);
      await control('PUT', '/switch/ports/t0n0', { mode: 'access', vlan: 10 });
      await control('PUT', '/switch/ports/t1n0', { mode: 'access', vlan: 20 });
      expect(await shell('a').reaches('10.1.0.2')).toBe(false);
      await control('PUT', '/switch/ports/t1n0', { mode: 'access', vlan: 10 });
      expect(await shell('a').reaches('10.1.0.2')).toBe(true);
      const { learned } = (await control('GET', '/switch/learned')) as { learned: { vlan: number }[] };
      expect(learned.filter((l) => l.vlan === 10)).toHaveLength(2);
    },
    BOOT_MS,
  );

  it(
    'carries a trunk: the native VLAN bare and the other one tagged',
    async (context) => {
      context.skip(reason !== undefined, reason);
      await control('PUT', '/switch/ports/t0n0', { mode: 'trunk', vlans: [10, 30], native: 10 });
      await control('PUT', '/switch/ports/t1n0', { mode: 'access', vlan: 30 });
      expect(await shell('a').reaches('10.1.0.2')).toBe(false);
      await shell('a').do(
        'ip addr del 10.1.0.1/24 dev eth0; ip link add link eth0 name v30 type vlan id 30; ip link set v30 up; ip addr add 10.1.0.1/24 dev v30',
      );
      expect(await shell('a').reaches('10.1.0.2')).toBe(true);
      await shell('a').do('ip link del v30');
      await control('PUT', '/switch/ports/t1n0', { mode: 'access', vlan: 10 });
      const { ports } = (await control('GET', '/switch/ports')) as { ports: unknown[] };
      expect(ports).toContainEqual({
        name: 't0n0',
        interfaces: ['t0n0'],
        tag: 10,
        trunks: [10, 30],
        vlanMode: 'native-untagged',
        lacp: null,
      });
    },
    BOOT_MS,
  );

  it(
    'cuts the link of a port that is marked as shut, also where the mark is gone at once',
    async (context) => {
      context.skip(reason !== undefined, reason);
      const mark = (...words: string[]) =>
        run('ovs-vsctl', [`--db=${rack.switch.ovsdb}`, ...words], { timeoutMs: 10_000 });
      const carrier = async () => /^1\r?$/m.test(await shell('a').do('cat /sys/class/net/eth0/carrier'));
      const cuts = async () =>
        Number(/^(\d+)\r?$/m.exec(await shell('a').do('cat /sys/class/net/eth0/carrier_down_count'))?.[1]);
      const before = await cuts();
      await mark('set', 'interface', 't0n0', 'external_ids:ingot-shut=true');
      await until(async () => !(await carrier()), 20_000);
      await mark('remove', 'interface', 't0n0', 'external_ids', 'ingot-shut');
      await until(carrier, 20_000);
      expect(await cuts()).toBe(before + 1);
      await mark('set', 'interface', 't0n0', 'external_ids:ingot-shut=true');
      await mark('remove', 'interface', 't0n0', 'external_ids', 'ingot-shut');
      await until(async () => (await cuts()) === before + 2, 20_000);
      await until(carrier, 20_000);
    },
    BOOT_MS,
  );

  it(
    'negotiates LACP with a bond in the guest',
    async (context) => {
      context.skip(reason !== undefined, reason);
      await control('PUT', '/switch/bonds/bond0', { interfaces: ['t0n0', 't0n1'], mode: 'access', vlan: 10 });
      const bond = '/sys/class/net/bond0/bonding';
      await shell('a').do(
        'ip addr flush dev eth0; ip link set eth0 down; ip link set eth1 down; ip link set bond0 down',
      );
      await shell('a').do(`echo 802.3ad > ${bond}/mode; echo fast > ${bond}/lacp_rate; echo 100 > ${bond}/miimon`);
      await shell('a').do(
        `echo +eth0 > ${bond}/slaves; echo +eth1 > ${bond}/slaves; ip link set bond0 up; ip addr add 10.1.0.1/24 dev bond0`,
      );
      let lacp = '';
      await until(async () => {
        lacp = String((await control('GET', '/switch/bonds/bond0'))['lacp']);
        return /status: active negotiated/.test(lacp) && (lacp.match(/current attached/g) ?? []).length >= 2;
      }, 30_000);
      await until(() => shell('a').reaches('10.1.0.2'), 20_000);
      expect(await shell('a').do(`cat ${bond}/ad_partner_mac`)).not.toContain('00:00:00:00:00:00');
    },
    BOOT_MS,
  );

  it(
    'leaves nothing behind when its launcher is killed',
    async (context) => {
      context.skip(reason !== undefined, reason);
      const script = `import { startRack } from ${JSON.stringify(join(import.meta.dirname, '../../src/lab/outside.ts'))};
      const rack = await startRack({ machines: [{ name: 'k', mode: 'bios', memoryMiB: 64, disks: [] }], inside: ${JSON.stringify(inside)} });
      console.log(JSON.stringify([rack.pid, rack.machines[0].serialSocket]));
      setInterval(() => {}, 1000);`;
      const launcher = start(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      launcher.stdout?.on('data', (bytes) => {
        said += bytes;
      });
      await until(() => said.includes('\n'), 60_000);
      const [pid, socket] = JSON.parse(said) as [number, string];
      // everything in the rack's namespaces hangs below this process
      const family = async () =>
        (await run('ps', ['-o', 'pid=', '--ppid', String(pid)], { timeoutMs: 5_000, okCodes: [0, 1] })).stdout.trim();
      expect(await family()).not.toBe('');
      const world = await run('ps', ['-eo', 'args'], { timeoutMs: 5_000 });
      expect(world.stdout).toContain(socket.replace(/\/k\/serial$/, '/ovs'));
      launcher.kill('SIGKILL');
      await until(
        async () =>
          !(await run('ps', ['-eo', 'args'], { timeoutMs: 5_000 })).stdout.includes(socket.replace(/\/k\/serial$/, '')),
        5_000,
      );
    },
    BOOT_MS,
  );
});

async function powerOn(url: string): Promise<void> {
  const { request } = process.getBuiltinModule('node:https');
  const body = JSON.stringify({ ResetType: 'On' });
  const headers = {
    authorization: `Basic ${Buffer.from('admin:password').toString('base64')}`,
    'content-type': 'application/json',
    connection: 'close',
  };
  const status = await new Promise((resolve, reject) => {
    const path = `${url}/redfish/v1/Systems/1/Actions/ComputerSystem.Reset`;
    const outgoing = request(path, { method: 'POST', headers, rejectUnauthorized: false }, (r) =>
      resolve(r.statusCode),
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  expect(status).toBe(204);
}
