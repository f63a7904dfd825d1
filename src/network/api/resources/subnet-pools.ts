import { Type } from 'typebox';
import { createSubnetPools } from '../../app/subnet-pools/create.ts';
import { deleteSubnetPool } from '../../app/subnet-pools/delete.ts';
import { updateSubnetPool } from '../../app/subnet-pools/update.ts';
import { ADMIN, OWNER_MEMBER, SHARED_READER } from '../../model/checks.ts';
import {
  description,
  flag,
  history,
  id,
  name,
  orNull,
  ownership,
  ownFact,
  reference,
  sharedFact,
  sharedSql,
  shown,
  tags,
  Uuid,
} from '../../model/fields.ts';
import type { Field, Resource } from '../../model/resource.ts';

const length = (column: string): Field => ({
  sql: `t.${column}`,
  column,
  input: Type.Integer({ minimum: 0, maximum: 128 }),
  filter: 'integer',
  sort: true,
});

/** Subnet pools: prefixes from which subnets are made. */
export const subnetPools: Resource = {
  name: 'subnetpool',
  collection: 'subnetpools',
  title: 'subnet pool',
  notFound: 'SubnetPoolNotFound',
  inUse: 'SubnetPoolDeleteError',
  table: 'net_subnet_pools',
  quota: { name: 'subnetpool', fallback: -1 },
  tags: true,
  fields: {
    id,
    name,
    ...ownership,
    prefixes: {
      sql: 'to_json(t.prefixes)',
      input: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 256 }),
      create: 'must',
    },
    ip_version: shown('t.ip_version', { filter: 'integer', sort: true }),
    default_prefixlen: length('default_prefixlen'),
    min_prefixlen: length('min_prefixlen'),
    max_prefixlen: length('max_prefixlen'),
    default_quota: {
      sql: 't.default_quota',
      column: 'default_quota',
      input: orNull(Type.Integer({ minimum: 0 })),
      filter: 'integer',
    },
    is_default: flag('is_default', false, { set: ADMIN }),
    shared: {
      sql: sharedSql('subnetpool'),
      input: Type.Boolean(),
      update: false,
      preset: false,
      filter: 'boolean',
      set: ADMIN,
    },
    address_scope_id: reference('address_scope_id', { input: orNull(Uuid) }),
    description,
    tags,
    ...history,
  },
  facts: { ...ownFact, shared: sharedFact('subnetpool') },
  rules: { create: OWNER_MEMBER, get: SHARED_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  create: createSubnetPools,
  update: updateSubnetPool,
  delete: deleteSubnetPool,
};
