import { Type } from 'typebox';
import { changeAddresses } from '../../app/address-groups/change.ts';
import { createAddressGroups } from '../../app/address-groups/create.ts';
import { deleteAddressGroup } from '../../app/address-groups/delete.ts';
import { OWNER_MEMBER, SHARED_READER } from '../../model/checks.ts';
import {
  description,
  history,
  id,
  name,
  ownership,
  ownFact,
  sharedFact,
  sharedSql,
  shown,
} from '../../model/fields.ts';
import type { Resource } from '../../model/resource.ts';

const Addresses = Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1000 });
const Body = Type.Object(
  { address_group: Type.Object({ addresses: Addresses }, { additionalProperties: false }) },
  { additionalProperties: false },
);

/** Address groups: named sets of networks, for rules of security groups. */
export const addressGroups: Resource = {
  name: 'address_group',
  collection: 'address_groups',
  path: 'address-groups',
  title: 'address group',
  notFound: 'AddressGroupNotFound',
  inUse: 'AddressGroupInUse',
  table: 'net_address_groups',
  quota: { name: 'address_group', fallback: 10 },
  fields: {
    id,
    name,
    ...ownership,
    addresses: { sql: 'to_json(t.addresses)', input: Addresses, preset: [], update: false },
    shared: shown(sharedSql('address_group'), { filter: 'boolean' }),
    description,
    ...history,
  },
  facts: { ...ownFact, shared: sharedFact('address_group') },
  rules: { create: OWNER_MEMBER, get: SHARED_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  create: createAddressGroups,
  delete: deleteAddressGroup,
  actions: {
    add_addresses: {
      method: 'PUT',
      summary: 'Add addresses to an address group',
      input: Body,
      check: OWNER_MEMBER,
      run: (call, row, body) => changeAddresses(call, row, body, 'add'),
    },
    remove_addresses: {
      method: 'PUT',
      summary: 'Take addresses out of an address group',
      input: Body,
      check: OWNER_MEMBER,
      run: (call, row, body) => changeAddresses(call, row, body, 'remove'),
    },
  },
};
