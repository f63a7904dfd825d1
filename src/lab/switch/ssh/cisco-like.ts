import { type LabPort, parseList, writeList } from '../state.ts';
import { blockDialect, type PortLine } from './blocks.ts';
import type { ListLanguage } from './access-lists.ts';
import { Refused } from './dialect.ts';

// Cisco IOS, Cisco NX-OS, Arista EOS and Dell OS10, as their manuals have them.

const join = (port: LabPort, group: number, mode: string, channels: ReadonlyMap<number, LabPort>): void => {
  port.channel = group;
  port.channelMode = mode;
  // A port takes over what its bond has, and its own lines no longer count.
  if (!channels.has(group)) throw new Refused('% channel-group: no such port-channel');
};

const SWITCHPORT: readonly PortLine[] = [
  [/^switchport mode access$/, (port) => void (port.mode = 'access')],
  [/^switchport mode trunk$/, (port) => void (port.mode = 'trunk')],
  [/^switchport access vlan (\d+)$/, (port, m) => void (port.access = Number(m[1]))],
  [/^no switchport access vlan$/, (port) => void (port.access = 1)],
  [/^switchport trunk native vlan (\d+)$/, (port, m) => void (port.native = Number(m[1]))],
  [/^no switchport trunk native vlan$/, (port) => void (port.native = 1)],
  [/^switchport trunk allowed vlan none$/, (port) => void (port.allowed = new Set())],
  [
    /^switchport trunk allowed vlan add ([\d,-]+)$/,
    (port, m) => {
      if (port.allowed !== 'all') for (const vlan of parseList(m[1] as string)) port.allowed.add(vlan);
    },
  ],
  [/^switchport trunk allowed vlan ([\d,-]+)$/, (port, m) => void (port.allowed = parseList(m[1] as string))],
  [/^no switchport trunk allowed vlan$/, (port) => void (port.allowed = 'all')],
  [/^shutdown$/, (port) => void (port.shut = true)],
  [/^no shutdown$/, (port) => void (port.shut = false)],
  [/^description (\S.*)$/, (port, m) => void (port.description = m[1] as string)],
  [/^no description$/, (port) => void (port.description = '')],
  [/^storm-control broadcast level (?:percent )?([\d.]+)$/, (port, m) => void (port.storm = Number(m[1]))],
  [/^no storm-control broadcast(?: level)?$/, (port) => void (port.storm = null)],
];

const allowedText = (port: LabPort): string => (port.allowed === 'all' ? '' : writeList(port.allowed) || 'none');

const switchportLines = (port: LabPort): string[] => [
  ...(port.description === '' ? [] : [`description ${port.description}`]),
  ...(port.access === 1 ? [] : [`switchport access vlan ${port.access}`]),
  ...(port.native === 1 ? [] : [`switchport trunk native vlan ${port.native}`]),
  ...(port.allowed === 'all' ? [] : [`switchport trunk allowed vlan ${allowedText(port)}`]),
];
const ifLine = (on: boolean, line: string): string[] => (on ? [line] : []);

const MEMBER: PortLine = [
  /^channel-group (\d+) mode (\S+)$/,
  (port, m, { channels }) => join(port, Number(m[1]), m[2] as string, channels),
];
const LEAVE: PortLine = [/^no channel-group(?: \d+)?$/, (port) => void (port.channel = null)];
const EDGE: readonly PortLine[] = [
  [/^spanning-tree bpduguard enable$/, (port) => void (port.guard = true)],
  [/^(?:no spanning-tree bpduguard|spanning-tree bpduguard disable)$/, (port) => void (port.guard = false)],
];
const PORTFAST: readonly PortLine[] = [
  [/^spanning-tree portfast(?: trunk| edge| edge trunk)?$/, (port) => void (port.edge = true)],
  [/^no spanning-tree portfast(?: trunk| edge)?$/, (port) => void (port.edge = false)],
];

const IOS_IGNORED = /^(terminal (length|width) \d+|show version|disable|no configure session \S+)$/;
const VLAN = (id: number, name: string) => [`vlan ${id}`, `name ${name}`];

/** What most of them have in common. */
const LISTS: ListLanguage = {
  head: { 4: 'ip access-list', 6: 'ipv6 access-list' },
  bind: { 4: 'ip access-group', 6: 'ipv6 access-group' },
  directions: ['in', 'out'],
  icmp6: 'icmpv6',
  networks: 'host',
  number: (n) => `${n} `,
  words: true,
  kinds: true,
};

