import type { Handlers, HandlerInput, RequestContext } from '#http/contract';
import {
  type CredentialBody,
  createCredential,
  deleteAccessRule,
  deleteCredential,
  rolesOfCredentials,
  rulesOfCredentials,
} from '../../app/application-credentials.ts';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { findRow, findRows } from '../../store/rows.ts';
import {
  type AccessRuleRow,
  type ApplicationCredentialRow,
  accessRules,
  applicationCredentials,
  type UserRow,
  users,
} from '../../store/tables.ts';
import { callerOf, demand } from '../guard.ts';
import { linkTo, listReply, pageOf, textFilters } from '../listing.ts';
import { keystoneTime } from '../times.ts';
import type { credentialRoutes } from './routes.ts';

export function credentialHandlers(room: Room): Handlers<typeof credentialRoutes> {
  const userId = (input: HandlerInput) => input.params['user_id'] ?? '';
  /** The rule is asked about the user of the URL, as the database knows it. */
  const open = async (context: RequestContext, input: HandlerInput, rule: string): Promise<UserRow> => {
    const user = await findRow<UserRow>(room.store, users, userId(input));
    demand(
      context,
      rule,
      user === undefined ? {} : { user_id: user.id, user: { id: user.id, domain_id: user.domain_id } },
    );
    if (user === undefined) throw errors.NotFound('user', userId(input));
    return user;
  };
  /** A credential that is of another user than the URL's is not found. */
  const find = async (user: UserRow, input: HandlerInput): Promise<ApplicationCredentialRow> => {
    const id = input.params['credential_id'] ?? '';
    const row = await findRow<ApplicationCredentialRow>(room.store, applicationCredentials, id);
    if (row === undefined || row.user_id !== user.id) throw errors.NotFound('application credential', id);
    return row;
  };
  const findRule = async (user: UserRow, input: HandlerInput): Promise<AccessRuleRow> => {
    const id = input.params['rule_id'] ?? '';
    const row = await findRow<AccessRuleRow>(room.store, accessRules, id);
    if (row === undefined || row.user_id !== user.id) throw errors.NotFound('access rule', id);
    return row;
  };
  const show = async (context: RequestContext, rows: readonly ApplicationCredentialRow[]) => {
    const ids = rows.map((row) => row.id);
    const [roles, rules] = [await rolesOfCredentials(room, ids), await rulesOfCredentials(room, ids)];
    return (row: ApplicationCredentialRow): Record<string, unknown> => ({
      id: row.id,
      name: row.name,
      description: row.description,
      project_id: row.project_id,
      user_id: row.user_id,
      unrestricted: row.unrestricted,
      expires_at: row.expires_at === null ? null : keystoneTime(row.expires_at),
      system: null,
      roles: (roles.get(row.id) ?? []).map(({ id, name, domain_id }) => ({ id, name, domain_id })),
      ...(row.has_access_rules
        ? {
            access_rules: (rules.get(row.id) ?? []).map(({ id, service, method, path }) => ({
              id,
              service,
              method,
              path,
            })),
          }
        : {}),
      links: { self: linkTo(context, 'users', row.user_id, 'application_credentials', row.id) },
    });
  };
  const showRule = (context: RequestContext, { id, service, method, path, user_id }: AccessRuleRow) => ({
    id,
    service,
    method,
    path,
    links: { self: linkTo(context, 'users', user_id, 'access_rules', id) },
  });
  /** A restricted credential may not make or remove credentials: it could give itself more. */
  const assertUnrestricted = (context: RequestContext) => {
    if (callerOf(context).token?.restricted === true) {
      throw errors.Forbidden('identity:manage_application_credentials');
    }
  };
  return {
    'application_credential.list': async (context, input) => {
      const user = await open(context, input, 'identity:list_application_credentials');
      const page = pageOf(input);
      const conditions = [{ sql: 'user_id = ?', values: [user.id] }, ...textFilters(input.query, ['name'])];
      const rows = await findRows<ApplicationCredentialRow>(room.store, applicationCredentials, conditions, page);
      const path = `/users/${user.id}/application_credentials`;
      return listReply(context, input, 'application_credentials', path, rows, await show(context, rows), page);
    },
    'application_credential.create': async (context, input) => {
      await open(context, input, 'identity:create_application_credential');
      assertUnrestricted(context);
      const { application_credential: body } = input.body as { application_credential: CredentialBody };
      const { row, secret } = await createCredential(room, callerOf(context), body);
      return { body: { application_credential: { ...(await show(context, [row]))(row), secret } } };
    },
    'application_credential.get': async (context, input) => {
      const row = await find(await open(context, input, 'identity:get_application_credential'), input);
      return { body: { application_credential: (await show(context, [row]))(row) } };
    },
    'application_credential.delete': async (context, input) => {
      const user = await open(context, input, 'identity:delete_application_credential');
      assertUnrestricted(context);
      await deleteCredential(room, (await find(user, input)).id);
      return {};
    },
    'access_rule.list': async (context, input) => {
      const user = await open(context, input, 'identity:list_access_rules');
      const conditions = [
        { sql: 'user_id = ?', values: [user.id] },
        ...textFilters(input.query, ['service', 'method', 'path']),
      ];
      const rows = await findRows<AccessRuleRow>(room.store, accessRules, conditions);
      const path = `/users/${user.id}/access_rules`;
      return listReply(context, input, 'access_rules', path, rows, (row) => showRule(context, row));
    },
    'access_rule.get': async (context, input) => {
      const row = await findRule(await open(context, input, 'identity:get_access_rule'), input);
      return { body: { access_rule: showRule(context, row) } };
    },
    'access_rule.delete': async (context, input) => {
      const user = await open(context, input, 'identity:delete_access_rule');
      const row = await findRule(user, input);
      await deleteAccessRule(room, user.id, row.id);
      return {};
    },
  };
}
