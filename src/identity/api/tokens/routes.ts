import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { AnyQuery, ListQuery } from '../schemas.ts';

const query = AnyQuery;
const since = 0;
const Word = Type.String({ minLength: 1, maxLength: 255 });
const Domain = Type.Object({ id: Type.Optional(Word), name: Type.Optional(Word) }, { minProperties: 1 });
const named = { id: Type.Optional(Word), name: Type.Optional(Word), domain: Type.Optional(Domain) };
const Named = Type.Object(named, { minProperties: 1 });

/** The body of a login, as Keystone takes it. */
const Login = Type.Object({
  auth: Type.Object({
    identity: Type.Object({
      methods: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 8 }),
      password: Type.Optional(
        Type.Object({ user: Type.Object({ ...named, password: Type.String({ maxLength: 4096 }) }) }),
      ),
      token: Type.Optional(Type.Object({ id: Type.String({ minLength: 1, maxLength: 4096 }) })),
      application_credential: Type.Optional(
        Type.Object({
          id: Type.Optional(Word),
          name: Type.Optional(Word),
          secret: Type.String({ maxLength: 4096 }),
          user: Type.Optional(Named),
        }),
      ),
    }),
    scope: Type.Optional(
      Type.Union([
        Type.Literal('unscoped'),
        Type.Object({
          unscoped: Type.Optional(Type.Object({})),
          project: Type.Optional(Named),
          domain: Type.Optional(Domain),
          system: Type.Optional(Type.Object({ all: Type.Optional(Type.Boolean()) })),
        }),
      ]),
    ),
  }),
});

export const tokenRoutes = [
  {
    id: 'token.issue',
    method: 'POST',
    path: '/v3/auth/tokens',
    since,
    policy: null,
    summary: 'Log in',
    query,
    body: Login,
    bodyLimit: 64 * 1024,
    success: 201,
  },
  {
    id: 'token.validate',
    method: 'GET',
    path: '/v3/auth/tokens',
    since,
    policy: 'identity:validate_token',
    guard: 'handler',
    summary: 'Show a token',
    query,
    success: 200,
  },
  {
    id: 'token.check',
    method: 'HEAD',
    path: '/v3/auth/tokens',
    since,
    policy: 'identity:check_token',
    guard: 'handler',
    summary: 'Is a token good?',
    query,
    success: 200,
  },
  {
    id: 'token.revoke',
    method: 'DELETE',
    path: '/v3/auth/tokens',
    since,
    policy: 'identity:revoke_token',
    guard: 'handler',
    summary: 'Take a token back',
    query,
    success: 204,
  },
  {
    id: 'auth.catalog',
    method: 'GET',
    path: '/v3/auth/catalog',
    since,
    policy: 'identity:get_auth_catalog',
    summary: 'The catalog of the token',
    query,
    success: 200,
  },
  {
    id: 'auth.projects',
    method: 'GET',
    path: '/v3/auth/projects',
    since,
    policy: 'identity:get_auth_projects',
    summary: 'Projects the user can log in to',
    query: ListQuery,
    success: 200,
  },
  {
    id: 'auth.domains',
    method: 'GET',
    path: '/v3/auth/domains',
    since,
    policy: 'identity:get_auth_domains',
    summary: 'Domains the user can log in to',
    query: ListQuery,
    success: 200,
  },
  {
    id: 'auth.system',
    method: 'GET',
    path: '/v3/auth/system',
    since,
    policy: 'identity:get_auth_system',
    summary: 'Can the user log in to the system?',
    query,
    success: 200,
  },
] as const satisfies readonly Route[];
