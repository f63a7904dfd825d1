import type { Caller } from '#http/contract';
import { newUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import { type ConnectDoor, hashOf, type Login, LOGIN_AAD } from '../sessions/connect.ts';
import type { Ticket } from '../sessions/ticket.ts';
import { linesOf } from '../store/lines.ts';
import { addSession } from '../store/sessions.ts';
import type { Room } from './room.ts';
import type { Viewed } from './viewer.ts';

/** Headers that say who calls. */
const LOGIN_HEADERS = ['x-auth-token', 'x-subject-token', 'authorization'];

export interface SessionWish {
  kind: Ticket['kind'];
  mode: Ticket['mode'];
  caller: Caller;
  headers: Record<string, string | string[] | undefined>;
  source: string;
}

/**
 * Makes a session that waits to be connected, and the token for it. Tenants get one for the lease they have now, and
 * no longer. Throws ConsoleOff, ConsoleForbidden (no lease now, or the screen may still show what came before it),
 * NoSerial, NoScreen.
 */
export async function createSession(
  room: Room,
  { node, scope, now }: Viewed,
  wish: SessionWish,
): Promise<{ id: string; token: string; expiresAt: Date }> {
  const { kind, mode, caller } = wish;
  if (kind === 'serial' && !node.serial) throw errors.NoSerial(node.uuid, node.interface);
  if (kind === 'screen' && !node.screen) throw errors.NoScreen(node.uuid, node.interface);
  const isTenant = scope !== 'all';
  if (isTenant && (now === null || !scope.has(now.id))) throw errors.ConsoleForbidden('baremetal:node:get_console');
  // A screen shows what was drawn last, and before the deploy is through that may be somebody else's.
  if (isTenant && kind === 'screen' && !node.settled) throw errors.ScreenUnsettled(node.uuid, { retryAfter: 10 });
  if (!node.consoleEnabled) throw errors.ConsoleOff(node.uuid);
  const id = newUuid();
  const token = room.random.bytes(32).toString('base64url');
  const login: Login = {};
  for (const name of LOGIN_HEADERS) {
    const value = wish.headers[name];
    if (typeof value === 'string') login[name] = value;
  }
  const expiresAt = await addSession(room.store, {
    id,
    tokenHash: hashOf(token),
    node: node.uuid,
    kind,
    mode,
    tenancy: isTenant ? (now?.id ?? null) : null,
    userId: caller.userId,
    userName: caller.userName,
    projectId: caller.projectId,
    loginSealed: room.sealer.seal(login, LOGIN_AAD),
    source: wish.source,
    expiresInMs: room.config.tokenMs,
  });
  return { id, token, expiresAt };
}

/** Sessions on a node that the caller may know of: who works for the system all, a tenant those of its lease. */
export async function sessionsOf(
  room: Room,
  connect: ConnectDoor,
  { node, scope }: Viewed,
): Promise<{ host: string | null; found: { ticket: Ticket; writes: boolean }[] }> {
  const [line] = await linesOf(room.store, node.uuid);
  if (line === undefined || !line.recording) return { host: null, found: [] };
  const all = await connect.sessions(line.host, node.uuid);
  const found = all.filter(({ ticket }) => scope === 'all' || (ticket.scope !== 'all' && scope.has(ticket.scope)));
  return { host: line.host, found };
}
