import { freshConfig, freshPort, type LabConfig, type LabPort } from '../state.ts';
import { type Dialect, Refused } from './dialect.ts';
import { aclTables, changeTable, deleteRules, loosenRules, setRow, tablesOf } from './sonic-acls.ts';

// SONiC: a shell in which `config` and `show` are programs, and the configuration is a database shown as JSON.

const bondOf = (name: string): number | null => {
  const found = /^PortChannel(\d{1,4})$/.exec(name);
  return found === null ? null : Number(found[1]);
};
const portOf = (config: LabConfig, name: string): LabPort => {
  const group = bondOf(name);
  const port = group === null ? config.ports.get(name) : config.channels.get(group);
  if (port === undefined)
    throw new Refused('Error: Interface name is invalid. Please enter a valid interface name!!\n');
  return port;
};
const untagged = (port: LabPort): number | null => (port.native === 0 ? null : port.native);

function show(config: LabConfig): string {
  const members: Record<string, object> = {};
  const table: Record<string, Record<string, object>> = {
    PORT: {},
    VLAN: {},
    VLAN_MEMBER: members,
    PORTCHANNEL: {},
    PORTCHANNEL_MEMBER: {},
  };
  for (const port of [...config.ports.values(), ...config.channels.values()]) {
    const facts = {
      admin_status: port.shut ? 'down' : 'up',
      mtu: String(port.mtu),
      ...(port.description === '' ? {} : { description: port.description }),
    };
    const kind = bondOf(port.name) === null ? 'PORT' : 'PORTCHANNEL';
    (table[kind] as Record<string, object>)[port.name] =
      kind === 'PORT' ? facts : { ...facts, static: port.channelMode === 'static' ? 'true' : 'false' };
    if (port.channel !== null)
      (table['PORTCHANNEL_MEMBER'] as Record<string, object>)[`PortChannel${port.channel}|${port.name}`] = {};
    const native = untagged(port);
    if (native !== null) members[`Vlan${native}|${port.name}`] = { tagging_mode: 'untagged' };
    for (const vlan of port.allowed === 'all' ? [] : port.allowed) {
      if (vlan !== native) members[`Vlan${vlan}|${port.name}`] = { tagging_mode: 'tagged' };
    }
  }
  for (const id of config.vlans.keys())
    if (id !== 1) (table['VLAN'] as Record<string, object>)[`Vlan${id}`] = { vlanid: String(id) };
  return `${JSON.stringify({ ...aclTables(config), ...table }, null, 4)}\n`;
}

