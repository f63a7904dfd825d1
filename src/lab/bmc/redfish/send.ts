import type { ServerResponse } from 'node:http';
import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { HttpEffect } from '../../faults/effects.ts';
import { edited } from '../../faults/pointer.ts';
import type { RedfishAnswer } from './door.ts';
import { ruleAnswer } from './rule-answer.ts';

export interface SendOptions {
  response: ServerResponse;
  effects: readonly HttpEffect[];
  clock: Clock;
  random: Random;
  headOnly: boolean;
  headers: Record<string, string>;
  /** Compresses; undefined: the client or the make does not want it. */
  pack: ((bytes: Buffer) => Buffer) | undefined;
}

/** Sends an answer, spoiled by the faults that come after the work was done. */
export async function send(answer: RedfishAnswer, options: SendOptions): Promise<void> {
  const { response, effects } = options;
  const kinds = new Set(effects.map((e) => e.kind));
  if (kinds.has('reset-after')) {
    response.socket?.destroy();
    return;
  }
  if (kinds.has('hang-after')) return;
  let { status, body, headers: own } = answer;
  const extra: Record<string, string | null> = {};
  for (const effect of effects) {
    if (effect.kind === 'answer-after') ({ status, body, headers: own } = ruleAnswer(effect.answer));
    if (effect.kind === 'edit' && body !== undefined && status < 300)
      body = edited(body, effect.edits) as Record<string, unknown>;
    if (effect.kind === 'headers') Object.assign(extra, effect.set);
  }
  let bytes: Buffer =
    body === undefined
      ? Buffer.alloc(0)
      : Buffer.from(typeof body['xml'] === 'string' ? body['xml'] : JSON.stringify(body));
  const headers: Record<string, string> = {
    'odata-version': '4.0',
    'cache-control': 'no-cache',
    server: 'lab-bmc',
    ...(bytes.length > 0 ? { 'content-type': 'application/json; charset=utf-8' } : {}),
    ...options.headers,
    ...own,
  };
  for (const effect of effects) bytes = spoiled(bytes, effect);
  if (options.pack !== undefined && bytes.length > 512) {
    bytes = options.pack(bytes);
    headers['content-encoding'] = 'gzip';
  }
  if (status !== 204) headers['content-length'] = String(bytes.length);
  for (const [name, value] of Object.entries(extra)) {
    if (value === null) delete headers[name.toLowerCase()];
    else headers[name.toLowerCase()] = value;
  }
  if (kinds.has('garbage')) {
    response.socket?.end(Buffer.concat([Buffer.from('HTTP/1.1 2'), options.random.bytes(400)]));
    return;
  }
  response.writeHead(status, headers);
  if (options.headOnly || status === 204) {
    response.end();
    return;
  }
  const trickle = effects.find((e) => e.kind === 'trickle');
  if (kinds.has('truncate')) {
    // the promised length never comes
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
  } else if (trickle !== undefined) await drip(response, bytes, trickle.bytesPerSecond, options.clock);
  else response.end(bytes);
}

function spoiled(bytes: Buffer, effect: HttpEffect): Buffer {
  if (effect.kind === 'oversize') {
    const pad = Math.max(0, effect.bytes - bytes.length);
    return Buffer.concat([
      bytes.subarray(0, -1),
      Buffer.from(',"Padding":"'),
      Buffer.alloc(pad, 0x41),
      Buffer.from('"}'),
    ]);
  }
  if (effect.kind === 'deep') {
    return Buffer.concat([Buffer.alloc(effect.depth, 0x5b), Buffer.alloc(effect.depth, 0x5d)]);
  }
  return bytes;
}

async function drip(response: ServerResponse, bytes: Buffer, perSecond: number, clock: Clock): Promise<void> {
  const step = Math.max(1, Math.floor(perSecond / 10));
  for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
    response.write(bytes.subarray(at, at + step));
    await clock.sleep(100);
  }
  response.end();
}
