import type { AclFamily, Platform } from '../platform.ts';

const BRIDGE = 'bridge domain br_default';

/** NVUE reference, "ACL": of release 5.10 and later, which has ports below their protocol. */
const nvueList = (version: 4 | 6, icmp: string): AclFamily => {
  const rule = 'nv set acl {name} rule {n}';
  return {
    any: '',
    icmp,
    begin: [`nv set acl {name} type ipv${version}`],
    end: [],
    remove: ['?nv unset acl {name}'],
    bind: ['nv set interface {port} acl {name} {direction}bound'],
    unbind: ['nv unset interface {port} acl {name}'],
    entry: {
      source: [`${rule} match ip source-ip {source}`],
      destination: [`${rule} match ip dest-ip {destination}`],
      protocol: [`${rule} match ip protocol {protocol}`],
      port: [`${rule} match ip {protocol} dest-port {from}`],
      range: [`${rule} match ip {protocol} dest-port {from}:{to}`],
      kind: [`${rule} match ip ${icmp}-type {kind}`],
      allow: [`${rule} action permit`],
      deny: [`${rule} action deny`],
    },
  };
};

/** NVIDIA Cumulus Linux 5 with NVUE: a candidate, applied as one. The bridge is `br_default`. */
export const cumulusNvue: Platform = {
  name: 'cumulus_nvue',
  title: 'NVIDIA Cumulus Linux 5 (NVUE)',
  prompt: /[\w.-]+@[\w.-]+(?::\w+)?:[~/\w.-]*\$ ?/,
  setup: [],
  questions: [{ asks: /\[y\/N\]\s*$/i, answer: 'y' }],
  failures: [
    /^Error:[^\n]*/m,
    /^Invalid config[^\n]*/m,
    /^Config invalid at[^\n]*/m,
    /command not found[^\n]*/,
    /is not a physical interface[^\n]*/,
    /^(?:Failure during apply|Unable to restart services)[^\n]*/m,
  ],
  busy: [/another (?:apply|user)[^\n]*/i],
  begin: ['?nv config detach'],
  end: ['nv config apply -y'],
  abort: ['?nv config detach'],
  save: ['nv config save'],
  atomic: true,
  show: 'nv config show -r applied -o commands',
  showPorts: { line: 'nv show interface', port: /^(swp\d+(?:s\d+)?)\s/gm },
  portName: /^swp\d{1,3}(?:s\d)?$/,
  aliases: [],
  abilities: { lag: true, mlag: true, mtu: true, edge: true, storm: false },
  vlan: [`nv set ${BRIDGE} vlan {vlan}`],
  port: {
    enter: [],
    leave: [],
    access: [`?nv unset interface {port} ${BRIDGE}`, `nv set interface {port} ${BRIDGE} access {vlan}`],
    trunkNative: [
      `?nv unset interface {port} ${BRIDGE}`,
      `nv set interface {port} ${BRIDGE} untagged {native}`,
      `nv set interface {port} ${BRIDGE} vlan {allowed}`,
    ],
    trunkOnly: [
      `?nv unset interface {port} ${BRIDGE}`,
      `nv set interface {port} ${BRIDGE} untagged none`,
      `nv set interface {port} ${BRIDGE} vlan {allowed}`,
    ],
    allowMore: [`nv set interface {port} ${BRIDGE} vlan {allowed}`],
    shut: ['nv set interface {port} link state down'],
    open: ['nv set interface {port} link state up'],
    describe: ['nv set interface {port} description {text}'],
    mtu: ['nv set interface {port} link mtu {mtu}'],
    edgeOn: {
      access: [
        `nv set interface {port} ${BRIDGE} stp admin-edge on`,
        `nv set interface {port} ${BRIDGE} stp bpdu-guard on`,
      ],
      trunk: [
        `nv set interface {port} ${BRIDGE} stp admin-edge on`,
        `nv set interface {port} ${BRIDGE} stp bpdu-guard on`,
      ],
    },
    edgeOff: [
      `nv set interface {port} ${BRIDGE} stp admin-edge off`,
      `nv set interface {port} ${BRIDGE} stp bpdu-guard off`,
    ],
  },
  lag: {
    range: [100, 999],
    name: 'bond{group}',
    reads: /^bond(\d+)$/,
    create: {
      lacp: ['nv set interface bond{group} bond mode lacp', 'nv set interface bond{group} bond lacp-bypass on'],
      static: ['nv set interface bond{group} bond mode static'],
    },
    mlag: ['nv set interface bond{group} bond mlag id {group}'],
    join: {
      lacp: [`?nv unset interface {port} ${BRIDGE}`, 'nv set interface bond{group} bond member {port}'],
      static: [`?nv unset interface {port} ${BRIDGE}`, 'nv set interface bond{group} bond member {port}'],
    },
    leave: ['nv unset interface bond{group} bond member {port}'],
    remove: ['nv unset interface bond{group}'],
    members: 'any',
  },
  acl: {
    directions: ['in', 'out'],
    actions: { allow: 'permit', deny: 'deny' },
    networks: 'cidr',
    families: { 4: nvueList(4, 'icmp'), 6: nvueList(6, 'icmpv6') },
  },
  reader: 'nvue',
  ahead: 20,
};

