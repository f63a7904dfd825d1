import { Type } from 'typebox';
import { ADMIN, OWNER_MEMBER, SHARED_READER } from '../../model/checks.ts';
import { id, name, ownership, ownFact, sharedFact, sharedSql } from '../../model/fields.ts';
import type { Resource } from '../../model/resource.ts';
import { createAddressScopes } from '../../app/address-scopes/create.ts';
import { deleteAddressScope } from '../../app/address-scopes/delete.ts';
import { updateAddressScope } from '../../app/address-scopes/update.ts';

/** Address scopes: subnet pools of one do not overlap. */
export const addressScopes: Resource = {
  name: 'address_scope',
  collection: 'address_scopes',
  path: 'address-scopes',
  title: 'address scope',
  notFound: 'AddressScopeNotFound',
  inUse: 'AddressScopeInUse',
  table: 'net_address_scopes',
  fields: {
    id,
    name,
    ...ownership,
    ip_version: {
      sql: 't.ip_version',
      column: 'ip_version',
      input: Type.Enum([4, 6]),
      create: 'must',
      update: false,
      filter: 'integer',
      sort: true,
    },
    shared: { sql: sharedSql('address_scope'), input: Type.Boolean(), preset: false, filter: 'boolean', set: ADMIN },
  },
  facts: { ...ownFact, shared: sharedFact('address_scope') },
  rules: { create: OWNER_MEMBER, get: SHARED_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  create: createAddressScopes,
  update: updateAddressScope,
  delete: deleteAddressScope,
};
