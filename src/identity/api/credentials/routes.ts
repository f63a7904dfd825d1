import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { AnyQuery, Id, ListQuery, Name, OptionalText, strict } from '../schemas.ts';

const query = AnyQuery;
const since = 0;
const list = '/v3/users/:user_id/application_credentials';
const rules = '/v3/users/:user_id/access_rules';

const Methods = Type.Union(
  (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => Type.Literal(method)),
);

export const credentialRoutes = [
  {
    id: 'application_credential.list',
    method: 'GET',
    path: list,
    since,
    policy: 'identity:list_application_credentials',
    guard: 'handler',
    summary: "List a user's application credentials",
    query: ListQuery,
    success: 200,
  },
  {
    id: 'application_credential.create',
    method: 'POST',
    path: list,
    since,
    policy: 'identity:create_application_credential',
    guard: 'handler',
    summary: 'Create an application credential for the project of the token',
    query,
    body: strict('application_credential', {
      name: Name,
      secret: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
      description: Type.Optional(OptionalText),
      expires_at: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
      unrestricted: Type.Optional(Type.Boolean()),
      roles: Type.Optional(
        Type.Array(
          Type.Object(
            { id: Type.Optional(Id), name: Type.Optional(Name), domain: Type.Optional(Type.Unknown()) },
            { additionalProperties: false, minProperties: 1 },
          ),
          { maxItems: 100 },
        ),
      ),
      access_rules: Type.Optional(
        Type.Array(
          Type.Object(
            {
              id: Type.Optional(Id),
              service: Type.Optional(Name),
              method: Type.Optional(Methods),
              path: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^/' })),
            },
            { additionalProperties: false },
          ),
          { maxItems: 100 },
        ),
      ),
      project_id: Type.Optional(Type.Unknown()),
    }),
    success: 201,
  },
  {
    id: 'application_credential.get',
    method: 'GET',
    path: `${list}/:credential_id`,
    since,
    policy: 'identity:get_application_credential',
    guard: 'handler',
    summary: 'Show an application credential',
    query,
    success: 200,
  },
  {
    id: 'application_credential.delete',
    method: 'DELETE',
    path: `${list}/:credential_id`,
    since,
    policy: 'identity:delete_application_credential',
    guard: 'handler',
    summary: 'Delete an application credential',
    query,
    success: 204,
  },
  {
    id: 'access_rule.list',
    method: 'GET',
    path: rules,
    since,
    policy: 'identity:list_access_rules',
    guard: 'handler',
    summary: "List a user's access rules",
    query: ListQuery,
    success: 200,
  },
  {
    id: 'access_rule.get',
    method: 'GET',
    path: `${rules}/:rule_id`,
    since,
    policy: 'identity:get_access_rule',
    guard: 'handler',
    summary: 'Show an access rule',
    query,
    success: 200,
  },
  {
    id: 'access_rule.delete',
    method: 'DELETE',
    path: `${rules}/:rule_id`,
    since,
    policy: 'identity:delete_access_rule',
    guard: 'handler',
    summary: 'Delete an access rule',
    query,
    success: 204,
  },
] as const satisfies readonly Route[];
