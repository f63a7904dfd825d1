import { element, type Markup } from '#protocols/netconf/xml';
import type { OcFilterEdit } from './acl.ts';
import type { OcAce, OcAclSet } from './acl-read.ts';

// openconfig-acl as XML.

export const ACL_NS = 'http://openconfig.net/yang/acl';
const leaf = (name: string, value: string | number) => element(name, value);
/** An identity of the model. */
const identity = (name: string, value: string) => element(name, `oc-acl:${value}`, { 'xmlns:oc-acl': ACL_NS });
const remove = { 'nc:operation': 'remove' };
const type = (family: 4 | 6) => identity('type', `ACL_IPV${family}`);

/** `acl` of an `edit-config`; nothing where no filter changes. */
export function aclXml(edits: readonly OcFilterEdit[]): Markup[] {
  const sets = edits.flatMap((edit) => [
    ...edit.sets.map(setXml),
    ...edit.unused.map(({ name, family }) => element('acl-set', [leaf('name', name), type(family)], remove)),
  ]);
  const interfaces = edits.flatMap((edit) => [
    ...edit.others.map((id) => element('interface', [leaf('id', id)], remove)),
    ...(edit.bound.length > 0
      ? [interfaceXml(edit)]
      : edit.known
        ? [element('interface', [leaf('id', edit.name)], remove)]
        : []),
  ]);
  if (sets.length + interfaces.length === 0) return [];
  return [element('acl', [element('acl-sets', sets), element('interfaces', interfaces)], { xmlns: ACL_NS })];
}

function setXml({ name, family, entries }: OcAclSet): Markup {
  return element(
    'acl-set',
    [
      leaf('name', name),
      type(family),
      element('config', [leaf('name', name), type(family)]),
      element(
        'acl-entries',
        (entries ?? []).map((entry) => entryXml(family, entry)),
      ),
    ],
    { 'nc:operation': 'replace' },
  );
}

function entryXml(family: 4 | 6, entry: OcAce): Markup {
  const ip = [
    ...(entry.source === null ? [] : [leaf('source-address', entry.source)]),
    ...(entry.destination === null ? [] : [leaf('destination-address', entry.destination)]),
    ...(entry.protocol === null ? [] : [leaf('protocol', entry.protocol)]),
  ];
  const { port } = entry;
  return element('acl-entry', [
    leaf('sequence-id', entry.sequence),
    element('config', [leaf('sequence-id', entry.sequence)]),
    ...(ip.length === 0 ? [] : [element(`ipv${family}`, [element('config', ip)])]),
    ...(port === null ? [] : [element('transport', [element('config', [leaf('destination-port', port)])])]),
    element('actions', [element('config', [identity('forwarding-action', entry.allow ? 'ACCEPT' : 'DROP')])]),
  ]);
}

function interfaceXml({ name, bound }: OcFilterEdit): Markup {
  const lists = (['in', 'out'] as const).flatMap((direction) => {
    const word = direction === 'in' ? 'ingress' : 'egress';
    const here = bound.filter((one) => one.direction === direction);
    const items = here.map((one) =>
      element(`${word}-acl-set`, [
        leaf('set-name', one.name),
        type(one.family),
        element('config', [leaf('set-name', one.name), type(one.family)]),
      ]),
    );
    return items.length === 0 ? [] : [element(`${word}-acl-sets`, items)];
  });
  return element(
    'interface',
    [
      leaf('id', name),
      element('config', [leaf('id', name)]),
      element('interface-ref', [element('config', [leaf('interface', name)])]),
      ...lists,
    ],
    { 'nc:operation': 'replace' },
  );
}
