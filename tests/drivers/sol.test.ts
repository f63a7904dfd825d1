// The console over IPMI: one line, which others may take and which goes silent with its BMC.
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { run } from '#kernel/run';
import { ipmiHardware, ipmiInterfaces } from '#baremetal/drivers/ipmi/hardware';
import { effectsOf } from '#lab/quirks/all';
import { serialParts } from '#baremetal/drivers/conformance/serial-parts';
import { eventually, interfacesOf, ipmiNode, type LabMachine, labMachine, PASSWORD, USER } from './rack.ts';

const interfaces = interfacesOf(ipmiHardware, ipmiInterfaces(systemClock));
const labs: LabMachine[] = [];
const stop = new AbortController();
afterAll(async () => {
  stop.abort();
  await Promise.all(labs.map((lab) => lab.close()));
});

async function machine(): Promise<LabMachine> {
  const lab = await labMachine();
  labs.push(lab);
  return lab;
}

async function open(lab: LabMachine) {
  const parts = serialParts(stop.signal);
  const line = await interfaces.console.serial?.(ipmiNode(lab), parts);
  if (line === undefined) throw new Error('no line');
  return { line, said: parts.said };
}

/** Somebody with ipmitool in another window. */
const outsider = (lab: LabMachine, ...args: string[]) =>
  run(
    'ipmitool',
    ['-I', 'lanplus', '-C', '17', '-H', '127.0.0.1', '-p', String(lab.ipmi.port), '-U', USER, '-P', PASSWORD, ...args],
    {
      timeoutMs: 30_000,
    },
  );

const sol = (lab: LabMachine) => lab.ledger.list({ action: 'sol.' }).map(({ action }) => action);
// ipmitool asks for a sign of life every quarter of a minute, three times
const SILENCE_MS = 180_000;

test.concurrent('what is "already active on another session" is taken, and speaks both ways', async () => {
  const lab = await machine();
  lab.bmc.effects.on('taken', effectsOf('ipmi-sol-taken'));
  const { line, said } = await open(lab);
  expect(sol(lab)).toEqual(['sol.deactivate', 'sol.activate']);
  lab.machine.serial.connectGuest((bytes) => lab.machine.serial.fromGuest(Buffer.from(`<${bytes.toString()}>`)));
  await line.write(Buffer.from('~.hi'));
  await eventually(said, (now) => expect(now).toContain('<~.hi>'));
  line.close();
  await line.closed;
  expect(lab.lab.machines[0]?.ipmi.sol.holder).toBe(0);
});

test.concurrent(
  'a line that somebody takes is seen as lost, and another node of the same BMC gets none while it is held',
  async () => {
    const lab = await machine();
    const { line } = await open(lab);
    await expect(open(lab)).rejects.toMatchObject({ code: 'SerialTaken', status: 409 });
    await outsider(lab, 'sol', 'deactivate');
    expect(await line.closed).toMatch(/keepalive/i);
    const again = await open(lab);
    again.line.close();
    expect(sol(lab)).toEqual(['sol.activate', 'sol.deactivate', 'sol.activate']);
  },
  SILENCE_MS,
);

test.concurrent(
  'a BMC that falls silent is noticed although nothing is said',
  async () => {
    const lab = await machine();
    const { line } = await open(lab);
    lab.lab.machines[0]?.fault('dead');
    expect(await line.closed).toMatch(/keepalive/i);
  },
  SILENCE_MS,
);
