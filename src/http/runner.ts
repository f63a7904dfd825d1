import type { Clock } from '#kernel/clock';
import type { BodyBudget } from './body-budget.ts';
import { announcesBody, type BodyPace, limitedBody, readBody } from './body-reader.ts';
import type { Authoriser, Caller, HandlerInput, Reply } from './contract.ts';
import { HttpErrors } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { parseJsonBody } from './json-body.ts';
import type { ServedRoute } from './served-route.ts';

/** What serving a request needs from the server. */
export interface Runner {
  authoriser: Authoriser;
  clock: Clock;
  pace: BodyPace;
  budget: BodyBudget;
  answer(exchange: Exchange, reply: Reply): void;
  refuse(exchange: Exchange, error: unknown): void;
}

/**
 * Serves one request: who calls, which version, may they, arguments, body, handler, reply. Each part that may be
 * asynchronous is awaited only when it really is, so that a cached token and a ready answer cost no turn.
 */
export function serve(runner: Runner, exchange: Exchange, served: ServedRoute, rawQuery: string): void {
  try {
    if (served.route.policy === null) {
      authenticated(runner, exchange, served, rawQuery);
      return;
    }
    const caller = runner.authoriser.authenticate(exchange.request.headers, exchange.source, exchange.request);
    if (isPromise(caller)) {
      caller.then(
        (found) => {
          try {
            exchange.caller = found;
            authenticated(runner, exchange, served, rawQuery);
          } catch (error) {
            runner.refuse(exchange, error);
          }
        },
        (error: unknown) => runner.refuse(exchange, error),
      );
      return;
    }
    exchange.caller = caller;
    authenticated(runner, exchange, served, rawQuery);
  } catch (error) {
    runner.refuse(exchange, error);
  }
}

function authenticated(runner: Runner, exchange: Exchange, served: ServedRoute, rawQuery: string): void {
  const { route } = served;
  const { params } = exchange;
  const { refusal } = exchange.negotiated;
  if (refusal !== undefined && route.anyVersion !== true) throw refusal;
  if (exchange.version < route.since) throw tooOld(route.below ?? 404, route.since);
  if (route.produces === undefined) checkAccept(exchange.request.headers.accept);
  if (
    route.policy !== null &&
    (route.guard ?? 'server') === 'server' &&
    !runner.authoriser.allows(route.policy, exchange.caller)
  ) {
    throw HttpErrors.Forbidden(route.policy);
  }
  for (const name in params) if (params[name]?.includes('\0')) throw HttpErrors.BadUrl('it holds a NUL character');
  served.checkParams?.(params);
  const query = served.query.read(rawQuery);
  served.checkQuery?.(query);
  const input: HandlerInput = { params, query, body: undefined, headers: exchange.request.headers };
  if (!served.takesBody || !announcesBody(exchange.request)) {
    if (served.checkBody !== undefined && route.bodyOptional !== true && served.takesBody) {
      throw HttpErrors.BodyMissing();
    }
    handle(runner, exchange, served, input);
    return;
  }
  if (route.bodyKind === 'stream') {
    input.body = limitedBody(exchange.request, served.bodyLimit);
    handle(runner, exchange, served, input);
    return;
  }
  readBody(exchange.request, served.bodyLimit, runner.pace, runner.clock, runner.budget)
    .then((bytes) => {
      // The request's time may have ended while its last bytes came.
      if (exchange.answered) {
        runner.budget.release(bytes.length);
        return;
      }
      exchange.bodyBytes = bytes.length;
      // A whitespace-only body is none: some clients end an empty one with a line feed.
      if (bytes.length > 0 && !(bytes.length < 8 && bytes.toString('latin1').trim() === '')) {
        const sent = parseJsonBody(bytes);
        const { lenient, body } = served.route;
        input.body = lenient === undefined || body === undefined ? sent : lenient(body, sent);
        served.checkBody?.(input.body);
      } else if (served.checkBody !== undefined && route.bodyOptional !== true) throw HttpErrors.BodyMissing();
      handle(runner, exchange, served, input);
    })
    .catch((error: unknown) => runner.refuse(exchange, error));
}

function handle(runner: Runner, exchange: Exchange, served: ServedRoute, input: HandlerInput): void {
  const reply = served.handler(exchange, input);
  if (isPromise(reply)) {
    reply.then(
      (made) => finish(runner, exchange, served, made),
      (error: unknown) => runner.refuse(exchange, error),
    );
  } else finish(runner, exchange, served, reply);
}

function finish(runner: Runner, exchange: Exchange, served: ServedRoute, reply: Reply): void {
  const { route } = served;
  try {
    if (route.guard === 'handler' && !exchange.asked && (reply.status ?? route.success) < 400) {
      throw HttpErrors.PolicyForgotten(route.id);
    }
    runner.answer(exchange, reply);
  } catch (error) {
    runner.refuse(exchange, error);
  }
}

function tooOld(status: 404 | 405 | 406, since: number) {
  if (status === 406) return HttpErrors.VersionTooOld('this resource', `1.${since}`);
  return status === 405 ? HttpErrors.MethodNotAllowed('') : HttpErrors.NotYet();
}

/** JSON is all there is; anything an `Accept` says that lets JSON through will do. */
function checkAccept(accept: string | undefined): void {
  if (accept === undefined || accept === '*/*' || accept === 'application/json' || accept === '') return;
  for (const part of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim());
    if (parameters.some((word) => /^q=0(\.0*)?$/.test(word))) continue;
    if (type === '*/*' || type === 'application/*' || type === 'application/json' || type.endsWith('+json')) return;
  }
  throw HttpErrors.AcceptRefused('application/json');
}

function isPromise<T>(value: Promise<T> | T | Caller): value is Promise<T> {
  return typeof (value as { then?: unknown } | null)?.then === 'function';
}
