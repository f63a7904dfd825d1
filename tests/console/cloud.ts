import { join } from 'node:path';
import { expect } from 'vitest';
import WebSocket from 'ws';
import { type LabMachine, PASSWORD, USER } from '../drivers/rack.ts';
import { ready, scratch, type Up } from '../house/ingot.ts';

export interface Cloud {
  running: Up;
  /** Calls the API; throws with the status in the message. */
  ask<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>;
  /** Enrols a machine and brings it to `manageable`. */
  enrol(lab: LabMachine, driver: 'ipmi' | 'redfish', more?: Record<string, unknown>): Promise<string>;
  /** Waits for a provision state. */
  state(uuid: string, wanted: string): Promise<void>;
  log(uuid: string, query?: string, headers?: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

/** `ingot up` with a data directory of its own. */
export async function cloud(
  options: { args?: string[]; env?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<Cloud> {
  const place = scratch();
  const running = await ready(join(place.path, 'data'), {
    args: options.args ?? [],
    env: { ...options.env },
    deadlineMs: 300_000,
  });
  return {
    ...cloudOf(running, options.headers),
    async close() {
      await running.stop();
      place[Symbol.dispose]();
    },
  };
}

export function cloudOf(running: Up, login: Record<string, string> = {}): Omit<Cloud, 'close'> {
  const ask = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = login) => {
    const answer = await fetch(running.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.95', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };
  const state = async (uuid: string, wanted: string) => {
    await expect
      .poll(async () => (await ask<{ provision_state: string }>('GET', `/v1/nodes/${uuid}`)).provision_state, {
        timeout: 60_000,
        interval: 100,
      })
      .toBe(wanted);
  };
  return {
    running,
    ask,
    state,
    async enrol(lab, driver, more = {}) {
      const driver_info =
        driver === 'ipmi'
          ? {
              ipmi_address: '127.0.0.1',
              ipmi_port: lab.ipmi.port,
              ipmi_username: USER,
              ipmi_password: PASSWORD,
            }
          : {
              redfish_address: lab.redfish.url,
              redfish_username: USER,
              redfish_password: PASSWORD,
              redfish_verify_ca: false,
            };
      const { uuid } = await ask<{ uuid: string }>('POST', '/v1/nodes', {
        driver,
        // Nobody boots a ramdisk here: what is deployed and cleaned is no machine's disk.
        deploy_interface: 'noop',
        ...more,
        driver_info: { ...driver_info, ...(more['driver_info'] as object | undefined) },
      });
      await ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' });
      await state(uuid, 'manageable');
      return uuid;
    },
    async log(uuid, query = '', headers = login) {
      const answer = await fetch(`${running.url}/console/v1/nodes/${uuid}/log${query}`, { headers });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      return answer.text();
    },
  };
}

/** A log that goes on with what comes, as a client reads it. */
export async function follow(
  cloud: Pick<Cloud, 'running'>,
  uuid: string,
  headers: Record<string, string>,
): Promise<{ shown(): string; ended: Promise<number> }> {
  const answer = await fetch(`${cloud.running.url}/console/v1/nodes/${uuid}/log?follow=true`, { headers });
  if (!answer.ok || answer.body === null) throw new Error(`${answer.status} ${await answer.text()}`);
  let shown = '';
  const read = async (body: AsyncIterable<Uint8Array>) => {
    for await (const part of body) shown += Buffer.from(part).toString();
    return performance.now();
  };
  return { shown: () => shown, ended: read(answer.body as unknown as AsyncIterable<Uint8Array>) };
}

/** Waits until the console says it records. */
export async function recording(cloud: Pick<Cloud, 'ask'>, uuid: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const { console } = await cloud.ask<{ console: { state: string; detail: string | null } }>(
          'GET',
          `/console/v1/nodes/${uuid}`,
        );
        return `${console.state} ${console.detail}`;
      },
      { timeout: 60_000, interval: 100 },
    )
    .toMatch(/^recording /);
}

/** An interactive session as a client has it. */
export interface Client {
  socket: WebSocket;
  /** What was shown. */
  shown(): string;
  messages: Record<string, unknown>[];
  type(text: string): void;
  say(message: Record<string, unknown>): void;
  /** Resolves with the code the session ended with. */
  ended: Promise<{ code: number; reason: string }>;
}

export async function session(
  cloud: Pick<Cloud, 'ask'>,
  uuid: string,
  wish: Record<string, unknown> = {},
  headers?: Record<string, string>,
): Promise<Client> {
  const made = await cloud.ask<{ session: { token: string; url: string } }>(
    'POST',
    `/console/v1/nodes/${uuid}/sessions`,
    wish,
    headers,
  );
  return connectTo(made.session.url, made.session.token);
}

/** Connects with a token. Rejects with the status when it is refused. */
export function connectTo(url: string, token: string, headers: Record<string, string> = {}): Promise<Client> {
  const socket = new WebSocket(url, ['ingot.console.v1', `ingot.token.${token}`], { headers });
  let shown = '';
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) shown += data.toString('latin1');
    else messages.push(JSON.parse(data.toString()) as Record<string, unknown>);
  });
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_request, response) => reject(new Error(`refused: ${response.statusCode}`)));
    socket.once('error', reject);
    socket.once('open', () =>
      resolve({
        socket,
        shown: () => shown,
        messages,
        type: (text) => socket.send(Buffer.from(text)),
        say: (message) => socket.send(JSON.stringify(message)),
        ended,
      }),
    );
  });
}
