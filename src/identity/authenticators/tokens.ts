import type { KnownCaller } from '#contracts/identity';
import { errors } from '../errors.ts';
import type { AskedRequest } from '../tokens/access-rules.ts';
import type { Session, Sessions } from '../tokens/sessions.ts';
import type { Authenticator } from './contract.ts';

/**
 * Callers by our own tokens, in `X-Auth-Token`. A header that is empty, repeated (Node joins it with a comma) or
 * no token at all is refused; every other identity header is a stranger's word and never read.
 */
export function tokenAuthenticator(sessions: Sessions, keystoneUrl: string): Authenticator {
  const admit = (session: Session, request: AskedRequest | undefined): KnownCaller => {
    const { accessCheck, caller } = session;
    if (accessCheck !== null && !accessCheck(request) && !isLogout(request)) throw errors.Unauthorized();
    return caller;
  };
  return {
    authenticate(headers, _source, request) {
      const token = headers['x-auth-token'];
      if (typeof token !== 'string' || token === '') throw errors.Unauthorized();
      const found = sessions.find(token);
      if (found instanceof Promise) return found.then((session) => admit(session, request));
      return admit(found, request);
    },
    challenge: `Keystone uri="${keystoneUrl}"`,
    close: () => sessions.close(),
  };
}

/** A token may always be given back. */
function isLogout(request: AskedRequest | undefined): boolean {
  return request?.method === 'DELETE' && /^\/identity\/v3\/auth\/tokens\/?(\?|$)/.test(request.url ?? '');
}