export const ciscoIos = blockDialect({
  name: 'cisco_ios',
  banner: '\nEmulated IOS\n\n',
  host: 'ios1',
  portName: (n) => `GigabitEthernet1/0/${n}`,
  factory: 'dynamic',
  bondName: /^port-channel ?(\d+)$/i,
  bond: (group) => `Port-channel${group}`,
  enable: 'secret',
  lists: {
    ...LISTS,
    head: { ...LISTS.head, 4: 'ip access-list extended' },
    bind: { ...LISTS.bind, 6: 'ipv6 traffic-filter' },
    directions: ['in'],
    icmp6: 'icmp',
    networks: 'wildcard',
    number: () => '',
  },
  indent: ' ',
  refusal: "                 ^\n% Invalid input detected at '^' marker.\n\n",
  saves: /^(write memory|copy running-config startup-config)$/,
  saved: 'Building configuration...\n[OK]\n',
  vlanLine: /^vlan (\d+)$/,
  vlanNameLine: /^name (\S+)$/,
  renderVlan: VLAN,
  ignored: IOS_IGNORED,
  portLines: [
    ...SWITCHPORT,
    MEMBER,
    LEAVE,
    ...EDGE,
    ...PORTFAST,
    [/^switchport nonegotiate$/, (port) => void (port.negotiates = false)],
    [/^switchport mode dynamic auto$/, (port) => void (port.mode = 'dynamic')],
  ],
  render: (port) => [
    ...switchportLines(port),
    ...(port.mode === 'dynamic' ? [] : [`switchport mode ${port.mode}`]),
    ...ifLine(!port.negotiates, 'switchport nonegotiate'),
    ...ifLine(port.shut, 'shutdown'),
    ...(port.channel === null ? [] : [`channel-group ${port.channel} mode ${port.channelMode}`]),
    ...(port.storm === null ? [] : [`storm-control broadcast level ${port.storm.toFixed(2)}`]),
    ...ifLine(port.edge, 'spanning-tree portfast'),
    ...ifLine(port.guard, 'spanning-tree bpduguard enable'),
  ],
});

export const ciscoNxos = blockDialect({
  name: 'cisco_nxos',
  banner: 'Emulated NX-OS\n',
  host: 'nx1',
  portName: (n) => `Ethernet1/${n}`,
  factory: 'access',
  bondName: /^port-channel ?(\d+)$/i,
  bond: (group) => `port-channel${group}`,
  lists: {
    ...LISTS,
    bind: { 4: 'ip port access-group', 6: 'ipv6 port traffic-filter' },
    directions: ['in'],
    icmp6: 'icmp',
    networks: 'cidr',
  },
  indent: '  ',
  refusal: "          ^\n% Invalid command at '^' marker.\n",
  saves: /^copy running-config startup-config$/,
  saved: '[########################################] 100%\nCopy complete.\n',
  vlanLine: /^vlan (\d+)$/,
  vlanNameLine: /^name (\S+)$/,
  renderVlan: VLAN,
  ignored: IOS_IGNORED,
  portLines: [
    ...SWITCHPORT,
    [
      /^channel-group (\d+)(?: force)?(?: mode (\S+))?$/,
      (port, m, { channels }) => join(port, Number(m[1]), m[2] ?? 'on', channels),
    ],
    LEAVE,
    ...EDGE,
    [/^switchport$/, (port) => void (port.mode = port.mode === 'routed' ? 'access' : port.mode)],
    [/^spanning-tree port type edge(?: trunk)?$/, (port) => void (port.edge = true)],
    [/^(?:no spanning-tree port type|spanning-tree port type normal)$/, (port) => void (port.edge = false)],
    [/^mtu (\d+)$/, (port, m) => void (port.mtu = Number(m[1]))],
    [/^vpc (\d+)$/, (port, m) => void (port.mlag = Number(m[1]))],
    [/^no vpc$/, (port) => void (port.mlag = null)],
    [/^no lacp suspend-individual$/, () => {}],
  ],
  render: (port) => [
    ...switchportLines(port).filter((line) => !line.startsWith('switchport access') || port.mode === 'access'),
    ...ifLine(port.mode === 'trunk', 'switchport mode trunk'),
    ...ifLine(port.mtu !== 1500, `mtu ${port.mtu}`),
    ...(port.storm === null ? [] : [`storm-control broadcast level ${port.storm.toFixed(2)}`]),
    ...ifLine(port.edge, `spanning-tree port type edge${port.mode === 'trunk' ? ' trunk' : ''}`),
    ...ifLine(port.guard, 'spanning-tree bpduguard enable'),
    ...(port.channel === null
      ? []
      : [`channel-group ${port.channel}${port.channelMode === 'on' ? '' : ` mode ${port.channelMode}`}`]),
    ...(port.mlag === null ? [] : [`vpc ${port.mlag}`]),
    ...ifLine(port.shut, 'shutdown'),
  ],
});

