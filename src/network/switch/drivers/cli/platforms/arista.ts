import type { Platform } from '../platform.ts';
import { ACTIONS, CISCO_RULES, ciscoList } from './block-rules.ts';
import { ciscoIos } from './cisco.ts';

/** Arista EOS: a configuration session is a candidate, committed as one. */
export const aristaEos: Platform = {
  ...ciscoIos,
  name: 'arista_eos',
  title: 'Arista EOS',
  prompt: /[\w.-]+(?:\([\w. -]+\))?[#>] ?/,
  failures: [/^% ?(?:Invalid|Incomplete|Ambiguous|Cannot|VLAN|Error|Unable)[^\n]*/im, /commit failed[^\n]*/i],
  busy: [/^% ?(?:Maximum number of (?:pending )?sessions|Configuration locked)[^\n]*/im],
  // What a cut connection left behind is never taken up.
  begin: ['?no configure session ingot', 'configure session ingot'],
  end: ['commit'],
  abort: ['abort'],
  save: ['copy running-config startup-config'],
  atomic: true,
  portName: /^Ethernet\d{1,3}(?:\/\d{1,3}){0,2}$/,
  aliases: [[/^Et(?:h)?(?=\d)/i, 'Ethernet']],
  // Ports of a bridge take large frames always.
  abilities: { lag: true, mlag: true, mtu: false, edge: true, storm: true },
  port: {
    ...ciscoIos.port,
    access: ['switchport access vlan {vlan}', 'switchport mode access'],
    trunkNative: [
      'switchport trunk native vlan {native}',
      'switchport trunk allowed vlan {allowed}',
      'switchport mode trunk',
    ],
    trunkOnly: [
      'switchport trunk native vlan {parking}',
      'switchport trunk allowed vlan {allowed}',
      'switchport mode trunk',
    ],
  },
  lag: {
    range: [1001, 2000],
    name: 'Port-Channel{group}',
    reads: /^Port-Channel(\d+)$/i,
    create: {
      lacp: ['interface Port-Channel{group}', 'port-channel lacp fallback individual', 'no shutdown', 'exit'],
      static: ['interface Port-Channel{group}', 'no shutdown', 'exit'],
    },
    mlag: ['mlag {group}'],
    join: { lacp: ['channel-group {group} mode active'], static: ['channel-group {group} mode on'] },
    leave: ['no channel-group'],
    remove: ['no interface Port-Channel{group}'],
    members: 'alike',
  },
  acl: {
    directions: ['in', 'out'],
    actions: ACTIONS,
    networks: 'cidr',
    families: {
      4: ciscoList('ip access-list', 'ip access-group', { any: 'ip', icmp: 'icmp' }),
      6: ciscoList('ipv6 access-list', 'ipv6 access-group', { any: 'ipv6', icmp: 'icmpv6' }),
    },
  },
  blocks: { ...CISCO_RULES, mlag: /^mlag (\d+)$/ },
};
