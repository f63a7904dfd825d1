import { freshConfig, freshPort, type LabConfig, type LabPort } from '../state.ts';
import { bindList, type ListLanguage, listOpened, parseAce, showBound, showLists } from './access-lists.ts';
import { type Dialect, Refused } from './dialect.ts';

// HPE ProCurve / ArubaOS-Switch: VLANs have ports, not ports VLANs. An untagged port is in one VLAN; whoever takes it
// out of its last one puts it back into the default VLAN.

const INVALID = 'Invalid input: ';
const nameOf = (config: LabConfig, name: string): LabPort | undefined => {
  const bond = /^trk(\d+)$/i.exec(name);
  return bond === null ? config.ports.get(name) : config.channels.get(Number(bond[1]));
};

const LISTS: ListLanguage = {
  head: { 4: 'ip access-list extended', 6: 'ipv6 access-list' },
  bind: { 4: 'ip access-group', 6: 'ipv6 access-group' },
  directions: ['in'],
  icmp6: 'icmp',
  networks: 'any as a mask',
  number: (n) => `${n} `,
  words: false,
  kinds: true,
  quoted: true,
};

/** Lines of lists, and of binding them; undefined: it is none. */
function listLine(config: LabConfig, mode: string, line: string): { mode: string } | undefined {
  const off = line.startsWith('no ');
  const said = off ? line.slice(3) : line;
  const opened = listOpened(LISTS, said);
  if (opened !== undefined) {
    const key = `${opened.family}:${opened.name}`;
    if (off && !config.lists.delete(key)) throw new Refused(`Error: there is no access list ${opened.name}\n`);
    if (!off && !config.lists.has(key)) config.lists.set(key, []);
    return { mode: off ? mode : `list ${key}` };
  }
  const at = /^interface (\S+) (ip(?:v6)? access-group .+)$/.exec(said);
  if (at !== null) {
    const port = nameOf(config, at[1] as string);
    if (port === undefined) throw new Refused(`${INVALID}${at[1]}\n`);
    const family = at[2]?.startsWith('ipv6') === true ? 6 : 4;
    // Stricter than the manual, which does not say: one list has to go before the next comes.
    const taken = !off && port.filters[`in${family}`] !== undefined;
    if (taken || !bindList(LISTS, config, port, `${off ? 'no ' : ''}${at[2]}`))
      throw new Refused(`${INVALID}${line}\n`);
    return { mode };
  }
  if (!mode.startsWith('list ')) return undefined;
  const key = mode.slice(5);
  const ace = parseAce(LISTS, key.startsWith('4') ? 4 : 6, line);
  if (ace === undefined) throw new Refused(`${INVALID}${line}\n`);
  const list = config.lists.get(key) ?? [];
  if (list.some((one) => JSON.stringify(one) === JSON.stringify(ace)))
    throw new Refused('Error: Duplicate access control entry.\n');
  list.push(ace);
  return { mode };
}

function show(config: LabConfig): string {
  const all = [...config.ports.values(), ...config.channels.values()];
  const lines: string[] = ['; J9850A Configuration Editor; emulated', 'hostname "pro1"'];
  for (const [group, bond] of config.channels) {
    const members = [...config.ports.values()].filter(({ channel }) => channel === group).map(({ name }) => name);
    if (members.length > 0) lines.push(`trunk ${members.join(',')} trk${group} ${bond.channelMode}`);
  }
  for (const [head, body] of showLists(LISTS, config))
    lines.push(head, ...body.map((line) => `     ${line}`), '   exit');
  for (const port of all) {
    const body = [
      ...(port.shut ? ['disable'] : []),
      ...(port.description === '' ? [] : [`name "${port.description}"`]),
      ...showBound(LISTS, port),
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
      Object.assign(port, { channel: group, native: 0, allowed: new Set(), filters: {} });
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
  prompt({ mode }) {
    if (mode === 'exec') return 'pro1# ';
    if (mode.startsWith('list ')) return `pro1(config-${mode.startsWith('list 4') ? 'ext-nacl' : 'ipv6-acl'})# `;
    return `pro1(${mode === 'config' ? mode : mode.replace(/^interface /, 'eth-').replace(' ', '-')})# `;
  },
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
    const listed = listLine(config, terminal.mode, line);
    if (listed !== undefined) {
      terminal.mode = listed.mode;
      wrote();
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
