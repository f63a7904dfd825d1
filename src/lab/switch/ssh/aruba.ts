import { parseList, writeList } from '../state.ts';
import { blockDialect } from './blocks.ts';

/** HPE Aruba AOS-CX: ports route until told otherwise, and lists of a trunk add up. */
export const arubaAoscx = blockDialect({
  name: 'aruba_aoscx',
  banner: 'Emulated AOS-CX\n',
  host: 'cx1',
  portName: (n) => `1/1/${n}`,
  factory: 'routed',
  bondName: /^lag (\d+)(?: multi-chassis)?$/,
  bond: (group) => `lag ${group}`,
  // One list of a type and direction at a port; the next takes its place.
  lists: {
    head: { 4: 'access-list ip', 6: 'access-list ipv6' },
    bind: { 4: 'apply access-list ip', 6: 'apply access-list ipv6' },
    directions: ['in', 'out'],
    any: 'any',
    icmp6: 'icmpv6',
    networks: 'masked',
    number: (n) => `${n} `,
    words: false,
    kinds: true,
    kindWord: 'icmp-type',
    mustExist: true,
  },
  indent: '    ',
  refusal: 'Invalid input: \n',
  saves: /^(write memory|copy running-config startup-config)$/,
  saved: 'Copying configuration: [Success]\n',
  vlanLine: /^vlan (\d+)$/,
  vlanNameLine: /^name (\S+)$/,
  renderVlan: (id, name) => [`vlan ${id}`, `name ${name}`],
  ignored: /^(no page|show version)$/,
  portLines: [
    [/^no routing$/, (port) => void (port.mode = port.mode === 'routed' ? 'access' : port.mode)],
    [
      /^vlan access (\d+)$/,
      (port, m) => {
        port.mode = 'access';
        port.access = Number(m[1]);
        port.native = 1;
        port.allowed = 'all';
      },
    ],
    [
      /^vlan trunk native (\d+)$/,
      (port, m) => {
        port.mode = 'trunk';
        port.native = Number(m[1]);
      },
    ],
    [
      /^vlan trunk allowed ([\d,-]+)$/,
      (port, m) => {
        const list = parseList(m[1] as string);
        port.allowed = new Set(port.allowed === 'all' ? list : [...port.allowed, ...list]);
        port.mode = 'trunk';
      },
    ],
    [
      /^no vlan trunk allowed ([\d,-]+)$/,
      (port, m) => {
        if (port.allowed === 'all') return;
        for (const vlan of parseList(m[1] as string)) port.allowed.delete(vlan);
      },
    ],
    [/^shutdown$/, (port) => void (port.shut = true)],
    [/^no shutdown$/, (port) => void (port.shut = false)],
    [/^description (\S.*)$/, (port, m) => void (port.description = m[1] as string)],
    [/^mtu (\d+)$/, (port, m) => void (port.mtu = Number(m[1]))],
    [
      /^lag (\d+)$/,
      (port, m) => {
        port.channel = Number(m[1]);
      },
    ],
    [/^no lag \d+$/, (port) => void (port.channel = null)],
    [/^lacp mode active$/, (port) => void (port.channelMode = 'active')],
    [/^no lacp mode active$/, (port) => void (port.channelMode = '')],
    [/^lacp fallback$/, () => {}],
    [/^spanning-tree port-type admin-edge$/, (port) => void (port.edge = true)],
    [/^no spanning-tree port-type admin-edge$/, (port) => void (port.edge = false)],
    [/^spanning-tree bpdu-guard$/, (port) => void (port.guard = true)],
    [/^no spanning-tree bpdu-guard$/, (port) => void (port.guard = false)],
    [/^rate-limit broadcast (\d+) percent$/, (port, m) => void (port.storm = Number(m[1]))],
  ],
  render: (port, bond) => [
    ...(port.description === '' ? [] : [`description ${port.description}`]),
    port.shut ? 'shutdown' : 'no shutdown',
    ...(port.mtu === 1500 ? [] : [`mtu ${port.mtu}`]),
    ...(port.channel === null ? [] : [`lag ${port.channel}`]),
    ...(port.channel !== null || port.mode === 'routed' ? [] : ['no routing']),
    ...(port.channel === null && port.mode === 'access' ? [`vlan access ${port.access}`] : []),
    ...(port.channel === null && port.mode === 'trunk'
      ? [
          `vlan trunk native ${port.native}`,
          `vlan trunk allowed ${port.allowed === 'all' ? 'all' : writeList(port.allowed)}`,
        ]
      : []),
    ...(bond && port.channelMode !== '' ? [`lacp mode ${port.channelMode}`] : []),
    ...(port.edge ? ['spanning-tree port-type admin-edge'] : []),
    ...(port.guard ? ['spanning-tree bpdu-guard'] : []),
    ...(port.storm === null ? [] : [`rate-limit broadcast ${port.storm} percent`]),
  ],
});
