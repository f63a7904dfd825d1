import { Type } from 'typebox';
import type { DoorTable, Route } from '#http/contract';

const nodeParams = Type.Object({ node_ident: Type.String({ description: 'UUID or name of the node' }) });
const text = (description: string) => Type.Optional(Type.String({ description, maxLength: 200 }));
const times = {
  since: text('From then on: 10m, 2h, 1d (so long ago), or a date such as 2026-11-28T22:00:00Z'),
  until: text('Until then, in the same words'),
};
const line = Type.Object({
  at: Type.String({ description: 'When the line began' }),
  kind: Type.Union([Type.Literal('output'), Type.Literal('note')], {
    description: '`note`: said by the recorder, of gaps in the recording',
  }),
  text: Type.String(),
});

/** The console's door. */
export const consoleRoutes = [
  {
    id: 'console.show',
    method: 'GET',
    path: '/v1/nodes/:node_ident',
    since: 0,
    policy: 'baremetal:node:get_console',
    guard: 'handler',
    summary: 'Show how it goes with the console of a node',
    params: nodeParams,
    success: 200,
    response: Type.Object({
      console: Type.Object({
        node: Type.String(),
        interface: Type.String(),
        enabled: Type.Boolean({ description: 'May people connect? It is recorded either way' }),
        serial: Type.Boolean(),
        screen: Type.Boolean(),
        state: Type.String({ description: 'connecting, recording, interrupted, stopped or none' }),
        detail: Type.Union([Type.String(), Type.Null()]),
        changed_at: Type.Union([Type.String(), Type.Null()]),
        conductor: Type.Union([Type.String(), Type.Null()]),
      }),
    }),
  },
  {
    id: 'console.log',
    method: 'GET',
    path: '/v1/nodes/:node_ident/log',
    since: 0,
    policy: 'baremetal:node:get_console_log',
    guard: 'handler',
    summary: 'Read what the console recorded',
    description:
      'Plain lines without control characters. A tenant gets what was written while it had the machine, and nothing ' +
      'else. `json`: one object a line.',
    params: nodeParams,
    query: Type.Object({
      ...times,
      tail: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Only the last so many lines' })),
      follow: Type.Optional(Type.Boolean({ description: 'Go on with what comes' })),
      format: Type.Optional(
        Type.String({ pattern: '^(text|timestamps|json)$', description: 'text, timestamps or json. Default text' }),
      ),
    }),
    success: 200,
    produces: 'text/plain',
    timeoutMs: 0,
  },
  {
    id: 'console.search',
    method: 'GET',
    path: '/v1/nodes/:node_ident/search',
    since: 0,
    policy: 'baremetal:node:get_console_log',
    guard: 'handler',
    summary: 'Find lines of the recording that hold a text',
    params: nodeParams,
    query: Type.Object({
      text: Type.String({ minLength: 1, maxLength: 200, description: 'Plain text; upper and lower case are one' }),
      ...times,
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'Default 1000' })),
    }),
    success: 200,
    response: Type.Object({
      lines: Type.Array(line),
      more: Type.Boolean({ description: 'There are more than these' }),
    }),
  },
  {
    id: 'console.session.create',
    method: 'POST',
    path: '/v1/nodes/:node_ident/sessions',
    since: 0,
    policy: 'baremetal:node:get_console',
    guard: 'handler',
    summary: 'Ask for an interactive session',
    description:
      'Gives a token that is good once, within a minute. Connect a WebSocket to `url` with the subprotocols ' +
      '`ingot.console.v1` and `ingot.token.<token>`: binary frames are what is typed and shown, text frames are JSON ' +
      'messages (`hello`, `writer`, `notice`, `bye`; `take`, `release`, `break`). `page` is the same for a browser.',
    params: nodeParams,
    body: Type.Object(
      {
        kind: Type.Optional(
          Type.Union([Type.Literal('serial'), Type.Literal('screen')], { description: 'Default serial' }),
        ),
        mode: Type.Optional(
          Type.Union([Type.Literal('write'), Type.Literal('read')], {
            description: 'read: only watches. Of those that may write one does at a time. Default write',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    bodyOptional: true,
    success: 201,
    response: Type.Object({
      session: Type.Object({
        id: Type.String(),
        token: Type.String(),
        url: Type.String(),
        page: Type.String(),
        kind: Type.String(),
        mode: Type.String(),
        expires_at: Type.String(),
      }),
    }),
  },
  {
    id: 'console.session.list',
    method: 'GET',
    path: '/v1/nodes/:node_ident/sessions',
    since: 0,
    policy: 'baremetal:node:get_console',
    guard: 'handler',
    summary: 'List who is connected',
    params: nodeParams,
    success: 200,
    response: Type.Object({
      sessions: Type.Array(
        Type.Object({
          id: Type.String(),
          kind: Type.String(),
          mode: Type.String(),
          user: Type.String(),
          writes: Type.Boolean(),
        }),
      ),
    }),
  },
  {
    id: 'console.session.end',
    method: 'DELETE',
    path: '/v1/nodes/:node_ident/sessions/:session_id',
    since: 0,
    policy: 'baremetal:node:get_console',
    guard: 'handler',
    summary: 'End a session',
    params: Type.Object({
      node_ident: Type.String({ description: 'UUID or name of the node' }),
      session_id: Type.String(),
    }),
    success: 204,
  },
] as const satisfies readonly Route[];

/** The console's door as data. */
export const consoleTable: DoorTable = { name: 'console', title: 'Console', prefix: '/console', routes: consoleRoutes };