function change(config: LabConfig, line: string): void {
  const words = line.split(' ');
  const [what, verb] = words;
  const last = words.at(-1) as string;
  if (what === 'acl') {
    changeTable(config, words.slice(1));
    return;
  }
  if (what === 'vlan' && verb === 'add') {
    if (config.vlans.has(Number(last))) throw new Refused(`Error: Vlan${last} already exists\n`);
    config.vlans.set(Number(last), `Vlan${last}`);
    return;
  }
  if (what === 'vlan' && verb === 'member') {
    const port = portOf(config, last);
    const vlan = Number(words.at(-2));
    if (!config.vlans.has(vlan)) throw new Refused(`Error: Vlan${vlan} doesn't exist\n`);
    if (port.channel !== null) throw new Refused(`Error: ${last} is part of a port channel\n`);
    const allowed = port.allowed === 'all' ? new Set<number>() : port.allowed;
    port.allowed = allowed;
    if (words[2] === 'del') {
      if (!allowed.delete(vlan)) throw new Refused(`Error: ${last} is not a member of Vlan${vlan}\n`);
      if (port.native === vlan) port.native = 0;
    } else {
      if (allowed.has(vlan)) throw new Refused(`Error: ${last} is already a member of Vlan${vlan}\n`);
      if (words.includes('-u')) {
        if (port.native !== 0) throw new Refused(`Error: ${last} is already an untagged member\n`);
        port.native = vlan;
      }
      allowed.add(vlan);
    }
    port.mode = allowed.size > (port.native === 0 ? 0 : 1) ? 'trunk' : 'access';
    port.access = port.native;
    return;
  }
  if (what === 'interface' && (verb === 'shutdown' || verb === 'startup')) {
    portOf(config, last).shut = verb === 'shutdown';
    return;
  }
  if (what === 'interface' && verb === 'mtu') {
    portOf(config, words[2] as string).mtu = Number(last);
    return;
  }
  if (what === 'interface' && verb === 'description') {
    portOf(config, words[2] as string).description = last;
    return;
  }
  if (what === 'portchannel' && verb === 'member') {
    const bond = portOf(config, words[3] as string);
    const port = portOf(config, last);
    if (words[2] === 'add' && port.allowed !== 'all' && port.allowed.size > 0)
      throw new Refused(`Error: ${last} has vlan configuration\n`);
    const judged = tablesOf(config, last);
    if (words[2] === 'add' && judged.length > 0)
      throw new Refused(`Error: Port ${last} is already bound to following ACL_TABLES: ${judged.join(', ')}\n`);
    port.channel = words[2] === 'add' ? bondOf(bond.name) : null;
    return;
  }
  if (what === 'portchannel' && verb === 'add') {
    const group = bondOf(last);
    if (group === null) throw new Refused('Error: PortChannel name is invalid\n');
    config.channels.set(group, {
      ...freshPort(last),
      mtu: 9100,
      native: 0,
      allowed: new Set(),
      channelMode: line.includes('--static') ? 'static' : 'lacp',
    });
    return;
  }
  if (what === 'portchannel' && verb === 'del') {
    const group = bondOf(last);
    if ([...config.ports.values()].some(({ channel }) => channel === group))
      throw new Refused(`Error: ${last} has members\n`);
    config.channels.delete(group ?? -1);
    return;
  }
  throw new Refused(`Error: No such command "${what} ${verb}".\n`);
}

export const sonic: Dialect = {
  name: 'sonic',
  banner: 'Emulated SONiC\n',
  ports: (count) => Array.from({ length: count }, (_, i) => `Ethernet${i * 4}`),
  fresh(count) {
    const config = freshConfig(sonic.ports(count));
    for (const port of config.ports.values())
      Object.assign(port, { mtu: 9100, native: 0, access: 0, allowed: new Set() });
    return config;
  },
  access: (vlan) => ({ mode: 'access', access: vlan, native: vlan, allowed: new Set([vlan]) }),
  loosen: loosenRules,
  commits: false,
  prompt: () => 'admin@sonic:~$ ',
  run(terminal, line, wrote) {
    const { device } = terminal;
    if (line === '') return '';
    if (line === 'exit') {
      terminal.mode = 'gone';
      return '';
    }
    if (line === 'show runningconfiguration all') return show(device.running);
    const row = /^sudo sonic-db-cli CONFIG_DB hset '([^']+)' (.+)$/.exec(line);
    const rules = /^sudo acl-loader delete (\S+)$/.exec(line);
    if (row !== null || rules !== null) {
      wrote();
      return row === null
        ? deleteRules(device.running, rules?.[1] ?? '')
        : setRow(device.running, row[1] as string, (row[2] as string).split(' '));
    }
    const said = /^sudo config (.+)$/.exec(line);
    if (said === null) return `-bash: ${line.split(' ')[0]}: command not found\n`;
    if (said[1] === 'save -y') {
      device.save();
      return 'Running command: /usr/local/bin/sonic-cfggen -d --print-data > /etc/sonic/config_db.json\n';
    }
    const { refusedVlan } = device.faults;
    if (refusedVlan !== null && / member add /.test(line) && new RegExp(`\\b${refusedVlan}\\b`).test(line)) {
      throw new Refused('Error: Invalid Vlan Id , Valid Range : 1 to 4094\n');
    }
    change(device.running, said[1] as string);
    wrote();
    return '';
  },
};
