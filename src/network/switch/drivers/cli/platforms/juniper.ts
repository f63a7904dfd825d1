import type { AclFamily, Platform } from '../platform.ts';

const SWITCHING = 'unit 0 family ethernet-switching';
// A port's filters stand beside its VLANs, and stay.
const NO_VLANS = [
  '?delete interfaces {port} native-vlan-id',
  `?delete interfaces {port} ${SWITCHING} interface-mode`,
  `?delete interfaces {port} ${SWITCHING} vlan`,
];
const TRUNK = [...NO_VLANS, `set interfaces {port} ${SWITCHING} interface-mode trunk`];

const FILTER = 'set firewall family ethernet-switching filter {name}';
const TERM = `${FILTER} term T{n}`;

/** Conditions of `es_filter` in junos-qfx-conf-firewall.yang (18.4R1, github.com/Juniper/yang). */
const family = (version: 4 | 6, words: { source: string; destination: string; protocol: string; icmp: string }) => {
  const from = `${TERM} from ip-version ipv${version}`;
  return {
    any: '',
    icmp: words.icmp,
    begin: [],
    end: [],
    remove: ['?delete firewall family ethernet-switching filter {name}'],
    bind: [`set interfaces {port} ${SWITCHING} filter {direction}put {name}`],
    unbind: [`delete interfaces {port} ${SWITCHING} filter {direction}put`],
    next: 'takes its place',
    entry: {
      first: [`${TERM} from ether-type ipv${version}`],
      source: [`${from} ${words.source} {source}`],
      destination: [`${from} ${words.destination} {destination}`],
      protocol: [`${from} ${words.protocol} {protocol}`],
      port: [`${from} destination-port {from}`],
      range: [`${from} destination-port {from}-{to}`],
      kind: [`${from} icmp-type {kind}`],
      allow: [`${TERM} then accept`],
      deny: [`${TERM} then discard`],
    },
  } as const satisfies AclFamily;
};

/** Juniper Junos with enhanced layer 2 software (EX, QFX): a private candidate, committed as one. */
export const juniperJunos: Platform = {
  name: 'juniper_junos',
  title: 'Juniper Junos (EX and QFX with ELS)',
  prompt: /[\w.-]+@[\w.-]+[>#] ?/,
  setup: ['set cli screen-length 0', 'set cli screen-width 511', 'set cli complete-on-space off'],
  questions: [{ asks: /\[yes,no\] \([a-z]+\) $/, answer: 'yes' }],
  failures: [/^error:[^\n]*/m, /^syntax error[^\n]*/m, /^unknown command[^\n]*/m, /^missing argument[^\n]*/m],
  busy: [
    /^error: configuration database (?:locked|modified)[^\n]*/m,
    /^error: .*shared configuration database modified[^\n]*/m,
  ],
  begin: ['configure private'],
  end: ['commit', 'exit configuration-mode'],
  abort: ['rollback 0', 'exit configuration-mode'],
  // What is committed is on its disk.
  save: [],
  atomic: true,
  show: 'show configuration | display set | no-more',
  showPorts: { line: 'show interfaces terse | no-more', port: /^((?:ge|xe|et|mge)-\d+\/\d+\/\d+(?::\d+)?)\s/gm },
  portName: /^(?:ge|xe|et|mge)-\d{1,2}\/\d{1,2}\/\d{1,3}(?::\d)?$/,
  aliases: [[/\.0$/, '']],
  abilities: { lag: true, mlag: false, mtu: true, edge: true, storm: false },
  vlan: ['set vlans {text} vlan-id {vlan}'],
  port: {
    enter: [],
    leave: [],
    access: [
      ...NO_VLANS,
      `set interfaces {port} ${SWITCHING} interface-mode access`,
      `set interfaces {port} ${SWITCHING} vlan members {vlan}`,
    ],
    trunkNative: [
      ...TRUNK,
      'set interfaces {port} native-vlan-id {native}',
      `set interfaces {port} ${SWITCHING} vlan members [ {words} ]`,
    ],
    trunkOnly: [...TRUNK, `set interfaces {port} ${SWITCHING} vlan members [ {words} ]`],
    allowMore: [`set interfaces {port} ${SWITCHING} vlan members [ {words} ]`],
    shut: ['set interfaces {port} disable'],
    open: ['?delete interfaces {port} disable'],
    describe: ['set interfaces {port} description {text}'],
    // It counts the header of a frame.
    mtu: ['set interfaces {port} mtu {frame}'],
    edgeOn: {
      access: ['set protocols rstp interface {port} edge', 'set protocols layer2-control bpdu-block interface {port}'],
      trunk: ['set protocols rstp interface {port} edge', 'set protocols layer2-control bpdu-block interface {port}'],
    },
    edgeOff: [
      '?delete protocols rstp interface {port} edge',
      '?delete protocols layer2-control bpdu-block interface {port}',
    ],
  },
  lag: {
    range: [64, 127],
    name: 'ae{group}',
    reads: /^ae(\d+)$/,
    create: {
      lacp: [
        'set interfaces ae{group} aggregated-ether-options lacp active',
        'set interfaces ae{group} aggregated-ether-options lacp force-up',
      ],
      static: [`set interfaces ae{group} ${SWITCHING}`, '?delete interfaces ae{group} aggregated-ether-options lacp'],
    },
    join: {
      lacp: [
        '?delete interfaces {port} unit 0',
        '?delete interfaces {port} native-vlan-id',
        'set interfaces {port} ether-options 802.3ad ae{group}',
      ],
      static: [
        '?delete interfaces {port} unit 0',
        '?delete interfaces {port} native-vlan-id',
        'set interfaces {port} ether-options 802.3ad ae{group}',
      ],
    },
    leave: ['delete interfaces {port} ether-options 802.3ad'],
    remove: ['?delete interfaces ae{group}'],
    members: 'any',
  },
  // Filters of ports judge every frame: one has both versions of IP, and lets pass what is neither.
  acl: {
    directions: ['in', 'out'],
    actions: { allow: 'accept', deny: 'discard' },
    networks: 'cidr',
    together: { rest: [`${FILTER} term REST then accept`] },
    families: {
      4: family(4, {
        source: 'ip-source-address',
        destination: 'ip-destination-address',
        protocol: 'ip-protocol',
        icmp: 'icmp',
      }),
      6: family(6, {
        source: 'ip6-source-address',
        destination: 'ip6-destination-address',
        protocol: 'next-header',
        icmp: 'icmp6',
      }),
    },
  },
  reader: 'junos',
  ahead: 20,
};
