import { copyConfig, freshConfig, freshPort, type LabConfig, type LabPort, parseList, writeList } from '../state.ts';
import { type Dialect, Refused } from './dialect.ts';
import { aclProblem, bindAcl, changeAcl, showAcls } from './nvue-acls.ts';

// Cumulus Linux with NVUE: a shell in which `nv set`, `nv unset` and `nv config apply` are understood.

type Act = (port: LabPort, match: RegExpExecArray, config: LabConfig, unset: boolean) => void;
const BRIDGE = 'bridge domain br_default';

const LINES: readonly (readonly [RegExp, Act])[] = [
  [
    new RegExp(`^${BRIDGE} access ?(\\d+)?$`),
    (port, m, _c, unset) => {
      if (unset) {
        port.access = 1;
        return;
      }
      if (port.allowed !== 'all' && port.allowed.size > 0)
        throw new Refused('Error: access and vlan exclude each other\n');
      port.mode = 'access';
      port.access = Number(m[1]);
    },
  ],
  [
    new RegExp(`^${BRIDGE} untagged ?(\\d+|none)?$`),
    (port, m, _c, unset) => void (port.native = unset ? 1 : m[1] === 'none' ? 0 : Number(m[1])),
  ],
  [
    new RegExp(`^${BRIDGE} vlan ?([\\d,-]+)?$`),
    (port, m, _c, unset) => {
      port.allowed = unset
        ? new Set()
        : new Set([...(port.allowed === 'all' ? [] : port.allowed), ...parseList(m[1] as string)]);
      port.mode = unset ? 'access' : 'trunk';
    },
  ],
  [
    new RegExp(`^${BRIDGE}$`),
    (port, _m, _c, unset) =>
      void (unset && Object.assign(port, { mode: 'routed', access: 1, native: 1, allowed: new Set() })),
  ],
  [
    new RegExp(`^${BRIDGE} stp bpdu-guard ?(on|off)?$`),
    (port, m, _c, unset) => void (port.guard = !unset && m[1] === 'on'),
  ],
  [
    new RegExp(`^${BRIDGE} stp admin-edge ?(on|off)?$`),
    (port, m, _c, unset) => void (port.edge = !unset && m[1] === 'on'),
  ],
  [/^link state ?(up|down)?$/, (port, m, _c, unset) => void (port.shut = !unset && m[1] === 'down')],
  [/^link mtu ?(\d+)?$/, (port, m, _c, unset) => void (port.mtu = unset ? 9216 : Number(m[1]))],
  [/^description ?(\S+)?$/, (port, m, _c, unset) => void (port.description = unset ? '' : (m[1] ?? ''))],
  [
    /^bond member ?(\S+)?$/,
    (port, m, config, unset) => {
      const group = Number(port.name.slice(4));
      const names = (m[1] ?? '').split(',').filter((name) => name !== '');
      for (const one of config.ports.values()) {
        if (unset ? one.channel === group && (names.length === 0 || names.includes(one.name)) : false)
          one.channel = null;
        if (!unset && names.includes(one.name)) one.channel = group;
      }
    },
  ],
  [/^bond mode ?(lacp|static)?$/, (port, m, _c, unset) => void (port.channelMode = unset ? 'lacp' : (m[1] ?? 'lacp'))],
  [
    /^acl ([\w-]+)(?: (inbound|outbound))?$/,
    (port, m, config, unset) => {
      if (!bindAcl(config, port, m[1] as string, m[2], unset)) throw new Refused('Error: Invalid parameter\n');
    },
  ],
  [/^bond lacp-bypass ?(on|off)?$/, () => {}],
  [/^bond mlag id ?(\d+|auto)?$/, (port, m, _c, unset) => void (port.mlag = unset ? null : Number(m[1]))],
];

function show(config: LabConfig): string {
  const lines: string[] = ['nv set system hostname cumulus', ...showAcls(config)];
  for (const port of [...config.ports.values(), ...config.channels.values()]) {
    const set = (text: string) => lines.push(`nv set interface ${port.name} ${text}`);
    if (port.description !== '') set(`description ${port.description}`);
    if (port.shut) set('link state down');
    if (port.mtu !== 9216) set(`link mtu ${port.mtu}`);
    if (port.name.startsWith('bond')) {
      const members = [...config.ports.values()].filter((one) => `bond${one.channel}` === port.name);
      for (const one of members) set(`bond member ${one.name}`);
      if (port.channelMode === 'static') set('bond mode static');
      if (port.mlag !== null) set(`bond mlag id ${port.mlag}`);
    }
    for (const [key, name] of Object.entries(port.filters)) set(`acl ${name} ${key.slice(0, -1)}bound`);
    if (port.mode === 'routed' || port.channel !== null) continue;
    if (port.mode === 'access') set(`${BRIDGE} access ${port.access}`);
    else {
      set(`${BRIDGE} untagged ${port.native === 0 ? 'none' : port.native}`);
      if (port.allowed !== 'all' && port.allowed.size > 0) set(`${BRIDGE} vlan ${writeList(port.allowed)}`);
    }
    if (port.edge) set(`${BRIDGE} stp admin-edge on`);
    if (port.guard) set(`${BRIDGE} stp bpdu-guard on`);
  }
  for (const id of config.vlans.keys()) lines.push(`nv set bridge domain br_default vlan ${id}`);
  return `${lines.join('\n')}\n`;
}

