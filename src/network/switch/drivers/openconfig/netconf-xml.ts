import { child, children, element, type Markup, textOf, type Xml } from '#protocols/netconf/xml';
import type { OcFilterEdit } from './acl.ts';
import { aclXml, ACL_NS } from './acl-xml.ts';
import { type OcAcls, readAcls } from './acl-read.ts';
import { groupOf, type OcEdit, type OcInterface, type OcVlan, readTrunk } from './model.ts';

// OpenConfig's models as XML.

const NC = 'urn:ietf:params:xml:ns:netconf:base:1.0';
const NS = {
  interfaces: 'http://openconfig.net/yang/interfaces',
  ethernet: 'http://openconfig.net/yang/interfaces/ethernet',
  aggregate: 'http://openconfig.net/yang/interfaces/aggregate',
  vlan: 'http://openconfig.net/yang/vlan',
  instance: 'http://openconfig.net/yang/network-instance',
  lacp: 'http://openconfig.net/yang/lacp',
  types: 'urn:ietf:params:xml:ns:yang:iana-if-type',
};
const leaf = (name: string, value: string | number) => element(name, value);
const operation = (what: 'replace' | 'remove') => ({ 'nc:operation': what });

/** The filter of what concerns us; `acl`: filters of ports, too. */
export const filter = (instance: string, acl: boolean): Markup =>
  element(
    'filter',
    [
      element('interfaces', [], { xmlns: NS.interfaces }),
      element('lacp', [], { xmlns: NS.lacp }),
      element('network-instances', [element('network-instance', [leaf('name', instance), element('vlans', [])])], {
        xmlns: NS.instance,
      }),
      ...(acl ? [element('acl', [], { xmlns: ACL_NS })] : []),
    ],
    { type: 'subtree' },
  );

/** `config` of an `edit-config` that makes the changes. */
export function configXml(edits: readonly OcEdit[], instance: string): Markup {
  const interfaces: Markup[] = [];
  const vlans: Markup[] = [];
  const lacp: Markup[] = [];
  const filters: OcFilterEdit[] = [];
  for (const edit of edits) {
    switch (edit.kind) {
      case 'vlan':
        vlans.push(
          element('vlan', [
            leaf('vlan-id', edit.id),
            element('config', [leaf('vlan-id', edit.id), leaf('name', `ingot-${edit.id}`)]),
          ]),
        );
        break;
      case 'bond':
        interfaces.push(bondXml(edit));
        if (edit.lacp) {
          const facts = [leaf('name', edit.name), leaf('interval', 'FAST'), leaf('lacp-mode', 'ACTIVE')];
          lacp.push(element('interface', [leaf('name', edit.name), element('config', facts)]));
        } else if (!edit.create) lacp.push(element('interface', [leaf('name', edit.name)], operation('remove')));
        break;
      case 'port':
        interfaces.push(portXml(edit));
        break;
      case 'remove bond':
        interfaces.push(element('interface', [leaf('name', edit.name)], operation('remove')));
        lacp.push(element('interface', [leaf('name', edit.name)], operation('remove')));
        break;
      case 'filters':
        filters.push(edit);
        break;
    }
  }
  const instances = element('network-instance', [leaf('name', instance), element('vlans', vlans)]);
  return element(
    'config',
    [
      ...(vlans.length > 0 ? [element('network-instances', [instances], { xmlns: NS.instance })] : []),
      ...(interfaces.length > 0 ? [element('interfaces', interfaces, { xmlns: NS.interfaces })] : []),
      ...(lacp.length > 0 ? [element('lacp', [element('interfaces', lacp)], { xmlns: NS.lacp })] : []),
      ...aclXml(filters),
    ],
    { 'xmlns:nc': NC },
  );
}

function switchedVlan(vlan: OcVlan): Markup {
  const list = vlan.trunk === 'all' ? ['1..4094'] : vlan.trunk;
  return element(
    'switched-vlan',
    [
      element('config', [
        leaf('interface-mode', vlan.mode),
        ...(vlan.access === null ? [] : [leaf('access-vlan', vlan.access)]),
        ...(vlan.native === null ? [] : [leaf('native-vlan', vlan.native)]),
        ...(vlan.mode === 'TRUNK' ? list.map((id) => leaf('trunk-vlans', id)) : []),
      ]),
    ],
    { xmlns: NS.vlan, ...operation('replace') },
  );
}

