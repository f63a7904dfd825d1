import type { BlockRules } from '../platform.ts';

/** How Cisco, and who came after, write a port; platforms say what is otherwise. */
export const CISCO_RULES: BlockRules = {
  port: /^interface (\S+)$/,
  vlan: /^vlan ([\d,-]+)$/,
  access: /^switchport access vlan (\d+)$/,
  native: /^switchport trunk native vlan (\d+)$/,
  allowed: /^switchport trunk allowed vlan (?:add )?(\S+)$/,
  mode: /^switchport mode (\S+)/,
  routed: /^no switchport$/,
  member: /^channel-group (\d+)(?: mode (\S+))?/,
  lacp: /^(?!)/,
  mlag: null,
  edge: /^spanning-tree portfast/,
  guard: /^spanning-tree bpduguard enable$/,
  storm: /^storm-control broadcast level (?:percent )?([\d.]+)$/,
  settled: null,
  defaults: { mode: 'access', mtu: 1500, allowed: 'all' },
};
