import { errors } from '../errors.ts';
import { namedFaults } from '../faults/named.ts';
import { checkedEffects } from '../faults/check.ts';
import type { LabMachine } from '../lab-machine.ts';
import type { Caller, LedgerQuery } from '../ledger.ts';
import { SimulatedMachine } from '../machine/simulated/machine.ts';
import { allQuirks } from '../quirks/all.ts';
import type { PortVlans } from '../switch/ovs.ts';
import type { Lab } from '../up.ts';

interface ControlAsk {
  lab: Lab;
  params: readonly string[];
  query: URLSearchParams;
  body: Readonly<Record<string, unknown>>;
}

export interface ControlRoute {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  path: string;
  /** Gives the answer's JSON; undefined: no content. */
  run(ask: ControlAsk): unknown;
}

const CONTROL: Caller = { channel: 'control', address: 'control', user: null };

/** One machine by name, or all of them by `*`. */
function chosen(ask: ControlAsk): readonly LabMachine[] {
  const name = ask.params[0] ?? '';
  return name === '*' ? ask.lab.machines : [ask.lab.machine(name)];
}

function each(act: (machine: LabMachine, ask: ControlAsk) => unknown): ControlRoute['run'] {
  return async (ask) => {
    for (const machine of chosen(ask)) await act(machine, ask);
    return undefined;
  };
}

/** What hands in the rack, or the guest, can do. */
const ACTIONS: Record<string, (machine: LabMachine, body: ControlAsk['body']) => unknown> = {
  'bmc-reboot': ({ bmc }, body) => bmc.reboot(typeof body['ms'] === 'number' ? body['ms'] : 1_500, CONTROL),
  'mains-off': ({ bmc }) => bmc.mains('off', CONTROL),
  'mains-on': ({ bmc }) => bmc.mains('on', CONTROL),
  'hold-power-button': ({ machine }) => machine.powerOff(),
  'guest-power-off': ({ machine }) =>
    machine instanceof SimulatedMachine ? machine.guestPowerOff() : machine.pressPowerButton(),
  'guest-reset': ({ machine }) => {
    if (!(machine instanceof SimulatedMachine))
      throw errors.LabBadState(machine.spec.name, 'only simulated guests reset on command');
    machine.guestReset();
  },
  'nvram-changed': ({ bmc }) => {
    bmc.settings.nvramChanged = true;
  },
  /** In the firmware's menu: a certificate (PEM) whose programs Secure Boot starts. */
  enrol: ({ bmc }, body) => {
    bmc.secureBoot.enrol('db', String(body['certificate']));
    bmc.ledger.add(bmc.name, 'action', CONTROL, 'secure-boot.enrol', { database: 'db' });
  },
  'pin-sensor': ({ bmc }, body) => {
    const value = body['value'];
    const ok = (typeof value === 'number' || value === null) && bmc.sensors.pin(String(body['sensor']), value);
    if (!ok) throw errors.LabBadFault('sensor and value (a number or null) are needed');
  },
  'unpin-sensor': ({ bmc }, body) => bmc.sensors.unpin(String(body['sensor'])),
  'install-system': ({ machine }, body) => {
    if (!(machine instanceof SimulatedMachine))
      throw errors.LabBadState(machine.spec.name, 'only simulated disks take a name for a system');
    machine.install(String(body['disk']), typeof body['system'] === 'string' ? body['system'] : null);
  },
};

function ledger(ask: ControlAsk): unknown {
  const query: LedgerQuery = {};
  const machine = ask.query.get('machine');
  const kind = ask.query.get('kind');
  const action = ask.query.get('action');
  const after = ask.query.get('after');
  if (machine !== null) query.machine = machine;
  if (kind === 'request' || kind === 'action' || kind === 'event') query.kind = kind;
  if (action !== null) query.action = action;
  if (after !== null) query.after = Number(after);
  return { last: ask.lab.ledger.last, entries: ask.lab.ledger.list(query) };
}

function vlansOf(body: ControlAsk['body']): PortVlans {
  const vlan = body['vlan'];
  const vlans = body['vlans'];
  const native = body['native'];
  if (body['mode'] === 'access' && typeof vlan === 'number') return { mode: 'access', vlan };
  if (body['mode'] === 'trunk' && Array.isArray(vlans)) {
    return { mode: 'trunk', vlans: vlans.map(Number), ...(typeof native === 'number' ? { native } : {}) };
  }
  throw errors.LabSwitch('a port is { mode: "access", vlan } or { mode: "trunk", vlans, native? }');
}

