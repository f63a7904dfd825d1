import type { Handlers, HandlerInput, Reply, RequestContext } from '#http/contract';
import { type LoginRequest, login } from '../../app/login.ts';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { domainsOfUser, projectsOfUser, reachesSystem } from '../../store/reach.ts';
import { revokeToken } from '../../store/revocations.ts';
import type { Session } from '../../tokens/sessions.ts';
import { showDomain } from '../domains/handlers.ts';
import { callerOf, demand, userIdOf } from '../guard.ts';
import { isAsked, linkTo, listReply } from '../listing.ts';
import { showProject } from '../projects/handlers.ts';
import { tokenBody } from './body.ts';
import type { tokenRoutes } from './routes.ts';

const VARY = { Vary: 'X-Auth-Token' };

export function tokenHandlers(room: Room): Handlers<typeof tokenRoutes> {
  const catalogOf = (context: RequestContext, session: Session, input: HandlerInput) => {
    if (isAsked(input.query, 'nocatalog')) return null;
    const { projectId, userId } = session.claims;
    return room.catalog.render({ baseUrl: context.baseUrl, projectId, userId });
  };
  const reply = async (
    context: RequestContext,
    input: HandlerInput,
    session: Session,
    token: string,
  ): Promise<Reply> => ({
    headers: { ...VARY, 'X-Subject-Token': token },
    body: { token: tokenBody(session, await catalogOf(context, session, input)) },
  });
  /** The token a request is about. One that is not good is not found, whoever asks. */
  const subject = async (context: RequestContext, input: HandlerInput, rule: string) => {
    const token = input.headers['x-subject-token'];
    if (typeof token !== 'string' || token === '') throw errors.Invalid('The header X-Subject-Token is missing.');
    const allowExpired = isAsked(input.query, 'allow_expired');
    const session = await room.sessions.examine(token, allowExpired);
    demand(context, rule, session === null ? {} : { token: { user_id: session.claims.userId } });
    if (session === null) throw errors.NotFound('token', 'it is unknown, expired or revoked');
    return { token, session };
  };
  /** A token with access rules is shown only to services that say they heed them: others would let all pass. */
  const heeded = async (context: RequestContext, input: HandlerInput, rule: string) => {
    const found = await subject(context, input, rule);
    const heeds = Number.parseFloat(String(input.headers['openstack-identity-access-rules'])) >= 1;
    if (found.session.accessRules !== null && !heeds) {
      throw errors.NotFound('token', 'it has access rules, and OpenStack-Identity-Access-Rules was not sent');
    }
    return found;
  };
  return {
    'token.issue': async (context, input) => {
      const { auth } = input.body as { auth: LoginRequest };
      const { token, session } = await login(room, auth, context.source);
      return reply(context, input, session, token);
    },
    'token.validate': async (context, input) => {
      const { token, session } = await heeded(context, input, 'identity:validate_token');
      return reply(context, input, session, token);
    },
    'token.check': async (context, input) => {
      const { token } = await heeded(context, input, 'identity:check_token');
      return { headers: { ...VARY, 'X-Subject-Token': token } };
    },
    'token.revoke': async (context, input) => {
      const { session } = await subject(context, input, 'identity:revoke_token');
      const [auditId = ''] = session.claims.auditIds;
      await room.store.tx((tx) => revokeToken(tx, auditId, false, session.claims.expiresAt));
      return {};
    },
    'auth.catalog': async (context) => {
      const { projectId, userId, domainId, system } = callerOf(context);
      if (projectId === null && domainId === null && !system) {
        throw errors.Forbidden('identity:get_auth_catalog');
      }
      const catalog = await room.catalog.render({ baseUrl: context.baseUrl, projectId, userId });
      return { body: { catalog, links: { self: linkTo(context, 'auth', 'catalog') } } };
    },
    'auth.projects': async (context, input) => {
      const rows = (await projectsOfUser(room.store, userIdOf(context))).filter((row) => row.enabled);
      return listReply(context, input, 'projects', '/auth/projects', rows, (row) => showProject(context, row));
    },
    'auth.domains': async (context, input) => {
      const rows = (await domainsOfUser(room.store, userIdOf(context))).filter((row) => row.enabled);
      return listReply(context, input, 'domains', '/auth/domains', rows, (row) => showDomain(context, row));
    },
    'auth.system': async (context) => {
      const system = (await reachesSystem(room.store, userIdOf(context))) ? [{ all: true }] : [];
      return { body: { system, links: { self: linkTo(context, 'auth', 'system') } } };
    },
  };
}
