import { errors } from '../errors.ts';
import type { Effects, HowOften, HttpEffect, HttpMatch, IpmiRule, LinkFault, PowerLie } from './effects.ts';

type Params = Readonly<Record<string, unknown>>;

/** One fault by name, what it takes and what it does; the table is what the control API shows. */
export interface NamedFault {
  /** One sentence for people. */
  does: string;
  /** Parameter → what it means. All HTTP faults also take `method`, `path`, `times`, `chance`. */
  params: Readonly<Record<string, string>>;
  make(params: Params): Effects;
}

function number(params: Params, key: string, otherwise?: number): number {
  const value = params[key] ?? otherwise;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw errors.LabBadFault(`${key} must be a number from 0 up`);
  return value;
}

function text(params: Params, key: string, otherwise?: string): string {
  const value = params[key] ?? otherwise;
  if (typeof value !== 'string') throw errors.LabBadFault(`${key} must be text`);
  return value;
}

/** Which requests, and how often; shared by all HTTP faults. */
function match(params: Params): HttpMatch & HowOften {
  const out: HttpMatch & HowOften = {};
  if (params['method'] !== undefined) out.method = [text(params, 'method').toUpperCase()];
  if (params['path'] !== undefined) {
    out.path = text(params, 'path');
    try {
      new RegExp(out.path);
    } catch {
      throw errors.LabBadFault('path must be a regular expression');
    }
  }
  return { ...out, ...howOften(params) };
}

function howOften(params: Params): HowOften {
  return {
    ...(params['times'] === undefined ? {} : { times: number(params, 'times') }),
    ...(params['chance'] === undefined ? {} : { chance: number(params, 'chance') }),
    ...(params['abovePerSecond'] === undefined ? {} : { abovePerSecond: number(params, 'abovePerSecond') }),
  };
}

const http = (params: Params, effect: HttpEffect): Effects => ({ http: [{ ...match(params), effect }] });

function ipmi(params: Params, effect: IpmiRule['effect']): Effects {
  const where = {
    ...(params['netFn'] === undefined ? {} : { netFn: number(params, 'netFn') }),
    ...(params['command'] === undefined ? {} : { command: number(params, 'command') }),
  };
  return { ipmi: [{ ...where, ...howOften(params), effect }] };
}

const after = (params: Params) => params['after'] === true;
const DISK = 'its id (nvme0, sata1); all disks unless given';
const AFTER = 'true: the work is done first, only the answer suffers';

