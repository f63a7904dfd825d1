import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabMachine, labMachine } from '../drivers/rack.ts';
import { processesOf } from '../house/ingot.ts';
import { type Cloud, cloud, recording, session } from './cloud.ts';

let one: Cloud;
let ipmi: LabMachine;
const WAIT = { timeout: 60_000, interval: 50 };

beforeAll(async () => {
  ipmi = await labMachine();
  one = await cloud({ env: { INGOT_CONSOLE_LAB_SOCKETS: '127.0.0.1:' } });
}, 120_000);
afterAll(async () => {
  await one.close();
  await ipmi.close();
});

test('a machine is recorded from enrolment on, over power cycles and lost connections', {
  timeout: 180_000,
}, async () => {
  const uuid = await one.enrol(ipmi, 'ipmi');
  await recording(one, uuid);
  ipmi.machine.serial.fromGuest(Buffer.from('first words\r\n\x1b[31mred alarm\x1b[0m\r\n'));
  await expect.poll(() => one.log(uuid), WAIT).toContain('first words\nred alarm\n');
  await one.ask('PUT', `/v1/nodes/${uuid}/states/power`, { target: 'power on' });
  await expect.poll(() => ipmi.machine.power, WAIT).toBe('on');
  ipmi.machine.serial.fromGuest(Buffer.from('after power on\r\n'));
  await expect.poll(() => one.log(uuid), WAIT).toContain('after power on');

  // The tool dies, and the BMC thinks that somebody still has the console: it is taken from them.
  for (const { pid, command } of processesOf(String(ipmi.ipmi.port))) {
    if (command.startsWith('ipmitool')) process.kill(pid, 'SIGKILL');
  }
  await expect.poll(() => one.log(uuid), WAIT).toMatch(/recording interrupted[^]*recording after \d+ s/);
  expect(ipmi.ledger.list().map(({ action }) => action)).toContain('sol.deactivate');
  ipmi.machine.serial.fromGuest(Buffer.from('after the break\r\n'));
  await expect.poll(() => one.log(uuid, '?tail=1'), WAIT).toBe('after the break\n');

  const found = await one.ask<{ lines: { text: string }[] }>('GET', `/console/v1/nodes/${uuid}/search?text=RED+alarm`);
  expect(found.lines.map(({ text }) => text)).toEqual(['red alarm']);

  // People connect when the console is switched on.
  await expect(session(one, uuid)).rejects.toThrow('409');
  await one.ask('PUT', `/v1/nodes/${uuid}/states/console`, { enabled: true });
  const info = await one.ask<{ console_enabled: boolean; console_info: { type: string; url: string } }>(
    'GET',
    `/v1/nodes/${uuid}/states/console`,
  );
  expect(info).toEqual({
    console_enabled: true,
    console_info: { type: 'ingot', url: `${one.running.url}/ui/console/${uuid}` },
  });
  let typed = '';
  ipmi.machine.serial.connectGuest((bytes) => {
    typed += bytes.toString('latin1');
    ipmi.machine.serial.fromGuest(bytes);
  });
  const client = await session(one, uuid);
  await expect.poll(() => client.shown(), WAIT).toContain('after the break');
  client.type('root\r\x1e.~.uptime\r');
  await expect.poll(() => typed, WAIT).toBe('root\r.~.uptime\r');
  await expect.poll(() => client.shown(), WAIT).toContain('root\r.~.uptime\r');
  const metrics = await (await fetch(`${one.running.url}/metrics`)).text();
  expect(metrics).toContain('ingot_console_sessions{kind="serial"} 1\n');
  for (const name of ['lines{state="recording"}', 'output_bytes_total', 'interruptions_total']) {
    const [, value] = metrics.split(`\ningot_console_${name} `);
    expect(Number.parseInt(value ?? '', 10), name).toBeGreaterThan(0);
  }
  await one.ask('PUT', `/v1/nodes/${uuid}/states/console`, { enabled: false });
  expect(await client.ended).toMatchObject({ code: 4002 });
});

test('the socket of a lab machine is recorded and typed to, where the operator allows it', {
  timeout: 120_000,
}, async () => {
  let typed = '';
  const sockets: Socket[] = [];
  const serial = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      typed += bytes.toString();
    });
    socket.write(`line ${sockets.length}\r\n`);
  });
  await new Promise<void>((resolve) => serial.listen(0, '127.0.0.1', resolve));
  const { port } = serial.address() as AddressInfo;
  const make = (place: string) =>
    one.ask<{ uuid: string }>('POST', '/v1/nodes', {
      driver: 'fake-hardware',
      console_interface: 'lab-socket',
      driver_info: { console_socket: place },
    });
  try {
    const { uuid } = await make(`tcp:127.0.0.1:${port}`);
    await one.ask('PUT', `/v1/nodes/${uuid}/states/console`, { enabled: true });
    // Nobody has told yet that the line is recorded: whoever connects waits for that, and is not refused.
    const client = await session(one, uuid);
    await recording(one, uuid);
    await expect.poll(() => one.log(uuid), WAIT).toContain('line 1');
    await expect.poll(() => client.shown(), WAIT).toContain('line 1');
    client.type('hello\r');
    await expect.poll(() => typed, WAIT).toBe('hello\r');
    // the machine was restarted: its socket is opened again
    sockets[0]?.destroy();
    await expect.poll(() => client.shown(), WAIT).toContain('line 2');
    client.socket.close();
    // elsewhere nothing is connected to
    const other = await make(`tcp:127.0.0.2:${port}`);
    await expect
      .poll(
        async () =>
          (await one.ask<{ console: { detail: string } }>('GET', `/console/v1/nodes/${other.uuid}`)).console.detail,
        WAIT,
      )
      .toContain('the operator allows none there');
    expect(sockets).toHaveLength(2);
  } finally {
    serial.close();
    for (const socket of sockets) socket.destroy();
  }
});

test('a line over SSH comes back after the BMC restarted, and trusts no other host key', {
  timeout: 180_000,
}, async () => {
  const lab = await labMachine({}, { ssh: 'direct' });
  try {
    const uuid = await one.enrol(lab, 'redfish');
    await recording(one, uuid);
    const [machine] = lab.lab.machines;
    lab.machine.serial.fromGuest(Buffer.from('before\r\n'));
    await expect.poll(() => one.log(uuid), WAIT).toContain('before');
    lab.bmc.reboot(500, { channel: 'lab', address: 'lab', user: null });
    await expect.poll(() => one.log(uuid), WAIT).toMatch(/recording interrupted[^]*recording after \d+ s/);
    lab.machine.serial.fromGuest(Buffer.from('after\r\n'));
    await expect.poll(() => one.log(uuid, '?tail=1'), WAIT).toBe('after\n');

    await machine?.ssh?.replaceKey();
    await expect.poll(() => one.log(uuid), WAIT).toContain('shows the host key');
    // The operator knows the new key: an edit of the node is tried at once.
    const [, seen = ''] = /shows the host key (SHA256:\S+),/.exec(await one.log(uuid)) ?? [];
    await one.ask('PATCH', `/v1/nodes/${uuid}`, [
      { op: 'add', path: '/driver_info/redfish_ssh_host_key', value: seen },
    ]);
    await recording(one, uuid);
    lab.machine.serial.fromGuest(Buffer.from('trusted again\r\n'));
    await expect.poll(() => one.log(uuid, '?tail=1'), WAIT).toBe('trusted again\n');
  } finally {
    await lab.close();
  }
});
