import type { ErrorFacts } from '#http/contract';

/** Codes of ours that Neutron calls otherwise. */
const TYPES: Readonly<Record<string, string>> = {
  InvalidField: 'HTTPBadRequest',
  BadRequest: 'HTTPBadRequest',
  BadBody: 'HTTPBadRequest',
  BodyMissing: 'HTTPBadRequest',
  BadArgument: 'HTTPBadRequest',
  UnexpectedArguments: 'HTTPBadRequest',
  BadUrl: 'HTTPBadRequest',
  BadValue: 'HTTPBadRequest',
  Forbidden: 'PolicyNotAuthorized',
  UrlUnknown: 'HTTPNotFound',
  MethodNotAllowed: 'HTTPMethodNotAllowed',
  Internal: 'HTTPInternalServerError',
  Busy: 'ServiceUnavailable',
};

/**
 * Neutron's error body: `{"NeutronError": {type, message, detail}}`. Who is not logged in hears it in the words of
 * Keystone's middleware, which stands before Neutron.
 */
export function neutronErrorBody({ status, code, message }: ErrorFacts): unknown {
  if (status === 401) return { error: { code: 401, title: 'Unauthorized', message } };
  return { NeutronError: { type: TYPES[code] ?? code, message, detail: '' } };
}
