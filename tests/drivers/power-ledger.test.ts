// No power action is carried out twice, whatever happens to requests and answers. Faults, verbs and their order come from a
// seed. `INGOT_LEDGER_RUNS=10000` for the whole proof, `INGOT_LEDGER_SEED` for one that failed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { ipmiHardware, ipmiInterfaces } from '#baremetal/drivers/ipmi/hardware';
import type { DriverCall, PowerControl } from '#baremetal/drivers/contract';
import { redfishHardware, redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import { makePower } from '#baremetal/workflows/power/control';
import type { ConductorSide } from '#baremetal/workflows/side';
import { callOf, interfacesOf, ipmiNode, type LabMachine, labMachine, redfishNode } from './rack.ts';

const RUNS = Number(process.env['INGOT_LEDGER_RUNS'] ?? 120);
const IPMI_RUNS = Math.ceil(RUNS / 12);
const SEED = Number(process.env['INGOT_LEDGER_SEED'] ?? 20_261);
const RACK = RUNS > 1_000 ? 64 : 12;
/** A call may take this long, a machine this long to get there. */
const CALL_MS = 900;
const SETTLE_MS = 600;

const redfish = redfishInterfaces(systemClock);
const drivers = {
  redfish: interfacesOf(redfishHardware, redfish.interfaces),
  ipmi: interfacesOf(ipmiHardware, ipmiInterfaces(systemClock)),
};
const rack: LabMachine[] = [];

beforeAll(async () => {
  for (let i = 0; i < RACK; i++) rack.push(await labMachine());
});
afterAll(async () => {
  await redfish.close();
  await Promise.all(rack.map((machine) => machine.close()));
});

type Pick = (n: number) => number;

/** Numbers from a seed (mulberry32). */
function picks(seed: number): Pick {
  let a = seed >>> 0;
  return (n) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const RESET = 'ComputerSystem\\.Reset$';
const onReset = { method: 'POST', path: RESET };
const onRead = { method: 'GET', path: '/Systems/1$' };
/** Faults of requests and of answers, with how often they strike. */
const REDFISH_FAULTS: readonly [name: string, params: Record<string, unknown>][] = [
  ['drop', { ...onReset, after: true }],
  ['drop', { ...onReset }],
  ['hang', { ...onReset, after: true }],
  ['hang', { ...onReset }],
  ['http-error', { ...onReset, after: true, status: 500 }],
  ['http-error', { ...onReset, after: true, status: 503, retryAfter: 0 }],
  ['http-error', { ...onReset, status: 503, retryAfter: 0 }],
  ['http-error', { ...onReset, status: 409 }],
  ['truncated', { ...onReset }],
  ['garbage', { ...onReset }],
  ['not-json', { ...onReset }],
  ['redirect', { ...onReset, to: '/redfish/v1/Systems/1', status: 307 }],
  ['latency', { ...onReset, ms: 300, jitterMs: 400 }],
  ['drop', { ...onRead }],
  ['hang', { ...onRead }],
  ['http-error', { ...onRead, status: 503 }],
  ['not-json', { ...onRead }],
  ['latency', { ...onRead, ms: 200 }],
  ['ignored-power', {}],
  ['slow-power', { ms: 300 }],
  ['lying-power', { reports: null }],
  ['sessions-exhausted', {}],
];
const CHASSIS_CONTROL = { netFn: 0, command: 2 };
const CHASSIS_STATUS = { netFn: 0, command: 1 };
const IPMI_FAULTS: readonly [name: string, params: Record<string, unknown>][] = [
  ['ipmi-drop', { ...CHASSIS_CONTROL, after: true }],
  ['ipmi-drop', { ...CHASSIS_CONTROL }],
  ['ipmi-code', { ...CHASSIS_CONTROL, code: 0xc3 }],
  ['ipmi-code', { ...CHASSIS_CONTROL, code: 0xc0, times: 1 }],
  ['ipmi-garbage', { ...CHASSIS_CONTROL }],
  ['ipmi-drop', { ...CHASSIS_STATUS, times: 1 }],
  ['slow-power', { ms: 300 }],
];

/** Nothing is on its way any more: a request whose sender gave up may still arrive. */
async function quiet(lab: LabMachine): Promise<void> {
  let before = -1;
  for (let calm = 0; calm < 5; calm++) {
    await systemClock.sleep(30);
    const now = lab.ledger.list().length;
    if (lab.bmc.counters.concurrent > 0 || now !== before) calm = -1;
    before = now;
  }
}

const VERBS = ['on', 'off', 'reboot'] as const;

/** One verb of the product on one machine under faults; what went wrong with the ledger, if anything did. */
async function once(lab: LabMachine, protocol: 'redfish' | 'ipmi', seed: number): Promise<string | undefined> {
  const pick = picks(seed);
  const [machine] = lab.lab.machines;
  const faults = protocol === 'redfish' ? REDFISH_FAULTS : IPMI_FAULTS;
  const struck = Array.from({ length: 1 + pick(2) }, () => faults[pick(faults.length)] ?? faults[0]);
  machine?.heal();
  await (pick(2) === 0 ? lab.machine.powerOff() : lab.machine.powerOn());
  for (const one of struck) {
    if (one === undefined) continue;
    const times = pick(3) === 0 || one[0].endsWith('-power') ? {} : { times: 1 + pick(2) };
    machine?.fault(one[0], { ...times, ...one[1] });
  }
  const verb = VERBS[pick(VERBS.length)] ?? 'on';
  const from = lab.ledger.list().length;
  const node = protocol === 'redfish' ? redfishNode(lab) : ipmiNode(lab);
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error('the conductor gives up')),
    verb === 'reboot' ? 2 * CALL_MS : CALL_MS,
  );
  const call: DriverCall = { ...callOf(drivers[protocol], node), signal: late.signal };
  const intents: string[] = [];
  const side = {
    clock: systemClock,
    config: { powerChangeMs: SETTLE_MS },
    forgetAgent: async () => {},
  } as unknown as ConductorSide;
  const power: PowerControl = makePower({
    side,
    call: () => call,
    begin: async (action) => void intents.push(action),
    seen: () => {},
  });
  const ended = await power[verb]().then(
    () => 'done',
    (error: Error) => error.message,
  );
  clearTimeout(timer);
  // what is still on its way arrives
  machine?.heal();
  if (protocol === 'ipmi') await systemClock.sleep(400);
  await quiet(lab);
  const actions = lab.ledger
    .list()
    .slice(from)
    .filter((one) => one.kind === 'action' && one.action.startsWith('power.'))
    .map((one) => one.action);
  const allowed = intents.map((intent) => (intent === 'power on' ? 'power.on' : 'power.off'));
  // each intent stands for one action at most, in its order
  let at = 0;
  for (const action of actions) {
    while (at < allowed.length && allowed[at] !== action) at++;
    if (at >= allowed.length) {
      return `seed ${seed}, ${verb} over ${protocol}, ${JSON.stringify(struck)}: ${JSON.stringify({ intents, actions, ended })}`;
    }
    at++;
  }
  return undefined;
}

async function prove(protocol: 'redfish' | 'ipmi', runs: number): Promise<void> {
  const wrong: string[] = [];
  let next = 0;
  await Promise.all(
    rack.map(async (lab) => {
      for (let run = next++; run < runs; run = next++) {
        const failure = await once(lab, protocol, SEED + run);
        if (failure !== undefined) wrong.push(failure);
      }
    }),
  );
  expect(wrong).toEqual([]);
}

test(`over Redfish, ${RUNS} runs`, () => prove('redfish', RUNS), 1_000 + RUNS * 2_000);
test(`over IPMI, ${IPMI_RUNS} runs`, () => prove('ipmi', IPMI_RUNS), 1_000 + IPMI_RUNS * 10_000);
