import type { Platform } from '../platform.ts';
import { ACTIONS, CISCO_RULES, ciscoList } from './block-rules.ts';

const QUESTIONS = [
  { asks: /\[confirm\]\s*$/, answer: '' },
  { asks: /Destination filename \[[^\]]*\]\?\s*$/, answer: '' },
  { asks: /\(y\/n\)\s*\??\s*(\[n\])?\s*$/, answer: 'y' },
];

/** Catalyst and what speaks like it. A port negotiates trunks unless told twice not to. */
export const ciscoIos: Platform = {
  name: 'cisco_ios',
  title: 'Cisco IOS and IOS XE',
  prompt: /[\w.-]+(?:\([\w-]+\))?[#>] ?/,
  setup: ['terminal length 0', 'terminal width 511'],
  unprivileged: { prompt: /> ?$/, command: 'enable', asks: /assword: ?$/ },
  questions: QUESTIONS,
  failures: [
    /^% ?(?:Invalid|Incomplete|Ambiguous|Unknown|Bad|Cannot|Not)[^\n]*/m,
    /^Command rejected[^\n]*/m,
    /^ERROR[^\n]*/m,
  ],
  busy: [/Configuration mode (?:is )?locked[^\n]*/i],
  begin: ['configure terminal'],
  end: ['end'],
  abort: ['end'],
  save: ['write memory'],
  atomic: false,
  show: 'show running-config',
  portName:
    /^(?:FastEthernet|GigabitEthernet|TwoGigabitEthernet|FiveGigabitEthernet|TenGigabitEthernet|TwentyFiveGigE|FortyGigabitEthernet|HundredGigE)\d+(?:\/\d+){0,2}$/,
  aliases: [
    [/^Fa(?=\d)/i, 'FastEthernet'],
    [/^Gi(?=\d)/i, 'GigabitEthernet'],
    [/^Tw(?=\d)/i, 'TwoGigabitEthernet'],
    [/^Fi(?=\d)/i, 'FiveGigabitEthernet'],
    [/^Te(?=\d)/i, 'TenGigabitEthernet'],
    [/^Twe(?=\d)/i, 'TwentyFiveGigE'],
    [/^Fo(?=\d)/i, 'FortyGigabitEthernet'],
    [/^Hu(?=\d)/i, 'HundredGigE'],
  ],
  // Frame sizes are the whole switch's there: system mtu.
  abilities: { lag: true, mlag: false, mtu: false, edge: true, storm: true },
  vlan: ['vlan {vlan}', 'name {text}', 'exit'],
  port: {
    enter: ['interface {port}'],
    leave: ['exit'],
    access: ['switchport access vlan {vlan}', 'switchport mode access', 'switchport nonegotiate'],
    trunkNative: [
      'switchport trunk native vlan {native}',
      'switchport trunk allowed vlan {allowed}',
      'switchport mode trunk',
      'switchport nonegotiate',
    ],
    trunkOnly: [
      'switchport trunk native vlan {parking}',
      'switchport trunk allowed vlan {allowed}',
      'switchport mode trunk',
      'switchport nonegotiate',
    ],
    allowMore: ['switchport trunk allowed vlan add {allowed}'],
    shut: ['shutdown'],
    open: ['no shutdown'],
    describe: ['description {text}'],
    edgeOn: {
      access: ['spanning-tree portfast', 'spanning-tree bpduguard enable'],
      trunk: ['spanning-tree portfast trunk', 'spanning-tree bpduguard enable'],
    },
    edgeOff: ['no spanning-tree portfast', 'no spanning-tree bpduguard'],
    storm: ['storm-control broadcast level {percent}'],
  },
  lag: {
    range: [25, 48],
    name: 'Port-channel{group}',
    reads: /^Port-channel(\d+)$/i,
    create: {
      lacp: ['interface Port-channel{group}', 'no shutdown', 'exit'],
      static: ['interface Port-channel{group}', 'no shutdown', 'exit'],
    },
    join: { lacp: ['channel-group {group} mode active'], static: ['channel-group {group} mode on'] },
    leave: ['no channel-group'],
    remove: ['no interface Port-channel{group}'],
    members: 'alike',
  },
  // Filters of switch ports judge what comes in.
  acl: {
    directions: ['in'],
    actions: ACTIONS,
    networks: 'wildcard',
    families: {
      4: ciscoList('ip access-list extended', 'ip access-group', { any: 'ip', icmp: 'icmp' }),
      6: ciscoList('ipv6 access-list', 'ipv6 traffic-filter', { any: 'ipv6', icmp: 'icmp' }),
    },
  },
  reader: 'blocks',
  blocks: {
    ...CISCO_RULES,
    settled: /^switchport nonegotiate$/,
    defaults: { mode: 'other', mtu: 1500, allowed: 'all' },
  },
  longestList: 180,
  ahead: 20,
};

/** Nexus. Frame sizes of a port are 1500 or the switch's own `system jumbomtu`. */
export const ciscoNxos: Platform = {
  ...ciscoIos,
  name: 'cisco_nxos',
  title: 'Cisco NX-OS (Nexus)',
  prompt: /[\w.-]+(?:\([\w-]+\))?# ?/,
  failures: [
    /^% ?(?:Invalid|Incomplete|Ambiguous|Permission|Cannot)[^\n]*/im,
    /^ERROR:[^\n]*/m,
    /^Error:[^\n]*/m,
    /^command failed[^\n]*/im,
  ],
  save: ['copy running-config startup-config'],
  portName: /^Ethernet\d{1,3}(?:\/\d{1,3}){1,3}$/,
  aliases: [[/^Eth(?=\d)/i, 'Ethernet']],
  abilities: { lag: true, mlag: true, mtu: true, edge: true, storm: true },
  port: {
    ...ciscoIos.port,
    access: ['switchport', 'switchport access vlan {vlan}', 'switchport mode access'],
    trunkNative: [
      'switchport',
      'switchport trunk native vlan {native}',
      'switchport trunk allowed vlan {allowed}',
      'switchport mode trunk',
    ],
    trunkOnly: [
      'switchport',
      'switchport trunk native vlan {parking}',
      'switchport trunk allowed vlan {allowed}',
      'switchport mode trunk',
    ],
    mtu: ['mtu {mtu}'],
    edgeOn: {
      access: ['spanning-tree port type edge', 'spanning-tree bpduguard enable'],
      trunk: ['spanning-tree port type edge trunk', 'spanning-tree bpduguard enable'],
    },
    edgeOff: ['no spanning-tree port type', 'no spanning-tree bpduguard'],
  },
  lag: {
    range: [1001, 2000],
    name: 'port-channel{group}',
    reads: /^port-channel(\d+)$/i,
    // A machine that boots does not speak LACP yet: its links work on their own.
    create: {
      lacp: ['interface port-channel{group}', 'no lacp suspend-individual', 'no shutdown', 'exit'],
      static: ['interface port-channel{group}', 'no shutdown', 'exit'],
    },
    mlag: ['vpc {group}'],
    join: { lacp: ['channel-group {group} force mode active'], static: ['channel-group {group} force mode on'] },
    leave: ['no channel-group'],
    remove: ['no interface port-channel{group}'],
    members: 'alike',
  },
  acl: {
    directions: ['in'],
    actions: ACTIONS,
    networks: 'cidr',
    families: {
      4: ciscoList('ip access-list', 'ip port access-group', { any: 'ip', icmp: 'icmp' }),
      6: ciscoList('ipv6 access-list', 'ipv6 port traffic-filter', { any: 'ipv6', icmp: 'icmp' }),
    },
  },
  blocks: { ...CISCO_RULES, mlag: /^vpc (\d+)$/, edge: /^spanning-tree port type edge/ },
};
