import { Readable } from 'node:stream';
import type { Handlers, RequestContext } from '#http/contract';
import { messageOf } from '#kernel/errors';
import type { Room } from '../app/room.ts';
import { createSession, sessionsOf } from '../app/create-session.ts';
import { readLog } from '../app/read-log.ts';
import { type Allows, viewNode, type Viewed } from '../app/viewer.ts';
import type { LogLine } from '../log/lines.ts';
import { readTime } from '../model/times.ts';
import type { RecordingQuery } from '../recorder/read-recording.ts';
import { linesOf } from '../store/lines.ts';
import { CONNECT_PATH, type ConnectDoor } from '../sessions/connect.ts';
import { errors } from '../errors.ts';
import type { consoleRoutes } from './routes.ts';

const LOG_RULE = 'baremetal:node:get_console_log';
const CONSOLE_RULE = 'baremetal:node:get_console';
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Handlers of the console's door. */
export function consoleHandlers(room: Room, connect: ConnectDoor): Handlers<typeof consoleRoutes> {
  return {
    'console.show': async (context, { params }) => {
      const { node } = await viewNode(room, allowsOf(context), identOf(params), CONSOLE_RULE);
      const [line] = await linesOf(room.store, node.uuid);
      const recording = line?.recording === true ? line : undefined;
      return {
        body: {
          console: {
            node: node.uuid,
            interface: node.interface,
            enabled: node.consoleEnabled,
            serial: node.serial,
            screen: node.screen,
            state: recording?.state ?? (node.serial ? 'connecting' : 'none'),
            detail: recording?.detail ?? null,
            changed_at: recording?.changedAt.toISOString() ?? null,
            conductor: recording?.host ?? null,
          },
        },
      };
    },

    'console.log': async (context, { params, query }) => {
      const viewed = await viewNode(room, allowsOf(context), identOf(params), LOG_RULE);
      const signal = AbortSignal.any([context.signal, room.stopping]);
      const asked: RecordingQuery = {
        ...queryOf(viewed, query, room.clock.now()),
        tail: (query['tail'] as number | undefined) ?? null,
        follow: query['follow'] === true,
        search: null,
        limit: NO_LIMIT,
      };
      const format = (query['format'] as string | undefined) ?? 'text';
      const content = Readable.from(written(readLog(room, asked, signal), FORMATS[format] ?? plain), {
        objectMode: false,
        highWaterMark: 64 * 1024,
      });
      content.once('error', (error) => context.log.warn({ err: messageOf(error) }, 'a console log ended early'));
      const type = format === 'json' ? 'application/jsonl' : 'text/plain; charset=utf-8';
      return {
        content,
        headers: { 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' },
      };
    },

    'console.search': async (context, { params, query }) => {
      const viewed = await viewNode(room, allowsOf(context), identOf(params), LOG_RULE);
      const limit = (query['limit'] as number | undefined) ?? 1000;
      const asked: RecordingQuery = {
        ...queryOf(viewed, query, room.clock.now()),
        tail: null,
        follow: false,
        search: query['text'] as string,
        limit: limit + 1,
      };
      const lines: LogLine[] = [];
      for await (const line of readLog(room, asked, context.signal)) lines.push(line);
      return { body: { lines: lines.slice(0, limit).map(shown), more: lines.length > limit } };
    },

    'console.session.create': async (context, { params, body, headers }) => {
      const viewed = await viewNode(room, allowsOf(context), identOf(params), CONSOLE_RULE);
      const { kind = 'serial', mode = 'write' } = (body ?? {}) as {
        kind?: 'serial' | 'screen';
        mode?: 'write' | 'read';
      };
      const made = await createSession(room, viewed, {
        kind,
        mode,
        caller: context.caller,
        headers,
        source: context.source,
      });
      const { origin, pathname } = new URL(context.baseUrl);
      const base = `${origin.replace(/^http/, 'ws')}${pathname.replace(/\/$/, '')}`;
      const page = `${context.baseUrl}/ui/console/${viewed.node.uuid}#kind=${kind}&token=${made.token}`;
      return {
        headers: { 'Cache-Control': 'no-store' },
        body: {
          session: {
            id: made.id,
            token: made.token,
            url: `${base}${CONNECT_PATH}`,
            page,
            kind,
            mode,
            expires_at: made.expiresAt.toISOString(),
          },
        },
      };
    },

    'console.session.list': async (context, { params }) => {
      const viewed = await viewNode(room, allowsOf(context), identOf(params), CONSOLE_RULE);
      const sessions = (await sessionsOf(room, connect, viewed)).found;
      return {
        body: {
          sessions: sessions.map(({ ticket, writes }) => ({
            id: ticket.id,
            kind: ticket.kind,
            mode: ticket.mode,
            user: ticket.userName,
            writes,
          })),
        },
      };
    },

    'console.session.end': async (context, { params }) => {
      const viewed = await viewNode(room, allowsOf(context), identOf(params), CONSOLE_RULE);
      const id = params['session_id'] as string;
      const { host, found } = await sessionsOf(room, connect, viewed);
      if (host === null || !found.some(({ ticket }) => ticket.id === id)) throw errors.SessionUnknown(id);
      await connect.end(host, id, 'closed');
      return {};
    },
  };
}

const identOf = (params: Record<string, string>) => params['node_ident'] as string;

export function allowsOf(context: RequestContext): Allows {
  return (rule, target) => context.allows(rule, target);
}

function queryOf({ node, scope }: Viewed, query: Record<string, unknown>, now: number) {
  return {
    node: node.uuid,
    scope: scope === 'all' ? ('all' as const) : [...scope],
    since: readTime(query['since'] as string | undefined, now),
    until: readTime(query['until'] as string | undefined, now),
  };
}

const shown = ({ at, kind, text }: LogLine) => ({ at: new Date(at).toISOString(), kind, text });
const noted = ({ kind, text }: LogLine) => (kind === 'note' ? `--- ${text} ---` : text);
const plain = (line: LogLine) => `${noted(line)}\n`;

const FORMATS: Record<string, (line: LogLine) => string> = {
  text: plain,
  timestamps: (line) => `${new Date(line.at).toISOString()} ${noted(line)}\n`,
  json: (line) => `${JSON.stringify(shown(line))}\n`,
};

async function* written(lines: AsyncIterable<LogLine>, format: (line: LogLine) => string): AsyncGenerator<string> {
  for await (const line of lines) yield format(line);
}
