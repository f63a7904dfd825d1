import { freshConfig, freshPort, type LabConfig, type LabPort } from '../state.ts';
import { type Dialect, Refused } from './dialect.ts';

// HPE ProCurve / ArubaOS-Switch: VLANs have ports, not ports VLANs. An untagged port is in one VLAN; whoever takes it
// out of its last one puts it back into the default VLAN.

const INVALID = 'Invalid input: ';
const nameOf = (config: LabConfig, name: string): LabPort | undefined => {
  const bond = /^trk(\d+)$/i.exec(name);
  return bond === null ? config.ports.get(name) : config.channels.get(Number(bond[1]));
};

function show(config: LabConfig): string {
  const all = [...config.ports.values(), ...config.channels.values()];
  const lines: string[] = ['; J9850A Configuration Editor; emulated', 'hostname "pro1"'];
  for (const [group, bond] of config.channels) {
    const members = [...config.ports.values()].filter(({ channel }) => channel === group).map(({ name }) => name);
    if (members.length > 0) lines.push(`trunk ${members.join(',')} trk${group} ${bond.channelMode}`);
  }
  for (const port of all) {
    const body = [
      ...(port.shut ? ['disable'] : []),
      ...(port.description === '' ? [] : [`name "${port.description}"`]),
    ];
    if (body.length > 0) lines.push(`interface ${port.name}`, ...body.map((line) => `   ${line}`), '   exit');
  }
  for (const [id, name] of config.vlans) {
    const of = (what: (port: LabPort) => boolean) =>
      all.filter((port) => port.channel === null && what(port)).map((port) => port.name);
    const loose = of((port) => port.native === id);
    const tagged = of((port) => port.allowed !== 'all' && port.allowed.has(id) && port.native !== id);
    lines.push(`vlan ${id}`, `   name "${name}"`);
    if (loose.length > 0) lines.push(`   untagged ${loose.join(',')}`);
    if (tagged.length > 0) lines.push(`   tagged ${tagged.join(',')}`);
    lines.push('   exit');
  }
  for (const port of all) {
    if (port.edge) lines.push(`spanning-tree ${port.name} admin-edge-port`);
    if (port.guard) lines.push(`spanning-tree ${port.name} bpdu-protection`);
  }
  return `${lines.join('\n')}\n`;
}

function settle(port: LabPort): void {
  const tagged = port.allowed === 'all' ? 0 : [...port.allowed].filter((vlan) => vlan !== port.native).length;
  if (port.native === 0 && tagged === 0) port.native = 1;
  port.mode = tagged > 0 ? 'trunk' : 'access';
  port.access = port.native;
  if (port.native !== 0 && port.allowed !== 'all') port.allowed.add(port.native);
}

