import { refuse } from '../../refusal.ts';
import {
  type Ask,
  collection,
  head,
  isoTime,
  type Json,
  ref,
  type Reply,
  type Resource,
  stringOf,
} from '../resource.ts';
import type { Session } from '../sessions.ts';

const SERVICE = '/redfish/v1/SessionService';

function service(ask: Ask): Json | undefined {
  if (ask.bmc.traits.sessionService === 'none') return undefined;
  return {
    ...head(SERVICE, 'SessionService.v1_1_9', 'SessionService', 'Session Service'),
    ServiceEnabled: true,
    SessionTimeout: Math.max(30, Math.min(86_400, Math.round(ask.bmc.traits.sessionSeconds))),
    Sessions: ref(`${SERVICE}/Sessions`),
    Status: { State: 'Enabled', Health: 'OK' },
  };
}

function show(session: Session): Json {
  return {
    ...head(`${SERVICE}/Sessions/${session.id}`, 'Session.v1_7_0', session.id, 'User Session'),
    UserName: session.account.name,
    CreatedTime: isoTime(session.createdAt),
    ClientOriginIPAddress: session.address.replace(/:\d+$/, ''),
  };
}

function open(ask: Ask, body: Json): Reply {
  const { bmc } = ask;
  if (bmc.traits.sessionService === 'none') throw refuse('ResourceMissingAtURI', ask.path);
  const name = stringOf(body, 'UserName');
  const password = stringOf(body, 'Password');
  if (name === undefined) throw refuse('CreateFailedMissingReqProperties', 'UserName');
  if (password === undefined) throw refuse('CreateFailedMissingReqProperties', 'Password');
  const account = bmc.accounts.check(name, password);
  if (account === undefined) throw refuse('NoValidSession');
  bmc.counters.logins++;
  const session = ask.sessions.open(account, ask.caller.address);
  const path = `${SERVICE}/Sessions/${session.id}`;
  const where = bmc.traits.sessionLocation;
  const location = where === 'absolute' ? `https://${ask.headers.host ?? bmc.network.address}${path}` : path;
  return {
    status: 201,
    body: show(session),
    headers: { 'x-auth-token': session.token, ...(where === 'body-only' ? {} : { location }) },
  };
}

export const sessionResources: readonly Resource[] = [
  { path: '/SessionService', get: service },
  {
    path: '/SessionService/Sessions',
    openPost: true,
    get: (ask) =>
      ask.bmc.traits.sessionService === 'none'
        ? undefined
        : collection(
            `${SERVICE}/Sessions`,
            'SessionCollection',
            'Sessions',
            ask.sessions.list().map((s) => `${SERVICE}/Sessions/${s.id}`),
          ),
    post: open,
  },
  {
    path: '/SessionService/Sessions/{id}',
    writer: 'ReadOnly',
    get: (ask) => {
      const session = ask.sessions.byId(ask.params[0] ?? '');
      return session === undefined ? undefined : show(session);
    },
    delete: (ask) => {
      const session = ask.sessions.byId(ask.params[0] ?? '');
      if (session === undefined) throw refuse('ResourceNotFound', 'Session', ask.params[0] ?? '');
      const own = session.account === ask.account;
      if (!own && ask.account?.role !== 'Administrator') throw refuse('InsufficientPrivilege');
      ask.sessions.close(session.id);
      return undefined;
    },
  },
];