export const cumulusNvue: Dialect = {
  name: 'cumulus_nvue',
  banner: 'Emulated Cumulus Linux\n',
  ports: (count) => Array.from({ length: count }, (_, i) => `swp${i + 1}`),
  fresh(count) {
    const config = freshConfig(cumulusNvue.ports(count));
    for (const port of config.ports.values())
      Object.assign(port, { mtu: 9216, nativePasses: true, allowed: new Set() });
    return config;
  },
  access: (vlan) => ({ mode: 'access', access: vlan, native: 1, allowed: new Set() }),
  commits: true,
  prompt: () => 'cumulus@leaf1:mgmt:~$ ',
  run(terminal, line, wrote) {
    const { device } = terminal;
    if (line === '') return '';
    if (line === 'exit') {
      terminal.mode = 'gone';
      return '';
    }
    if (/^nv config show -r applied -o commands$/.test(line)) return show(device.running);
    if (line === 'nv show interface') {
      return [...device.running.ports.keys()].map((name) => `${name}  up  10G  9216  swp\n`).join('');
    }
    if (/^nv config save$/.test(line)) {
      device.save();
      return 'saved [rev_id: 2]\n';
    }
    if (/^nv config detach$/.test(line)) {
      terminal.mode = 'exec';
      return '';
    }
    if (/^nv config apply (-y|--assume-yes)$/.test(line)) {
      wrote();
      terminal.mode = 'exec';
      if (device.commitFails()) return 'Failure during apply. Unable to restart services\n';
      const problem = aclProblem(terminal.config);
      if (problem !== null) return `Invalid config [rev_id: 2]\n  ${problem}\n`;
      device.running = terminal.config;
      return 'applied [rev_id: 2]\n';
    }
    const said = /^nv (set|unset) (.+)$/.exec(line);
    if (said === null) return `-bash: ${line.split(' ')[0]}: command not found\n`;
    if (terminal.mode === 'exec') {
      terminal.mode = 'pending';
      terminal.config = copyConfig(device.running);
    }
    const { config } = terminal;
    const unset = said[1] === 'unset';
    const vlan = /^bridge domain br_default vlan ([\d,-]+)$/.exec(said[2] as string);
    if (vlan !== null) {
      for (const id of parseList(vlan[1] as string)) config.vlans.set(id, `vlan${id}`);
      wrote();
      return '';
    }
    if (said[2]?.startsWith('acl ') === true) {
      changeAcl(config, said[2] as string, unset);
      wrote();
      return '';
    }
    const at = /^interface (\S+)(?: (.+))?$/.exec(said[2] as string);
    const name = at?.[1] ?? '';
    const bond = /^bond(\d+)$/.exec(name);
    if (bond !== null && at?.[2] === undefined && unset) {
      config.channels.delete(Number(bond[1]));
      for (const port of config.ports.values()) if (port.channel === Number(bond[1])) port.channel = null;
      wrote();
      return '';
    }
    if (bond !== null && !unset && !config.channels.has(Number(bond[1]))) {
      config.channels.set(Number(bond[1]), {
        ...freshPort(name),
        mtu: 9216,
        allowed: new Set(),
        channelMode: 'lacp',
        nativePasses: true,
      });
    }
    const port = bond === null ? config.ports.get(name) : config.channels.get(Number(bond[1]));
    if (port === undefined)
      throw new Refused(unset ? '' : `Error: ${name} is not a physical interface on this switch\n`);
    for (const [pattern, act] of LINES) {
      const match = pattern.exec(at?.[2] ?? '');
      if (match === null) continue;
      const { refusedVlan } = device.faults;
      if (refusedVlan !== null && !unset && new RegExp(` ${refusedVlan}$`).test(line))
        throw new Refused('Error: Invalid parameter\n');
      act(port, match, config, unset);
      wrote();
      return '';
    }
    throw new Refused("Error: Invalid parameter. Use 'nv list-commands'\n");
  },
};
