import { defineErrors } from '#kernel/errors';

/** What the HTTP room itself refuses. Handlers may throw these too. */
export const HttpErrors = defineErrors({
  /** Anything wrong with what was sent that has no code of its own. */
  BadRequest: [400, (message: string) => message],
  /** The path or the query string is not valid percent-encoded UTF-8, or holds a NUL. */
  BadUrl: [400, (why: string) => `The URL is not valid: ${why}`],
  UnexpectedArguments: [400, (names: string) => `Unexpected arguments: ${names}`],
  BadArgument: [400, (name: string, why: string) => `Invalid value for argument ${name}: ${why}`],
  BadBody: [400, (why: string) => `The request body is not valid: ${why}`],
  BodyMissing: [400, () => 'The request needs a JSON body'],
  BodyTooDeep: [400, (depth: number) => `The request body is nested more than ${depth} levels deep`],
  InvalidField: [400, (field: string, why: string) => `Invalid input for ${field}: ${why}`],
  BadPatch: [400, (operation: number, why: string) => `Patch operation ${operation}: ${why}`],
  Forbidden: [403, (rule: string) => `Access was denied by policy: ${rule}`],
  UrlUnknown: [404, () => 'The resource could not be found'],
  /** The path is one of a later microversion. */
  NotYet: [404, () => 'The resource could not be found at the requested API version'],
  MethodNotAllowed: [405, (allow: string) => `The method is not allowed for this resource. Allowed: ${allow}`],
  VersionUnreadable: [406, (header: string) => `Invalid value for ${header} header`],
  VersionUnknown: [
    406,
    (version: string, min: string, max: string) =>
      `Version ${version} was requested but is not supported by this service. The supported version range is: [${min}, ${max}]`,
  ],
  VersionTooOld: [
    406,
    (what: string, version: string) => `Request not acceptable: ${what} needs API version ${version} or later`,
  ],
  AcceptRefused: [406, (type: string) => `This service answers ${type} only`],
  BodyTimeout: [408, () => 'The request body did not arrive in time'],
  BodyTooLarge: [413, (limit: number) => `The request body is larger than the ${limit} bytes allowed here`],
  UrlTooLong: [414, (limit: number) => `The URL is longer than ${limit} characters`],
  /** Never sent: nobody is listening any more. */
  ClientGone: [499, () => 'The client closed the connection'],
  Internal: [500, (requestId: string) => `Internal error. The log has the details under request id ${requestId}`],
  PolicyForgotten: [500, (route: string) => `The handler of ${route} did not ask whether the caller may do this`],
  RequestTimeout: [503, (ms: number) => `The request was not finished within ${ms} ms`],
  Busy: [503, () => 'The service has too much to do right now'],
  Draining: [503, () => 'The service is stopping'],
  TooManyStreams: [503, (limit: number) => `More than ${limit} event streams are open`],
});
