import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConsoleMachines, SerialLine } from '#contracts/console';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { isUuid } from '#kernel/ids';
import { type Random, systemRandom } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import type { WorkRuntime } from '#work/contract';
import type { ConsoleConfig } from '../config.ts';
import type { ConsoleMeters } from '../meters.ts';
import { RingLog } from '../log/ring.ts';
import { goneNodes, type LineState, pinsOf, writeLines } from '../store/lines.ts';
import { Connector, Slots } from './connector.ts';
import { Flusher } from './flusher.ts';
import { NodeConsole } from './node-console.ts';

/** All nodes are listed anew so often; those that changed at once. */
const LIST_MS = 10_000;
/** After a conductor came, went or began anew: by then its heartbeat has shown this process who is there. */
const MOVED_MS = 1_000;
/** Consoles that are watched are checked at least so often, should a change not have been told. */
const WATCH_MS = 1_000;
const HOUR = 3_600_000;
const CONNECTING_AT_ONCE = 16;

export interface RecorderParts {
  store: Store;
  work: WorkRuntime;
  machines: ConsoleMachines;
  clock: Clock;
  log: Log;
  config: ConsoleConfig;
  meters: Pick<ConsoleMeters, 'output' | 'interrupted'>;
  random?: Random;
}

interface Held {
  console: NodeConsole;
  connector: Connector;
}

