import type { AclFamily, BlockRules } from '../platform.ts';

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
  lists: {
    4: { head: /^ip access-list (?:extended )?(\S+)$/, bound: /^ip (?:port )?access-group (\S+) (in|out)$/ },
    6: {
      head: /^ipv6 access-list (\S+)$/,
      bound: /^ipv6 (?:port )?(?:traffic-filter|access-group) (\S+) (in|out)$/,
    },
  },
  settled: null,
  defaults: { mode: 'access', mtu: 1500, allowed: 'all' },
};

/** Lists of one version of IP: how they begin, and how they are bound to a port. */
export const ciscoList = (begin: string, bind: string, words: { any: string; icmp: string }): AclFamily => ({
  ...words,
  begin: [`${begin} {name}`],
  end: ['exit'],
  remove: [`?no ${begin} {name}`],
  bind: [`${bind} {name} {direction}`],
  unbind: [`no ${bind} {name} {direction}`],
  next: 'takes its place',
});
export const ACTIONS = { allow: 'permit', deny: 'deny' } as const;
