import type { Platform } from '../platform.ts';
import { ACTIONS, CISCO_RULES, ciscoList } from './block-rules.ts';
import { ciscoIos } from './cisco.ts';

/** Dell SmartFabric OS10: lists of a trunk add up, its native VLAN is the access VLAN, and transactions are whole. */
export const dellOs10: Platform = {
  ...ciscoIos,
  name: 'dell_os10',
  title: 'Dell SmartFabric OS10',
  prompt: /[\w.-]+(?:\([\w. -]+\))?# ?/,
  setup: ['terminal length 0'],
  failures: [/^% ?Error:[^\n]*/m, /^Error:[^\n]*/m, /^% ?Warning: commit failed[^\n]*/im],
  busy: [/(?:another|other) transaction[^\n]*/i],
  begin: ['?discard', 'start transaction', 'configure terminal'],
  end: ['end', 'commit'],
  abort: ['end', 'discard'],
  save: ['copy running-configuration startup-configuration'],
  atomic: true,
  show: 'show running-configuration',
  portName: /^ethernet\d{1,2}(?:\/\d{1,3}){2}(?::\d)?$/,
  aliases: [[/^(?:Eth|Ethernet) ?(?=\d)/i, 'ethernet']],
  abilities: { lag: true, mlag: true, mtu: true, edge: true, storm: false },
  vlan: ['interface vlan{vlan}', 'description {text}', 'no shutdown', 'exit'],
  port: {
    enter: ['interface {port}'],
    leave: ['exit'],
    access: ['switchport access vlan {vlan}', 'switchport mode access'],
    trunkNative: [
      'switchport mode trunk',
      'switchport access vlan {native}',
      'switchport trunk allowed vlan {allowed}',
    ],
    trunkOnly: ['switchport mode trunk', 'switchport access vlan {parking}', 'switchport trunk allowed vlan {allowed}'],
    narrow: ['no switchport trunk allowed vlan {gone}'],
    allowMore: ['switchport trunk allowed vlan {allowed}'],
    shut: ['shutdown'],
    open: ['no shutdown'],
    describe: ['description {text}'],
    mtu: ['mtu {mtu}'],
    edgeOn: {
      access: ['spanning-tree port type edge', 'spanning-tree bpduguard enable'],
      trunk: ['spanning-tree port type edge', 'spanning-tree bpduguard enable'],
    },
    edgeOff: ['no spanning-tree port type edge', 'spanning-tree bpduguard disable'],
  },
  lag: {
    range: [65, 128],
    name: 'port-channel{group}',
    reads: /^port-channel(\d+)$/i,
    create: {
      lacp: ['interface port-channel{group}', 'lacp fallback enable', 'no shutdown', 'exit'],
      static: ['interface port-channel{group}', 'no shutdown', 'exit'],
    },
    mlag: ['vlt-port-channel {group}'],
    join: { lacp: ['channel-group {group} mode active'], static: ['channel-group {group} mode on'] },
    leave: ['no channel-group'],
    remove: ['no interface port-channel{group}'],
    members: 'any',
  },
  acl: {
    directions: ['in', 'out'],
    actions: ACTIONS,
    networks: 'cidr',
    noKinds: true,
    families: {
      4: ciscoList('ip access-list', 'ip access-group', { any: 'ip', icmp: 'icmp' }),
      6: ciscoList('ipv6 access-list', 'ipv6 access-group', { any: 'ipv6', icmp: 'icmpv6' }),
    },
  },
  blocks: {
    ...CISCO_RULES,
    vlan: /^interface vlan(\d+)$/,
    mlag: /^vlt-port-channel (\d+)$/,
    edge: /^spanning-tree port type edge/,
    defaults: { mode: 'access', mtu: 1500, allowed: 'none' },
    nativeIsAccess: true,
  },
};