/**
 * Records the serial lines of all nodes this conductor looks after, from enrolment on. Nodes move between conductors
 * with the rest of the work: who no longer looks after one closes its line.
 */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #held = new Map<string, Held>();
  /** Recordings of nodes that others have now, opened for reading. */
  readonly #old = new Map<string, Promise<RingLog>>();
  readonly #flusher: Flusher;
  readonly #slots = new Slots(CONNECTING_AT_ONCE);
  readonly #news = new Map<string, { recording: boolean; state: LineState; detail: string | null }>();
  /** Nodes whose line is being closed: only then may it be opened anew, and be told of. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #ways: (() => void)[] = [];
  #listing: Promise<void> | undefined;
  #again = false;
  #stopped = true;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#flusher = new Flusher(parts.store, parts.clock, parts.log);
  }

  /** The console of a node that is recorded here. */
  console(uuid: string): NodeConsole | undefined {
    return this.#held.get(uuid)?.console;
  }

  /** A node's recording as far as it lies here, whoever records now. */
  recording(uuid: string): Promise<RingLog> {
    const held = this.#held.get(uuid);
    if (held !== undefined) return Promise.resolve(held.console.log);
    let old = this.#old.get(uuid);
    if (old === undefined) {
      old = this.#openLog(uuid);
      this.#old.set(uuid, old);
      this.#parts.clock.after(60_000, () => this.#old.delete(uuid));
    }
    return old;
  }

  /** Lines held now, by how it goes with them. */
  states(): Record<LineState, number> {
    const count = { connecting: 0, recording: 0, interrupted: 0, stopped: 0 };
    for (const { console } of this.#held.values()) count[console.state]++;
    return count;
  }

  start(): void {
    const { clock, store } = this.#parts;
    this.#stopped = false;
    this.#ways.push(
      clock.every(LIST_MS, () => this.#list()),
      clock.every(WATCH_MS, () => void this.#watch()),
      clock.every(HOUR, () => void this.#tidy()),
      clock.every(500, () => void this.#tellNews()),
      store.changes.subscribe('nodes', ({ id }) => this.#changed(id)),
      store.changes.subscribe('node', ({ id }) => this.#changed(id)),
      store.changes.subscribe('work.conductors', () => {
        clock.after(MOVED_MS, () => this.#list());
      }),
    );
    this.#list();
    void this.#tidy();
  }

  /** Ends all lines; what machines said until now is written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const way of this.#ways.splice(0)) way();
    await this.#listing;
    for (const held of [...this.#held.values()]) this.#release(held, 'the recorder stops');
    await Promise.all(this.#leaving.values());
    await this.#flusher.close();
    await this.#tellNews();
  }

  #changed(id: string): void {
    const held = id === '*' ? undefined : this.#held.get(id);
    if (held !== undefined) {
      held.connector.hurry();
      this.#flusher.dirty(held.console);
      if (held.console.watchers.size > 0) void this.#watch();
      return;
    }
    this.#list();
  }

  #list(): void {
    if (this.#stopped) return;
    if (this.#listing !== undefined) {
      this.#again = true;
      return;
    }
    this.#listing = this.#listOnce()
      .catch((error) => this.#parts.log.warn({ err: messageOf(error) }, 'consoles could not be listed'))
      .finally(() => {
        this.#listing = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.#list();
      });
  }

  async #listOnce(): Promise<void> {
    const { work, machines, config } = this.#parts;
    const mine = new Map<string, string>();
    if (work.lease.held) {
      for (const { uuid, group, bmc } of await machines.recordable(config.groups)) {
        if (work.owns(group, bmc)) mine.set(uuid, group);
      }
    }
    const gone = [...this.#held.values()].filter(({ console }) => !mine.has(console.uuid));
    for (const held of gone) this.#release(held, 'another conductor, or nobody, looks after this node now');
    for (const [uuid, group] of mine) {
      // Whoever leaves lists anew when it has.
      if (this.#held.has(uuid) || this.#leaving.has(uuid) || this.#stopped) continue;
      await this.#take(uuid, group);
    }
  }

  async #take(uuid: string, group: string): Promise<void> {
    const { clock, config, machines, meters, store, work } = this.#parts;
    const log = await this.#openLog(uuid);
    const console = new NodeConsole({
      uuid,
      group,
      log,
      settleMs: config.settleMs,
      dirty: (one) => this.#flusher.dirty(one),
    });
    const state = (now: LineState, detail: string | null, note: string) => {
      console.state = now;
      console.detail = detail;
      this.#news.set(uuid, { recording: true, state: now, detail });
      console.take('note', Buffer.from(note), clock.now(), clock.monotonic());
    };
    const connector = new Connector({
      clock,
      random: this.#parts.random ?? systemRandom,
      slots: this.#slots,
      open: (signal) =>
        machines.serial(uuid, {
          signal,
          lease: work.lease,
          pins: pinsOf(store, uuid),
          data: (bytes) => {
            meters.output.inc(bytes.length);
            console.take('output', bytes, clock.now(), clock.monotonic());
          },
        }),
      opened: (line: SerialLine, awayMs) => {
        console.line = line;
        console.attribution.lineOpened(clock.monotonic());
        const away =
          awayMs === null ? '' : ` after ${Math.max(1, Math.round(awayMs / 1000))} s in which nothing was recorded`;
        state('recording', line.via, `recording${away} (${line.via})`);
      },
      lost(why) {
        console.line = undefined;
        console.attribution.lineLost();
        meters.interrupted.inc();
        state('interrupted', why, `recording interrupted: ${why}`);
      },
      failed: (why) => state('interrupted', why, `the console cannot be reached: ${why}`),
    });
    this.#held.set(uuid, { console, connector });
    this.#news.set(uuid, { recording: true, state: 'connecting', detail: null });
    this.#flusher.dirty(console);
  }

  #release(held: Held, why: string): void {
    const { uuid } = held.console;
    this.#held.delete(uuid);
    const left = this.#leave(held, why)
      .catch((error) => this.#parts.log.warn({ node: uuid, err: messageOf(error) }, 'a console was not left in order'))
      .finally(() => {
        this.#leaving.delete(uuid);
        this.#list();
      });
    this.#leaving.set(uuid, left);
  }

  async #leave({ console, connector }: Held, why: string): Promise<void> {
    const { clock } = this.#parts;
    await connector.stop();
    console.line = undefined;
    console.take('note', Buffer.from(`recording ends here: ${why}`), clock.now(), clock.monotonic());
    await this.#flusher.flush();
    for (const watcher of [...console.watchers]) watcher.moved();
    this.#news.set(console.uuid, { recording: false, state: 'stopped', detail: why });
  }

  /** Looks after consoles somebody watches: is the lease the same, may people still connect? */
  async #watch(): Promise<void> {
    const watched = [...this.#held.values()].map(({ console }) => console).filter(({ watchers }) => watchers.size > 0);
    if (watched.length === 0) return;
    for (const one of watched) this.#flusher.dirty(one);
    try {
      const on = await this.#parts.machines.switchedOn(watched.map(({ uuid }) => uuid));
      for (const one of watched) {
        if (!on.has(one.uuid)) for (const watcher of [...one.watchers]) watcher.switchedOff();
      }
    } catch (error) {
      this.#parts.log.warn({ err: messageOf(error) }, 'watched consoles could not be checked');
    }
  }

  async #tellNews(): Promise<void> {
    if (this.#news.size === 0) return;
    const news = [...this.#news].map(([uuid, one]) => ({ uuid, ...one }));
    this.#news.clear();
    try {
      await writeLines(this.#parts.store, this.#parts.config.host, news);
    } catch (error) {
      for (const { uuid, ...one } of news) if (!this.#news.has(uuid)) this.#news.set(uuid, one);
      this.#parts.log.debug({ err: messageOf(error) }, 'the states of consoles could not be written');
    }
  }

  /** Deletes recordings of nodes that are gone, and what is too old. */
  async #tidy(): Promise<void> {
    const { config, store, clock, log } = this.#parts;
    try {
      const names = (await readdir(config.dir).catch(() => [])).filter(isUuid);
      for (let at = 0; at < names.length; at += 500) {
        for (const uuid of await goneNodes(store, names.slice(at, at + 500))) {
          await rm(join(config.dir, uuid), { recursive: true, force: true });
        }
      }
      for (const { console } of this.#held.values()) await console.log.expire(clock.now());
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'old console recordings could not be tidied up');
    }
  }

  #openLog(uuid: string): Promise<RingLog> {
    return RingLog.open(join(this.#parts.config.dir, uuid), this.#parts.config.limits);
  }
}