export const aristaEos = blockDialect({
  name: 'arista_eos',
  banner: 'Emulated EOS\n',
  host: 'eos1',
  portName: (n) => `Ethernet${n}`,
  factory: 'access',
  bondName: /^port-channel ?(\d+)$/i,
  bond: (group) => `Port-Channel${group}`,
  enable: 'secret',
  lists: LISTS,
  indent: '   ',
  refusal: '% Invalid input\n',
  saves: /^(write memory|copy running-config startup-config)$/,
  saved: 'Copy completed successfully.\n',
  vlanLine: /^vlan (\d+)$/,
  vlanNameLine: /^name (\S+)$/,
  renderVlan: VLAN,
  ignored: IOS_IGNORED,
  candidate: { begin: /^configure session \S+$/, commit: /^commit$/, abort: /^abort$/ },
  portLines: [
    ...SWITCHPORT,
    MEMBER,
    LEAVE,
    ...EDGE,
    ...PORTFAST,
    [/^mlag (\d+)$/, (port, m) => void (port.mlag = Number(m[1]))],
    [/^no mlag$/, (port) => void (port.mlag = null)],
    [/^port-channel lacp fallback (?:individual|static)$/, () => {}],
    [/^port-channel lacp fallback timeout \d+$/, () => {}],
  ],
  render: (port) => [
    ...switchportLines(port),
    ...ifLine(port.mode === 'trunk', 'switchport mode trunk'),
    ...(port.channel === null ? [] : [`channel-group ${port.channel} mode ${port.channelMode}`]),
    ...(port.mlag === null ? [] : [`mlag ${port.mlag}`]),
    ...(port.storm === null ? [] : [`storm-control broadcast level ${port.storm}`]),
    ...ifLine(port.edge, 'spanning-tree portfast'),
    ...ifLine(port.guard, 'spanning-tree bpduguard enable'),
    ...ifLine(port.shut, 'shutdown'),
  ],
});

/** OS10 adds to the allowed list; its native VLAN is the access VLAN of a trunk. */
export const dellOs10 = blockDialect({
  name: 'dell_os10',
  nativeIsAccess: true,
  banner: 'Emulated OS10\n',
  host: 'OS10',
  portName: (n) => `ethernet1/1/${n}`,
  factory: 'access',
  bondName: /^port-channel ?(\d+)$/i,
  bond: (group) => `port-channel${group}`,
  lists: { ...LISTS, networks: 'cidr', number: (n) => `seq ${n} `, words: false, kinds: false },
  indent: ' ',
  refusal: '% Error: Unrecognized command.\n',
  saves: /^(write memory|copy running-configuration startup-configuration)$/,
  saved: '',
  vlanLine: /^interface vlan ?(\d+)$/,
  vlanNameLine: /^description (\S+)$/,
  renderVlan: (id, name) => [`interface vlan${id}`, `description ${name}`, 'no shutdown'],
  ignored: /^(terminal (length|width) \d+|show version)$/,
  candidate: { begin: /^start transaction$/, commit: /^commit$/, abort: /^discard$/, aroundConfigure: true },
  portLines: [
    [
      /^switchport access vlan (\d+)$/,
      (port, m) => {
        port.access = port.native = Number(m[1]);
        port.nativePasses = true;
      },
    ],
    ...SWITCHPORT.filter(([pattern]) => !/trunk/.test(pattern.source) || /mode trunk/.test(pattern.source)),
    [
      /^switchport trunk allowed vlan ([\d,-]+)$/,
      (port, m) => {
        const list = parseList(m[1] as string);
        port.allowed = new Set(port.allowed === 'all' ? list : [...port.allowed, ...list]);
      },
    ],
    [
      /^no switchport trunk allowed vlan ([\d,-]+)$/,
      (port, m) => {
        if (port.allowed === 'all') return;
        for (const vlan of parseList(m[1] as string)) port.allowed.delete(vlan);
      },
    ],
    MEMBER,
    LEAVE,
    ...EDGE,
    [/^spanning-tree port type edge$/, (port) => void (port.edge = true)],
    [/^no spanning-tree port type edge$/, (port) => void (port.edge = false)],
    [/^mtu (\d+)$/, (port, m) => void (port.mtu = Number(m[1]))],
    [/^vlt-port-channel (\d+)$/, (port, m) => void (port.mlag = Number(m[1]))],
    [/^no vlt-port-channel$/, (port) => void (port.mlag = null)],
    [/^lacp fallback enable$/, () => {}],
  ],
  render: (port) => [
    ...(port.description === '' ? [] : [`description ${port.description}`]),
    port.shut ? 'shutdown' : 'no shutdown',
    ...(port.channel === null ? [] : [`channel-group ${port.channel} mode ${port.channelMode}`]),
    ...ifLine(port.channel === null && port.mode === 'trunk', 'switchport mode trunk'),
    ...ifLine(port.channel === null, `switchport access vlan ${port.access}`),
    ...ifLine(
      port.channel === null && port.mode === 'trunk' && port.allowed !== 'all' && port.allowed.size > 0,
      `switchport trunk allowed vlan ${allowedText(port)}`,
    ),
    ...ifLine(port.mtu !== 1500, `mtu ${port.mtu}`),
    ...(port.mlag === null ? [] : [`vlt-port-channel ${port.mlag}`]),
    ...(port.storm === null ? [] : [`storm-control broadcast level ${port.storm}`]),
    ...ifLine(port.edge, 'spanning-tree port type edge'),
    ...ifLine(port.guard, 'spanning-tree bpduguard enable'),
  ],
});