const theSwitch = (ask: ControlAsk) => {
  if (ask.lab.switch === null) throw errors.LabSwitch('this lab has none');
  return ask.lab.switch;
};

export const controlRoutes: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/status',
    run: ({ lab }) => ({ machines: lab.machines.length, ledger: lab.ledger.last, ovsdb: lab.switch?.ovsdb ?? null }),
  },
  { method: 'GET', path: '/machines', run: ({ lab }) => ({ machines: lab.machines.map((m) => m.describe()) }) },
  { method: 'GET', path: '/machines/{name}', run: (ask) => ask.lab.machine(ask.params[0] ?? '').describe() },
  {
    method: 'GET',
    path: '/machines/{name}/effects',
    run: (ask) => ({ effects: ask.lab.machine(ask.params[0] ?? '').bmc.effects.list() }),
  },
  {
    method: 'GET',
    path: '/machines/{name}/serial',
    run: (ask) => ({ text: ask.lab.machine(ask.params[0] ?? '').machine.serial.history }),
  },
  { method: 'GET', path: '/machines/{name}/certificate', run: (ask) => ({ pem: certificateOf(ask) }) },
  {
    method: 'PUT',
    path: '/machines/{name}/faults/{fault}',
    run: each((m, ask) => m.fault(ask.params[1] ?? '', ask.body)),
  },
  { method: 'PUT', path: '/machines/{name}/quirks/{quirk}', run: each((m, ask) => m.quirk(ask.params[1] ?? '')) },
  {
    method: 'PUT',
    path: '/machines/{name}/effects/{effect}',
    run: each((m, ask) => m.effect(ask.params[1] ?? '', checkedEffects(ask.body))),
  },
  { method: 'DELETE', path: '/machines/{name}/effects/{effect}', run: each((m, ask) => m.heal(ask.params[1])) },
  { method: 'DELETE', path: '/machines/{name}/effects', run: each((m) => m.heal()) },
  {
    method: 'POST',
    path: '/machines/{name}/actions/{action}',
    run: each((m, ask) => {
      const name = ask.params[1] ?? '';
      const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
      if (action === undefined)
        throw errors.LabBadFault(`there is no action called ${name} (${Object.keys(ACTIONS).join(', ')})`);
      return action(m, ask.body);
    }),
  },
  { method: 'GET', path: '/ledger', run: ledger },
  { method: 'GET', path: '/quirks', run: () => ({ quirks: allQuirks.map(({ effects: _effects, ...told }) => told) }) },
  {
    method: 'GET',
    path: '/faults',
    run: () => ({
      faults: Object.entries(namedFaults).map(([name, { does, params }]) => ({ name, does, params })),
      actions: Object.keys(ACTIONS),
    }),
  },
  { method: 'GET', path: '/switch/ports', run: async (ask) => ({ ports: await theSwitch(ask).ports() }) },
  { method: 'GET', path: '/switch/learned', run: async (ask) => ({ learned: await theSwitch(ask).learned() }) },
  {
    method: 'GET',
    path: '/switch/bonds/{bond}',
    run: async (ask) => ({ lacp: await theSwitch(ask).lacpStatus(ask.params[0] ?? '') }),
  },
  {
    method: 'PUT',
    path: '/switch/bonds/{bond}',
    run: async (ask) => {
      const members = ask.body['interfaces'];
      if (!Array.isArray(members)) throw errors.LabSwitch('a bond has interfaces');
      await theSwitch(ask).addBond(ask.params[0] ?? '', members.map(String), vlansOf(ask.body));
      return undefined;
    },
  },
  {
    method: 'PUT',
    path: '/switch/ports/{port}',
    run: async (ask) => {
      await theSwitch(ask).setPort(ask.params[0] ?? '', vlansOf(ask.body));
      return undefined;
    },
  },
];

function certificateOf(ask: ControlAsk): string {
  const machine = ask.lab.machine(ask.params[0] ?? '');
  return machine.redfish.certificates.pem(machine.bmc.effects.link.certificate);
}