function change(config: LabConfig, mode: string, line: string): string {
  const bundle = /^trunk ([\w,]+) trk(\d+) (lacp|trunk)$/.exec(line);
  if (bundle !== null) {
    const group = Number(bundle[2]);
    const bond = config.channels.get(group) ?? { ...freshPort(`Trk${group}`), allowed: new Set([1]) };
    config.channels.set(group, { ...bond, channelMode: bundle[3] as string });
    for (const name of (bundle[1] as string).split(',')) {
      const port = config.ports.get(name);
      if (port === undefined) throw new Refused(`${INVALID}${name}\n`);
      Object.assign(port, { channel: group, native: 0, allowed: new Set() });
    }
    return '';
  }
  const apart = /^no trunk ([\w,]+)$/.exec(line);
  if (apart !== null) {
    for (const name of (apart[1] as string).split(',')) {
      const port = config.ports.get(name);
      const group = port?.channel ?? null;
      if (port === undefined) throw new Refused(`${INVALID}${name}\n`);
      Object.assign(port, { channel: null, native: 1, allowed: new Set([1]) });
      settle(port);
      if (group !== null && ![...config.ports.values()].some(({ channel }) => channel === group))
        config.channels.delete(group);
    }
    return '';
  }
  const tree = /^(no )?spanning-tree (\S+) (admin-edge-port|bpdu-protection)$/.exec(line);
  if (tree !== null) {
    const port = nameOf(config, tree[2] as string);
    if (port === undefined) throw new Refused(`${INVALID}${tree[2]}\n`);
    port[tree[3] === 'admin-edge-port' ? 'edge' : 'guard'] = tree[1] === undefined;
    return '';
  }
  const vlan = /^vlan (\d+)$/.exec(mode);
  const put = /^(no )?(untagged|tagged) (\S+)$/.exec(line);
  if (vlan !== null && put !== null) {
    const id = Number(vlan[1]);
    const port = nameOf(config, put[3] as string);
    if (port === undefined || port.channel !== null) throw new Refused(`${INVALID}${put[3]}\n`);
    const allowed = port.allowed === 'all' ? new Set<number>() : port.allowed;
    port.allowed = allowed;
    if (put[1] !== undefined) {
      allowed.delete(id);
      if (port.native === id) port.native = 0;
    } else if (put[2] === 'untagged') {
      allowed.delete(port.native);
      port.native = id;
    } else {
      if (port.native === id) port.native = 0;
      allowed.add(id);
    }
    settle(port);
    return '';
  }
  if (vlan !== null && /^name "[^"]+"$/.test(line)) {
    config.vlans.set(Number(vlan[1]), line.slice(6, -1));
    return '';
  }
  const port = nameOf(config, mode.replace('interface ', ''));
  if (port !== undefined && (line === 'disable' || line === 'enable')) {
    port.shut = line === 'disable';
    return '';
  }
  const named = /^name "?([^"]+)"?$/.exec(line);
  if (port !== undefined && named !== null) {
    port.description = named[1] as string;
    return '';
  }
  throw new Refused(`${INVALID}${line.split(' ')[0]}\n`);
}

export const hpeProcurve: Dialect = {
  name: 'hpe_procurve',
  banner: 'Emulated ProCurve\n',
  ports: (count) => Array.from({ length: count }, (_, i) => String(i + 1)),
  fresh(count) {
    const config = freshConfig(hpeProcurve.ports(count));
    config.vlans.set(1, 'DEFAULT_VLAN');
    for (const port of config.ports.values()) Object.assign(port, { allowed: new Set([1]), nativePasses: false });
    return config;
  },
  access: (vlan) => ({ mode: 'access', access: vlan, native: vlan, allowed: new Set([vlan]) }),
  commits: false,
  prompt: ({ mode }) =>
    `pro1${mode === 'exec' ? '' : mode === 'config' ? '(config)' : `(${mode.replace(/^interface /, 'eth-').replace(' ', '-')})`}# `,
  run(terminal, line, wrote) {
    const { device } = terminal;
    if (line === '') return '';
    if (terminal.mode === 'exec') {
      if (line === 'no page' || /^terminal width \d+$/.test(line)) return '';
      if (line === 'show running-config') return show(device.running);
      if (line === 'write memory') {
        device.save();
        return '';
      }
      if (/^configure( terminal)?$/.test(line)) {
        terminal.mode = 'config';
        return '';
      }
      if (line === 'exit') {
        terminal.mode = 'gone';
        return '';
      }
      throw new Refused(`${INVALID}${line.split(' ')[0]}\n`);
    }
    if (line === 'end') {
      terminal.mode = 'exec';
      return '';
    }
    if (line === 'exit') {
      terminal.mode = terminal.mode === 'config' ? 'exec' : 'config';
      return '';
    }
    const config = device.running;
    const vlan = /^vlan (\d+)$/.exec(line);
    if (vlan !== null) {
      const id = Number(vlan[1]);
      if (!config.vlans.has(id)) {
        config.vlans.set(id, `VLAN${id}`);
        wrote();
      }
      terminal.mode = line;
      return '';
    }
    const into = /^interface (\S+)$/.exec(line);
    if (into !== null) {
      if (nameOf(config, into[1] as string) === undefined) throw new Refused(`${INVALID}${into[1]}\n`);
      terminal.mode = line;
      return '';
    }
    const { refusedVlan } = device.faults;
    if (refusedVlan !== null && terminal.mode === `vlan ${refusedVlan}` && /tagged/.test(line)) {
      throw new Refused(`${INVALID}${line}\n`);
    }
    const answer = change(config, terminal.mode, line);
    wrote();
    return answer;
  },
};