/** Every fault the control API and tests can switch on by name. */
export const namedFaults: Readonly<Record<string, NamedFault>> = {
  latency: {
    does: 'Answers late.',
    params: { ms: 'milliseconds', jitterMs: 'up to so many more' },
    make: (p) => http(p, { kind: 'delay', ms: number(p, 'ms'), jitterMs: number(p, 'jitterMs', 0) }),
  },
  'http-error': {
    does: 'Answers with an error status.',
    params: { status: 'HTTP status, 503 unless given', after: AFTER, retryAfter: 'seconds for Retry-After' },
    make: (p) => {
      const headers =
        p['retryAfter'] === undefined ? {} : { headers: { 'retry-after': String(number(p, 'retryAfter')) } };
      const answer = {
        status: number(p, 'status', 503),
        messageId: 'Base.1.18.InternalError',
        message: 'Injected.',
        ...headers,
      };
      return http(p, { kind: after(p) ? 'answer-after' : 'answer', answer });
    },
  },
  garbage: { does: 'Answers with noise instead of HTTP.', params: {}, make: (p) => http(p, { kind: 'garbage' }) },
  'not-json': {
    does: 'Answers 200 with a page instead of JSON.',
    params: {},
    make: (p) =>
      http(p, {
        kind: 'answer',
        answer: {
          status: 200,
          body: { xml: '<html><body>Please wait</body></html>' },
          headers: { 'content-type': 'text/html' },
        },
      }),
  },
  truncated: {
    does: 'Ends the connection in the middle of the body.',
    params: {},
    make: (p) => http(p, { kind: 'truncate' }),
  },
  oversized: {
    does: 'Answers with a body of that size.',
    params: { bytes: 'bytes, 64 MiB unless given' },
    make: (p) => http(p, { kind: 'oversize', bytes: number(p, 'bytes', 64 * 1024 * 1024) }),
  },
  'deep-json': {
    does: 'Answers with arrays nested that deep.',
    params: { depth: 'levels, 100,000 unless given' },
    make: (p) => http(p, { kind: 'deep', depth: number(p, 'depth', 100_000) }),
  },
  trickle: {
    does: 'Sends the body a few bytes at a time.',
    params: { bytesPerSecond: 'speed, 50 unless given' },
    make: (p) => http(p, { kind: 'trickle', bytesPerSecond: number(p, 'bytesPerSecond', 50) }),
  },
  redirect: {
    does: 'Redirects.',
    params: { to: 'where to', status: '301, 302, 303, 307 or 308; 302 unless given' },
    make: (p) => http(p, { kind: 'redirect', status: number(p, 'status', 302), to: text(p, 'to') }),
  },
  hang: {
    does: 'Takes the request and never answers.',
    params: { after: AFTER },
    make: (p) => http(p, { kind: after(p) ? 'hang-after' : 'hang' }),
  },
  drop: {
    does: 'Cuts the connection instead of answering.',
    params: { after: AFTER },
    make: (p) => http(p, { kind: after(p) ? 'reset-after' : 'reset' }),
  },
  'sessions-exhausted': {
    does: 'No new Redfish session can be opened.',
    params: {},
    make: () => ({ traits: { maxSessions: 0 } }),
  },
  'lying-power': {
    does: 'Reports a power state whatever is true.',
    params: { reports: 'On, Off, PoweringOn, PoweringOff, Paused or null' },
    make: (p) => {
      const reports = p['reports'];
      if (reports !== null && !['On', 'Off', 'PoweringOn', 'PoweringOff', 'Paused'].includes(String(reports))) {
        throw errors.LabBadFault('reports must be a power state');
      }
      return { power: { reports: reports as NonNullable<PowerLie['reports']> | null } };
    },
  },
  'ignored-power': {
    does: 'Acknowledges power verbs and does nothing.',
    params: { verbs: 'list of on, off, soft, soft-restart, reset, cycle, button, nmi; all unless given' },
    make: (p) => ({
      power: { ignores: list(p, 'verbs') ?? ['on', 'off', 'soft', 'soft-restart', 'reset', 'cycle', 'button', 'nmi'] },
    }),
  },
  'slow-power': {
    does: 'Power changes take that long, and show as PoweringOn and PoweringOff meanwhile.',
    params: { ms: 'milliseconds' },
    make: (p) => ({ traits: { powerOnMs: number(p, 'ms'), powerOffMs: number(p, 'ms') } }),
  },
  certificate: {
    does: 'Shows a wrong TLS certificate to new connections.',
    params: { kind: 'expired, not-yet-valid, wrong-name or renewed' },
    make: (p) => {
      const kind = text(p, 'kind');
      if (!['expired', 'not-yet-valid', 'wrong-name', 'renewed'].includes(kind))
        throw errors.LabBadFault('kind of certificate');
      return { link: { certificate: kind as NonNullable<LinkFault['certificate']> } };
    },
  },
  dead: {
    does: 'The BMC is not there.',
    params: { how: 'silent (no answer) or refuse (connection reset); silent unless given' },
    make: (p) => ({ link: { dead: text(p, 'how', 'silent') === 'refuse' ? 'refuse' : 'silent' } }),
  },
  'failing-disk': {
    does: 'Nothing can be written to a disk of an emulated machine, from its next start on: I/O error.',
    params: { disk: DISK },
    make: (p) => ({ disks: { [text(p, 'disk', '*')]: { kind: 'failing' } } }),
  },
  'read-only-disk': {
    does: 'A disk of an emulated machine takes no writes, from its next start on.',
    params: { disk: DISK },
    make: (p) => ({ disks: { [text(p, 'disk', '*')]: { kind: 'read-only' } } }),
  },
  'slow-disk': {
    does: 'A disk of an emulated machine takes its time to write, from its next start on.',
    params: { disk: DISK, bytesPerSecond: 'speed, 1 MiB unless given' },
    make: (p) => ({
      disks: {
        [text(p, 'disk', '*')]: { kind: 'slow', bytesPerSecond: number(p, 'bytesPerSecond', 1024 * 1024) },
      },
    }),
  },
  'ipmi-code': {
    does: 'IPMI commands fail with a completion code.',
    params: { code: 'completion code', netFn: 'only that network function', command: 'only that command' },
    make: (p) => ipmi(p, { kind: 'code', code: number(p, 'code') }),
  },
  'ipmi-drop': {
    does: 'IPMI commands are lost.',
    params: { after: AFTER, netFn: 'only that network function', command: 'only that command' },
    make: (p) => ipmi(p, { kind: after(p) ? 'drop-answer' : 'drop' }),
  },
  'ipmi-latency': {
    does: 'IPMI answers come late.',
    params: { ms: 'milliseconds', netFn: 'only that network function', command: 'only that command' },
    make: (p) => ipmi(p, { kind: 'delay', ms: number(p, 'ms') }),
  },
  'ipmi-garbage': { does: 'IPMI answers hold noise.', params: {}, make: (p) => ipmi(p, { kind: 'garbage' }) },
};

function list(params: Params, key: string): string[] | undefined {
  const value = params[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw errors.LabBadFault(`${key} must be a list`);
  return value.map(String);
}

/** The effects of a fault by name. Throws LabBadFault. */
export function faultEffects(name: string, params: Params = {}): Effects {
  const fault = Object.hasOwn(namedFaults, name) ? namedFaults[name] : undefined;
  if (fault === undefined) throw errors.LabBadFault(`there is no fault called ${name}`);
  return fault.make(params);
}
