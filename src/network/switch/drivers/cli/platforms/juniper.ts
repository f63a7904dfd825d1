import type { Platform } from '../platform.ts';

const SWITCHING = 'unit 0 family ethernet-switching';
const TRUNK = [
  '?delete interfaces {port} native-vlan-id',
  `?delete interfaces {port} ${SWITCHING}`,
  `set interfaces {port} ${SWITCHING} interface-mode trunk`,
];

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
      '?delete interfaces {port} native-vlan-id',
      `?delete interfaces {port} ${SWITCHING}`,
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
  reader: 'junos',
  ahead: 20,
};
