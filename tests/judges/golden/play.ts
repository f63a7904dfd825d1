import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, scenario } from './scenario.ts';

/** One answer, with what differs from run to run made equal. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Answers of a sweep: from this version on, this answer. */
export interface SweepAnswer {
  since: number;
  answer: Answer;
}

/** Answers by case id. */
export type Recording = Record<string, Answer | SweepAnswer[]>;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?$/;
const KEPT_HEADERS = [
  'x-openstack-ironic-api-version',
  'x-openstack-ironic-api-minimum-version',
  'x-openstack-ironic-api-maximum-version',
  'location',
  'content-type',
  'allow',
];

function normal(value: unknown, base: string): unknown {
  if (typeof value === 'string') {
    if (TIME.test(value)) return '<time>';
    return value.replaceAll(base, '<base>');
  }
  if (Array.isArray(value)) return value.map((item) => normal(item, base));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item, base)]));
  }
  return value;
}

/** Decodes Ironic's doubly encoded error, so that both sides are compared by meaning. */
function decodeError(body: unknown): unknown {
  if (body !== null && typeof body === 'object' && 'error_message' in body && typeof body.error_message === 'string') {
    try {
      return { error_message: JSON.parse(body.error_message) as unknown };
    } catch {
      return body;
    }
  }
  return body;
}

async function ask(base: string, item: Case, version: number | null): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json', ...item.headers };
  if (version !== null) headers['x-openstack-ironic-api-version'] = `1.${version}`;
  const payload = item.raw ?? (item.body === undefined ? undefined : JSON.stringify(item.body));
  if (payload !== undefined) headers['content-type'] = 'application/json';
  const reply = await fetch(base + item.path, {
    method: item.method,
    headers,
    ...(payload === undefined ? {} : { body: payload }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await reply.text();
  let body: unknown = text;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    // not JSON: compared as text
  }
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = reply.headers.get(name);
    if (value !== null) kept[name] = value.replaceAll(base, '<base>');
  }
  return { status: reply.status, headers: kept, body: normal(decodeError(body), base) };
}

/** Waits (30 s) until the node has neither a lock nor a target. */
async function settle(base: string, uuid: string): Promise<void> {
  for (let i = 0; i < 600; i += 1) {
    const reply = await fetch(`${base}/v1/nodes/${uuid}`, {
      headers: { 'x-openstack-ironic-api-version': '1.82' },
      signal: AbortSignal.timeout(30_000),
    });
    const node = (await reply.json()) as {
      reservation: unknown;
      target_provision_state: unknown;
      target_power_state: unknown;
      provision_state: string;
    };
    // A failed state keeps its target: that is settled too.
    const rests = node.target_provision_state === null || node.provision_state.endsWith('failed');
    if (node.reservation === null && rests && node.target_power_state === null) return;
    await sleep(50);
  }
  throw new Error(`node ${uuid} did not settle within 30 s`);
}

/** Plays the scenario against the API at `base` (no trailing slash); `maximum` is the newest version swept. */
export async function play(base: string, maximum: number, progress?: (id: string) => void): Promise<Recording> {
  const recording: Recording = {};
  for (const item of scenario) {
    progress?.(item.id);
    if (item.version === 'sweep') {
      const found: SweepAnswer[] = [];
      let last = '';
      for (let version = 1; version <= maximum; version += 1) {
        const answer = await ask(base, item, version);
        // The header that repeats the asked version changes each time by design; the cases apart check it.
        delete answer.headers['x-openstack-ironic-api-version'];
        const text = JSON.stringify(answer).replaceAll(`"version":"1.${version}"`, '"version":"1.N"');
        if (text !== last) found.push({ since: version, answer });
        last = text;
      }
      recording[item.id] = found;
    } else {
      recording[item.id] = await ask(base, item, item.version);
    }
    if (item.settle !== undefined) await settle(base, item.settle);
  }
  return recording;
}