function bondXml(edit: Extract<OcEdit, { kind: 'bond' }>): Markup {
  const type = element('type', 'ianaift:ieee8023adLag', { 'xmlns:ianaift': NS.types });
  const mtu = edit.mtu === null ? [] : [leaf('mtu', edit.mtu)];
  return element('interface', [
    leaf('name', edit.name),
    element('config', [leaf('name', edit.name), type, leaf('enabled', 'true'), ...mtu]),
    element(
      'aggregation',
      [element('config', [leaf('lag-type', edit.lacp ? 'LACP' : 'STATIC')]), switchedVlan(edit.vlan)],
      { xmlns: NS.aggregate },
    ),
  ]);
}

function portXml(edit: Extract<OcEdit, { kind: 'port' }>): Markup {
  const aggregate =
    edit.aggregate === undefined
      ? []
      : [
          element('config', [
            element('aggregate-id', edit.aggregate ?? '', {
              xmlns: NS.aggregate,
              ...(edit.aggregate === null ? operation('remove') : {}),
            }),
          ]),
        ];
  const vlan = edit.vlan === undefined ? [] : [switchedVlan(edit.vlan)];
  return element('interface', [
    leaf('name', edit.name),
    element('config', [
      leaf('name', edit.name),
      leaf('enabled', String(edit.enabled)),
      ...(edit.mtu === null ? [] : [leaf('mtu', edit.mtu)]),
      ...(edit.description === null ? [] : [leaf('description', edit.description)]),
    ]),
    ...(aggregate.length + vlan.length === 0
      ? []
      : [element('ethernet', [...aggregate, ...vlan], { xmlns: NS.ethernet })]),
  ]);
}

/** Interfaces, VLANs and filters out of a reply to `get-config`. */
export function readData(
  reply: Xml,
  instance: string,
): { interfaces: OcInterface[]; vlans: Set<number>; acls: OcAcls } {
  const data = child(reply, 'data');
  const interfaces = children(child(data, 'interfaces'), 'interface').map(readInterface);
  const vlans = new Set<number>([1]);
  for (const one of children(child(data, 'network-instances'), 'network-instance')) {
    if (textOf(one, 'name') !== instance) continue;
    for (const vlan of children(child(one, 'vlans'), 'vlan')) vlans.add(Number(textOf(vlan, 'vlan-id')));
  }
  return { interfaces, vlans, acls: readAcls(child(data, 'acl')) };
}

function readInterface(one: Xml): OcInterface {
  const name = textOf(one, 'name') ?? '';
  const mtu = textOf(one, 'config', 'mtu');
  const holder = child(one, 'aggregation', 'switched-vlan') ?? child(one, 'ethernet', 'switched-vlan');
  const config = child(holder, 'config');
  const number = (said: string | undefined) => (said === undefined ? null : Number(said));
  const items = children(config, 'trunk-vlans').map((item) => (typeof item === 'string' ? item : (textOf(item) ?? '')));
  const trunk = readTrunk(items);
  const mode = textOf(config, 'interface-mode');
  return {
    name,
    bond: groupOf(name) !== null || /ieee8023adLag/.test(textOf(one, 'config', 'type') ?? ''),
    // The model's default is true.
    enabled: textOf(one, 'config', 'enabled') !== 'false',
    mtu: number(mtu),
    description: textOf(one, 'config', 'description') ?? null,
    aggregate: textOf(one, 'ethernet', 'config', 'aggregate-id') ?? null,
    lacp: textOf(one, 'aggregation', 'config', 'lag-type') !== 'STATIC',
    vlan:
      mode === 'ACCESS' || mode === 'TRUNK'
        ? {
            mode,
            access: number(textOf(config, 'access-vlan')),
            native: number(textOf(config, 'native-vlan')),
            trunk: items.length === 0 || trunk.length >= 4094 ? 'all' : trunk,
          }
        : null,
  };
}