/**
 * Tables and rules as `acl-loader` of sonic-utilities makes them. Rules come first: they wait for their table, and the
 * table is bound to its port by being made.
 */
const sonicList = (kind: 'L3' | 'L3V6', icmp: string, match: string): AclFamily => {
  const six = kind === 'L3V6' ? 'V6' : '';
  return {
    any: '',
    icmp,
    begin: [],
    end: [],
    remove: ['?sudo acl-loader delete {name}', '?sudo config acl remove table {name}'],
    bind: [`sudo config acl add table {name} ${kind} -p {port} -s {stage}`],
    unbind: ['sudo config acl remove table {name}'],
    next: 'beside it',
    entry: {
      joined: true,
      protocols: { tcp: '6', udp: '17' },
      first: [`sudo sonic-db-cli CONFIG_DB hset 'ACL_RULE|{name}|RULE_{n}' PRIORITY {priority} ${match}`],
      source: [`SRC_IP${six} {source}`],
      destination: [`DST_IP${six} {destination}`],
      protocol: ['IP_PROTOCOL {protocol}'],
      port: ['L4_DST_PORT {from}'],
      range: ['L4_DST_PORT_RANGE {from}-{to}'],
      kind: [`ICMP${six}_TYPE {kind}`],
      allow: ['PACKET_ACTION FORWARD'],
      deny: ['PACKET_ACTION DROP'],
    },
  };
};

/** SONiC: each command changes the running configuration at once. */
export const sonic: Platform = {
  name: 'sonic',
  title: 'SONiC (community, and Dell Enterprise SONiC with its Linux shell)',
  prompt: /[\w.-]+@[\w.-]+:[~/\w.-]*[$#] ?/,
  setup: [],
  questions: [{ asks: /\[y\/N\]:?\s*$/i, answer: 'y' }],
  failures: [/^Error:[^\n]*/m, /^Usage:[^\n]*/m, /command not found[^\n]*/, /^Failed [^\n]*/m, /^Traceback[^\n]*/m],
  busy: [],
  begin: [],
  end: [],
  abort: [],
  save: ['sudo config save -y'],
  atomic: false,
  show: 'show runningconfiguration all',
  portName: /^Ethernet\d{1,3}$/,
  aliases: [],
  abilities: { lag: true, mlag: false, mtu: true, edge: false, storm: false },
  vlan: ['sudo config vlan add {vlan}'],
  port: {
    enter: [],
    leave: [],
    access: [],
    trunkNative: [],
    trunkOnly: [],
    shut: ['sudo config interface shutdown {port}'],
    open: ['sudo config interface startup {port}'],
    describe: ['sudo config interface description {port} {text}'],
    mtu: ['sudo config interface mtu {port} {mtu}'],
  },
  membership: {
    untagged: ['sudo config vlan member add -u {vlan} {port}'],
    tagged: ['sudo config vlan member add {vlan} {port}'],
    remove: ['sudo config vlan member del {vlan} {port}'],
    addsFirst: false,
    parks: false,
  },
  lag: {
    range: [101, 999],
    name: 'PortChannel{group}',
    reads: /^PortChannel(\d+)$/,
    create: {
      lacp: ['sudo config portchannel add --fallback true PortChannel{group}'],
      static: ['sudo config portchannel add --static true PortChannel{group}'],
    },
    join: {
      lacp: ['sudo config portchannel member add PortChannel{group} {port}'],
      static: ['sudo config portchannel member add PortChannel{group} {port}'],
    },
    leave: ['sudo config portchannel member del PortChannel{group} {port}'],
    remove: ['sudo config portchannel del PortChannel{group}'],
    members: 'bare',
  },
  acl: {
    directions: ['in', 'out'],
    actions: { allow: 'FORWARD', deny: 'DROP' },
    networks: 'cidr',
    families: { 4: sonicList('L3', '1', 'ETHER_TYPE 2048'), 6: sonicList('L3V6', '58', 'IP_TYPE IPV6ANY') },
  },
  reader: 'sonic',
  ahead: 20,
};
