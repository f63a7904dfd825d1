import type { ConsoleMachines, ConsoleWords } from '#contracts/console';
import type { Authoriser, Door, UpgradeTaker } from '#http/contract';
import { baseUrlOf, type OriginOptions } from '#http/origin';
import type { Clock } from '#kernel/clock';
import { systemRandom } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Metrics } from '#platform/metrics';
import type { Sealer, Store } from '#store/contract';
import type { WorkRuntime } from '#work/contract';
import { createConsoleDoor } from './api/door.ts';
import { readLog } from './app/read-log.ts';
import type { Room } from './app/room.ts';
import type { ConsoleConfig } from './config.ts';
import { LinkServer } from './link/link-server.ts';
import { Peers } from './link/peers.ts';
import { createPagesDoor } from './pages/door.ts';
import { meterConsoles } from './meters.ts';
import { Recorder } from './recorder/recorder.ts';
import { ConnectDoor } from './sessions/connect.ts';
import { SessionHub } from './sessions/hub.ts';

export { CONSOLE_DEFAULTS, type ConsoleConfig } from './config.ts';

export interface ConsoleParts {
  store: Store;
  work: WorkRuntime;
  machines: ConsoleMachines;
  authoriser: Authoriser;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  config: ConsoleConfig;
  /** How the API's own address is told. */
  origin: OriginOptions;
  scheme: 'http' | 'https';
}

/** Consoles: recorded always, shown to whose they are. */
export interface ConsoleRoom {
  readonly doors: readonly Door[];
  /** For the server: WebSockets of sessions. */
  readonly upgrade: UpgradeTaker;
  /** What machines said. */
  readonly words: ConsoleWords;
  /** After the work engine started. A conductor records; an API connects people, wherever the line is. */
  start(options: { conductor: boolean; api: boolean }): Promise<void>;
  /** Ends sessions and streams, before the server waits for what is in flight. */
  endSessions(): void;
  /** Before the work engine stops: ends the recording in order. */
  stop(): Promise<void>;
}

/** Builds the room. */
export function createConsole(parts: ConsoleParts): ConsoleRoom {
  const { store, machines, sealer, clock, log, config, authoriser } = parts;
  const meters = meterConsoles(parts.metrics);
  const recorder = new Recorder({ ...parts, meters });
  const stopping = new AbortController();
  const random = systemRandom;
  const room: Room = {
    store,
    machines,
    recorder,
    sealer,
    peers: new Peers(store, sealer, clock),
    clock,
    log,
    config,
    random,
    stopping: stopping.signal,
  };
  const hub = new SessionHub({ recorder, machines, clock, log, maxPerNode: config.maxSessionsPerNode });
  meters.look(() => ({ lines: recorder.states(), sessions: hub.counts() }));
  const connect = new ConnectDoor({
    room,
    hub,
    authoriser,
    baseUrl: (request) => baseUrlOf(request, parts.origin, parts.scheme, 'localhost'),
  });
  let link: LinkServer | undefined;
  return {
    doors: [createConsoleDoor(room, connect), createPagesDoor()],
    upgrade: connect,
    words: { search: (...asked) => wordsOf(room, ...asked) },
    async start({ conductor, api }) {
      if (api) connect.start();
      if (!conductor) return;
      const { incarnation } = parts.work.lease;
      link = new LinkServer({ store, sealer, recorder, hub, log, config, random, incarnation });
      await link.start();
      recorder.start();
    },
    endSessions() {
      stopping.abort();
      connect.stop();
      hub.stop();
    },
    async stop() {
      stopping.abort();
      await recorder.stop();
      await link?.stop();
    },
  };
}

/** As many lines as anybody needs to know that something was said. */
const WORDS = 100;

async function wordsOf(room: Room, ...[node, search, since, signal]: Parameters<ConsoleWords['search']>) {
  const query = { node, scope: 'all', since, until: null, tail: null, follow: false, search, limit: WORDS } as const;
  const found: { at: number; text: string }[] = [];
  for await (const { at, kind, text } of readLog(room, query, signal)) if (kind === 'output') found.push({ at, text });
  return found;
}
