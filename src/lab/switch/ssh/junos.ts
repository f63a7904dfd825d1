import { copyConfig, freshConfig, freshPort, type LabConfig, type LabPort, parseList } from '../state.ts';
import { type Dialect, Refused, type Terminal } from './dialect.ts';
import { changeFilter, filterProblem, showFilters } from './junos-filters.ts';

// Juniper Junos (ELS): a candidate of `set` and `delete`, committed as one.

const SYNTAX = '             ^\nsyntax error.\n';
type Act = (port: LabPort, match: RegExpExecArray, config: LabConfig, remove: boolean) => void;

const vlanId = (config: LabConfig, said: string): number => {
  if (/^\d+$/.test(said)) return Number(said);
  for (const [id, name] of config.vlans) if (name === said) return id;
  throw new Refused(`error: VLAN ${said} is not defined\n`);
};
const members = (port: LabPort): Set<number> => {
  if (port.allowed === 'all') port.allowed = new Set();
  return port.allowed;
};

const LINES: readonly (readonly [RegExp, Act])[] = [
  [
    /^unit 0 family ethernet-switching interface-mode ?(access|trunk)?$/,
    (port, m, _c, remove) => {
      if (!remove) port.mode = m[1] as 'access' | 'trunk';
      else if (port.mode !== 'routed') port.mode = 'access';
    },
  ],
  [
    /^unit 0 family ethernet-switching vlan$/,
    (port, _m, _c, remove) => void (remove && port.mode !== 'routed' && (port.allowed = new Set())),
  ],
  [
    /^unit 0 family ethernet-switching filter (input|output) ?([\w-]+)?$/,
    (port, m, _c, remove) => {
      const key = m[1] === 'input' ? 'in0' : 'out0';
      if (remove) delete port.filters[key];
      else port.filters[key] = m[2] as string;
      if (!remove && port.mode === 'routed') port.mode = 'access';
    },
  ],
  [
    /^unit 0 family ethernet-switching vlan members ?(?:\[ (.+) \]|(\S+))?$/,
    (port, m, config, remove) => {
      const said = m[1] ?? m[2];
      if (said === undefined) port.allowed = new Set();
      for (const word of (said ?? '').split(' ').filter((one) => one !== '')) {
        const vlans = /^[\d-]+$/.test(word) ? parseList(word) : [vlanId(config, word)];
        for (const vlan of vlans)
          if (remove) members(port).delete(vlan);
          else members(port).add(vlan);
      }
    },
  ],
  [
    /^unit 0 family ethernet-switching$/,
    (port, _m, _c, remove) => {
      if (remove) Object.assign(port, { mode: 'routed', allowed: new Set(), filters: {} });
      else if (port.mode === 'routed') port.mode = 'access';
    },
  ],
  [
    /^unit 0$/,
    (port, _m, _c, remove) => void (remove && Object.assign(port, { mode: 'routed', allowed: new Set(), filters: {} })),
  ],
  [/^native-vlan-id ?(\d+)?$/, (port, m, _c, remove) => void (port.native = remove ? 0 : Number(m[1]))],
  [/^disable$/, (port, _m, _c, remove) => void (port.shut = !remove)],
  [/^mtu ?(\d+)?$/, (port, m, _c, remove) => void (port.mtu = remove ? 1514 : Number(m[1]))],
  [/^description ?"?([^"]*)"?$/, (port, m, _c, remove) => void (port.description = remove ? '' : (m[1] ?? ''))],
  [
    /^ether-options 802\.3ad ?(?:ae(\d+))?$/,
    (port, m, _c, remove) => void (port.channel = remove ? null : Number(m[1])),
  ],
  [
    /^aggregated-ether-options lacp active$/,
    (port, _m, _c, remove) => void (port.channelMode = remove ? '' : 'active'),
  ],
  [/^aggregated-ether-options lacp periodic fast$/, () => {}],
  [/^aggregated-ether-options lacp force-up$/, () => {}],
  [/^aggregated-ether-options lacp$/, (port, _m, _c, remove) => void (remove && (port.channelMode = ''))],
];

function change(terminal: Terminal, line: string): string {
  const { config, device } = terminal;
  const said = /^(set|delete) (.+)$/.exec(line);
  if (said === null) throw new Refused(SYNTAX);
  const remove = said[1] === 'delete';
  const path = said[2] as string;
  const vlan = /^vlans (\S+)(?: vlan-id (\d+))?$/.exec(path);
  if (vlan !== null) {
    if (!remove && vlan[2] !== undefined) config.vlans.set(Number(vlan[2]), vlan[1] as string);
    return '';
  }
  const edge = /^protocols (rstp|layer2-control bpdu-block) interface (\S+)(?: edge)?$/.exec(path);
  if (edge !== null) {
    const port = portOf(config, edge[2] as string);
    if (port === undefined) throw new Refused(SYNTAX);
    if (edge[1] === 'rstp') port.edge = !remove;
    else port.guard = !remove;
    return '';
  }
  if (path.startsWith('firewall ')) return changeFilter(config, path, remove);
  const at = /^interfaces (\S+)(?: (.+))?$/.exec(path);
  if (at === null) throw new Refused(SYNTAX);
  const name = at[1] as string;
  const bond = /^ae(\d+)$/.exec(name);
  if (bond !== null && at[2] === undefined && remove) {
    return config.channels.delete(Number(bond[1])) ? '' : 'warning: statement not found\n';
  }
  if (bond !== null && !config.channels.has(Number(bond[1]))) {
    if (remove) return 'warning: statement not found\n';
    config.channels.set(Number(bond[1]), { ...freshPort(name), native: 0, allowed: new Set() });
  }
  const port = portOf(config, name);
  if (port === undefined) throw new Refused(`error: interface ${name} is not known\n`);
  for (const [pattern, act] of LINES) {
    const match = pattern.exec(at[2] ?? '');
    if (match === null) continue;
    const { refusedVlan } = device.faults;
    if (refusedVlan !== null && !remove && new RegExp(`\\b${refusedVlan}\\b`).test(line))
      throw new Refused(`error: VLAN ${refusedVlan} is reserved\n`);
    act(port, match, config, remove);
    return '';
  }
  throw new Refused(SYNTAX);
}

