// OpenIPMI's simulator, which shares nothing with the lab, judges the IPMI driver.
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { start } from '#kernel/run';
import { ipmiHardware, ipmiInterfaces } from '#baremetal/drivers/ipmi/hardware';
import { scratch, until } from '../house/ingot.ts';
import { serialParts } from '#baremetal/drivers/conformance/serial-parts';
import { callOf, interfacesOf, nodeOf, PASSWORD, USER } from './rack.ts';

const place = scratch();
const interfaces = interfacesOf(ipmiHardware, ipmiInterfaces(systemClock));
const stop = new AbortController();
const WAIT = { timeout: 30_000, interval: 50 };
let port: number;
let simulator: ChildProcess;
/** The machine's serial port; it says back what it hears. */
let serial: Server;
const lines: Socket[] = [];

/** What the simulator calls to ask and change the machine's power and boot device, which are files. */
const CHASSIS = `#!/bin/sh
cd "$(dirname "$0")"
shift
echo "$@" >> calls
verb=$1
shift
while [ $# -gt 0 ]; do
  case "$verb $1" in
  'get power') echo "power:$(cat power)" ;;
  'get boot') echo "boot:$(cat boot)" ;;
  'set power') echo "$2" > power; shift ;;
  'set boot') echo "$2" > boot; shift ;;
  'set shutdown') echo 0 > power; shift ;;
  set*) shift ;;
  esac
  shift
done
`;

const EMULATOR = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
`;

const lan = (serialPort: number) => `name "outside"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "${place.path}/chassis 0x20"
  sol "telnet:127.0.0.1:${serialPort}" 115200
  user 1 true "" "test" user 10 none md2 md5 straight
  user 2 true "${USER}" "${PASSWORD}" admin 10 none md2 md5 straight
`;

/** A UDP port nobody has now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port: free } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return free;
}

beforeAll(async () => {
  serial = createServer((socket) => {
    lines.push(socket);
    socket.on('error', () => {});
    // its first bytes are telnet's talk about options
    socket.on('data', (bytes) => bytes[0] !== 0xff && socket.write(`<${bytes.toString('latin1')}>`));
  });
  await new Promise<void>((resolve) => serial.listen(0, '127.0.0.1', resolve));
  port = await freePort();
  const write = (name: string, text: string) => writeFileSync(join(place.path, name), text);
  for (const [name, text] of [
    ['power', '0\n'],
    ['boot', 'none\n'],
    ['calls', ''],
    ['chassis', CHASSIS],
    ['emu', EMULATOR],
  ] as const)
    write(name, text);
  write('lan', lan((serial.address() as AddressInfo).port));
  chmodSync(join(place.path, 'chassis'), 0o755);
  mkdirSync(join(place.path, 'state'));
  const args = ['-c', join(place.path, 'lan'), '-f', join(place.path, 'emu'), '-s', join(place.path, 'state'), '-n'];
  simulator = start('ipmi_sim', args, {});
  // it serves its console's port before anything else
  await until('the simulator is there', () => lines.length === 1, 30_000);
});
afterAll(() => {
  stop.abort();
  simulator.kill('SIGKILL');
  serial.close();
  for (const socket of lines) socket.destroy();
  place[Symbol.dispose]();
});

const info = () => ({ ipmi_address: '127.0.0.1', ipmi_port: port, ipmi_username: USER });
const file = async (name: string) => (await readFile(join(place.path, name), 'utf8')).trim();

test('power, soft off and boot device, by cipher suite 3: it knows no other', async () => {
  const call = callOf(interfaces, nodeOf('ipmi', info(), { ipmi_password: PASSWORD }));
  const { power, management } = interfaces;
  await power.off(call);
  const before = (await file('calls')).length;
  expect(await power.get(call)).toBe('power off');
  await call.power.on();
  await power.on(call);
  expect(await file('power')).toBe('1');
  await management.setBootDevice(call, 'pxe', false);
  expect(await file('boot')).toBe('pxe');
  // it never says that its boot flags are valid, and then they are not
  expect(await management.getBootDevice(call)).toEqual({ bootDevice: null, persistent: null });
  expect(await management.health(call)).toBe('OK');
  // what it cannot do is said, and not taken for done
  await expect(management.injectNmi(call)).rejects.toMatchObject({ code: 'IpmiRefused' });
  await power.softOff(call);
  await expect.poll(() => power.get(call), WAIT).toBe('power off');
  await call.power.on();
  await call.power.off();
  const written = (await file('calls'))
    .slice(before)
    .split('\n')
    .filter((one) => /^set (power|shutdown)/.test(one));
  expect(written).toEqual(['set power 1', 'set shutdown 1', 'set power 1', 'set power 0']);
}, 60_000);

test('its console, taken from who had it', async () => {
  const node = nodeOf('ipmi', info(), { ipmi_password: PASSWORD });
  const login = ['-I', 'lanplus', '-C', '3', '-H', '127.0.0.1', '-p', String(port), '-U', USER, '-P', PASSWORD];
  const other = start('stdbuf', ['-oL', 'ipmitool', ...login, 'sol', 'activate'], {});
  let seen = '';
  other.stdout?.on('data', (bytes) => {
    seen += String(bytes);
  });
  await expect.poll(() => seen, WAIT).toContain('operational');
  const parts = serialParts(stop.signal);
  const line = await interfaces.console.serial?.(node, parts);
  await line?.write(Buffer.from('hello'));
  await expect.poll(parts.said, WAIT).toContain('<hello>');
  line?.close();
  await line?.closed;
  other.kill('SIGKILL');
}, 60_000);
