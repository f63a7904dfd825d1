import type { GnmiPath } from '#protocols/gnmi/client';
import type { OcFilterEdit } from './acl.ts';
import type { OcAce, OcAclSet } from './acl-read.ts';

// openconfig-acl as paths and JSON of gNMI.

const setPath = (family: 4 | 6, name: string): GnmiPath => [
  'acl',
  'acl-sets',
  ['acl-set', { name, type: `ACL_IPV${family}` }],
];
const interfacePath = (id: string): GnmiPath => ['acl', 'interfaces', ['interface', { id }]];
const type = (family: 4 | 6) => ({ type: `openconfig-acl:ACL_IPV${family}` });

/** What of a Set changes filters. */
export function aclSet(edits: readonly OcFilterEdit[]) {
  const gone: GnmiPath[] = [];
  const replace: { path: GnmiPath; value: unknown }[] = [];
  for (const edit of edits) {
    const keys = edit.bound.length === 0 && edit.known ? [edit.name, ...edit.others] : edit.others;
    gone.push(...keys.map(interfacePath), ...edit.unused.map(({ family, name }) => setPath(family, name)));
    for (const set of edit.sets) replace.push({ path: setPath(set.family, set.name), value: setValue(set) });
    if (edit.bound.length > 0) replace.push({ path: interfacePath(edit.name), value: interfaceValue(edit) });
  }
  return { gone, replace };
}

const setValue = ({ name, family, entries }: OcAclSet) => ({
  'openconfig-acl:name': name,
  'openconfig-acl:type': type(family).type,
  'openconfig-acl:config': { name, ...type(family) },
  'openconfig-acl:acl-entries': { 'acl-entry': (entries ?? []).map((entry) => entryValue(family, entry)) },
});

function entryValue(family: 4 | 6, { sequence, allow, protocol, source, destination, port }: OcAce) {
  const ip = {
    ...(source === null ? {} : { 'source-address': source }),
    ...(destination === null ? {} : { 'destination-address': destination }),
    ...(protocol === null ? {} : { protocol }),
  };
  const single = port === null ? null : /^\d+$/.test(port) ? Number(port) : port;
  return {
    'sequence-id': sequence,
    config: { 'sequence-id': sequence },
    ...(Object.keys(ip).length === 0 ? {} : { [`ipv${family}`]: { config: ip } }),
    ...(single === null ? {} : { transport: { config: { 'destination-port': single } } }),
    actions: { config: { 'forwarding-action': `openconfig-acl:${allow ? 'ACCEPT' : 'DROP'}` } },
  };
}

function interfaceValue({ name, bound }: OcFilterEdit) {
  const sets = (direction: 'in' | 'out') => {
    const word = direction === 'in' ? 'ingress' : 'egress';
    const here = bound.filter((one) => one.direction === direction);
    const items = here.map((one) => ({
      'set-name': one.name,
      ...type(one.family),
      config: { 'set-name': one.name, ...type(one.family) },
    }));
    return items.length === 0 ? {} : { [`openconfig-acl:${word}-acl-sets`]: { [`${word}-acl-set`]: items } };
  };
  return {
    'openconfig-acl:id': name,
    'openconfig-acl:config': { id: name },
    'openconfig-acl:interface-ref': { config: { interface: name } },
    ...sets('in'),
    ...sets('out'),
  };
}