function portOf(config: LabConfig, name: string): LabPort | undefined {
  const bond = /^ae(\d+)$/.exec(name);
  return bond === null ? config.ports.get(name) : config.channels.get(Number(bond[1]));
}

function show(config: LabConfig): string {
  const lines: string[] = ['set version 21.4', 'set system host-name qfx1'];
  for (const port of [...config.ports.values(), ...config.channels.values()]) {
    const set = (text: string) => lines.push(`set interfaces ${port.name} ${text}`);
    if (port.description !== '') set(`description ${port.description}`);
    if (port.native > 0) set(`native-vlan-id ${port.native}`);
    if (port.mtu !== 1500 && port.mtu !== 1514) set(`mtu ${port.mtu}`);
    if (port.shut) set('disable');
    if (port.channel !== null) set(`ether-options 802.3ad ae${port.channel}`);
    if (port.channelMode === 'active') set('aggregated-ether-options lacp active');
    if (port.channel === null && port.mode !== 'routed') {
      set(`unit 0 family ethernet-switching interface-mode ${port.mode}`);
      for (const vlan of port.allowed === 'all' ? [] : port.allowed)
        set(`unit 0 family ethernet-switching vlan members ${vlan}`);
      for (const [key, name] of Object.entries(port.filters))
        set(`unit 0 family ethernet-switching filter ${key === 'in0' ? 'input' : 'output'} ${name}`);
    }
    if (port.edge) lines.push(`set protocols rstp interface ${port.name} edge`);
    if (port.guard) lines.push(`set protocols layer2-control bpdu-block interface ${port.name}`);
  }
  lines.push(...showFilters(config));
  for (const [id, name] of config.vlans) lines.push(`set vlans ${name} vlan-id ${id}`);
  return `${lines.join('\n')}\n`;
}

export const junos: Dialect = {
  name: 'juniper_junos',
  banner: '--- JUNOS emulated ---\n',
  ports: (count) => Array.from({ length: count }, (_, i) => `xe-0/0/${i}`),
  fresh(count) {
    const config = freshConfig(junos.ports(count));
    for (const port of config.ports.values()) Object.assign(port, { native: 0, allowed: new Set([1]), mtu: 1514 });
    return config;
  },
  access: (vlan) => ({ mode: 'access', access: vlan, native: 0, allowed: new Set([vlan]) }),
  commits: true,
  prompt: ({ mode }) => (mode === 'exec' ? 'admin@qfx1> ' : '\n[edit]\nadmin@qfx1# '),
  run(terminal, line, wrote) {
    const { device } = terminal;
    if (line === '') return '';
    if (terminal.mode === 'exec') {
      if (/^set cli (screen-length|screen-width|complete-on-space) \S+$/.test(line)) return '';
      if (/^show configuration \| display set(?: \| no-more)?$/.test(line)) return show(device.running);
      if (/^show interfaces terse(?: \| no-more)?$/.test(line)) {
        return [...device.running.ports.keys()].map((name) => `${name}                up    up\n`).join('');
      }
      if (/^configure( private| exclusive)?$/.test(line)) {
        terminal.mode = 'config';
        terminal.config = copyConfig(device.running);
        return 'Entering configuration mode\n';
      }
      if (line === 'exit') {
        terminal.mode = 'gone';
        return '';
      }
      throw new Refused(SYNTAX);
    }
    if (line === 'rollback 0') {
      terminal.config = copyConfig(device.running);
      return 'load complete\n';
    }
    if (line === 'exit' || line === 'exit configuration-mode') {
      terminal.mode = 'exec';
      return 'Exiting configuration mode\n';
    }
    if (/^commit(?: and-quit)?$/.test(line)) {
      wrote();
      if (device.commitFails()) return 'error: commit failed: (daemon did not answer)\n';
      const problem = filterProblem(terminal.config);
      if (problem !== null) return `error: ${problem}\nerror: configuration check-out failed\n`;
      for (const port of terminal.config.ports.values()) {
        if (port.mode === 'access' && port.channel === null && port.allowed !== 'all' && port.allowed.size > 1) {
          return `error: access port ${port.name} may have one VLAN\nerror: configuration check-out failed\n`;
        }
        for (const vlan of port.allowed === 'all' ? [] : port.allowed) {
          if (!terminal.config.vlans.has(vlan))
            return `error: vlan ${vlan} is not configured\nerror: configuration check-out failed\n`;
        }
      }
      for (const port of [...terminal.config.ports.values(), ...terminal.config.channels.values()]) {
        if (port.mode === 'access' && port.allowed !== 'all') port.access = [...port.allowed][0] ?? 0;
      }
      device.running = terminal.config;
      terminal.config = copyConfig(device.running);
      // What is committed is on the disk, too.
      device.save();
      if (line === 'commit and-quit') terminal.mode = 'exec';
      return line === 'commit and-quit' ? 'commit complete\nExiting configuration mode\n' : 'commit complete\n';
    }
    const answer = change(terminal, line);
    wrote();
    return answer;
  },
};
