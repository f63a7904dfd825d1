import { Type } from 'typebox';
import { createRbacPolicies } from '../../app/rbac/create.ts';
import { deleteRbacPolicy } from '../../app/rbac/delete.ts';
import { updateRbacPolicy } from '../../app/rbac/update.ts';
import { ADMIN, OWNER_MEMBER, OWNER_READER } from '../../model/checks.ts';
import { id, ownership, ownFact, reference } from '../../model/fields.ts';
import type { Resource } from '../../model/resource.ts';
import { OBJECT_TYPES } from '../../store/rbac-objects.ts';

/** RBAC policies: what one project lets another use. */
export const rbacPolicies: Resource = {
  name: 'rbac_policy',
  collection: 'rbac_policies',
  path: 'rbac-policies',
  title: 'RBAC policy',
  notFound: 'RbacPolicyNotFound',
  table: 'net_rbac_policies',
  quota: { name: 'rbac_policy', fallback: 10 },
  fields: {
    id,
    ...ownership,
    object_type: {
      sql: 't.object_type',
      column: 'object_type',
      input: Type.Enum(OBJECT_TYPES),
      create: 'must',
      update: false,
      filter: 'text',
      sort: true,
    },
    object_id: reference('object_id', { create: 'must', update: false }),
    target_tenant: {
      sql: 't.target_project',
      column: 'target_project',
      input: Type.String({ minLength: 1, maxLength: 255 }),
      create: 'must',
      filter: 'text',
      sort: true,
      set: ADMIN,
      guards: (value) => value === '*',
    },
    action: {
      sql: 't.action',
      column: 'action',
      input: Type.Enum(['access_as_shared', 'access_as_external']),
      create: 'must',
      update: false,
      filter: 'text',
      sort: true,
    },
  },
  facts: { ...ownFact },
  rules: { create: OWNER_MEMBER, get: OWNER_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  create: createRbacPolicies,
  update: updateRbacPolicy,
  delete: deleteRbacPolicy,
};
