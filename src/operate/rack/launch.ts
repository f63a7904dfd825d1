import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { gone } from '#lab/bound';
import { Doors } from '#lab/doors';
import { startInside } from '#lab/namespace';
import { firstSaid } from '#lab/ready';
import { parseAddress } from '#platform/address';
import type { ConfigInput } from '#platform/config';
import type { Config } from '#platform/settings';
import type { EmbeddedServer } from '#store/embedded/server';
import type { App } from '../../app.ts';
import { errors } from '../errors.ts';
import { rackInside } from './again.ts';
import type { RackFacts, RackSaid, RackWish } from './inside.ts';

export interface LaunchOptions {
  config: Config;
  input: ConfigInput;
  database: Pick<EmbeddedServer, 'url'>;
  /** Where the log of the program inside goes; null: to our standard error. */
  logFile: string | null;
  say(line: string): void;
  clock?: Clock;
}

/** Ingot and its rack, in their namespace. */
export interface Launched {
  app: App;
  rack: RackFacts;
  /** Holds the namespace: `nsenter -t <pid> -U -n --preserve-credentials` goes in. */
  pid: number;
  /** Resolves when it is gone, whoever ended it. */
  ended: Promise<void>;
  /** Tells it to stop, and waits. */
  close(): Promise<void>;
}

const START_MS = 120_000;
const STOP_MS = 60_000;
/** Paths of unix sockets end at 107 bytes, and the machines' are below this folder. */
const LONGEST_DIR = 60;

/**
 * Starts Ingot with an emulated rack in a user and network namespace, without any privilege. What must stay outside
 * stays here: the socket of the API (made here, served inside) and PostgreSQL, reached by its unix socket.
 * Throws RackFailed with what the program inside said.
 */
export async function launchRack(options: LaunchOptions): Promise<Launched> {
  const { config, clock = systemClock } = options;
  const { host, port } = parseAddress(config.api.listen);
  const doors = new Doors();
  const logFd = options.logFile === null ? undefined : openSync(options.logFile, 'a', 0o600);
  let child: ChildProcess | undefined;
  try {
    const apiFd = await doors.tcp(host, port);
    const wish: RackWish = {
      input: { ...options.input, env: ownVariables() },
      databaseUrl: options.database.url,
      apiFd,
      ...(await controlDoor(doors, config.lab.control, options.say)),
      labDir: await shortFolder(join(config.general.data_dir, 'lab')),
    };
    const { program, args } = rackInside();
    child = startInside({
      program,
      args,
      fds: doors.fds,
      detached: true,
      stderr: logFd ?? 'inherit',
      env: { MALLOC_ARENA_MAX: '2' },
    });
    const running = child;
    const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.stdin?.on('error', () => {}); // it ended before it read: its exit tells
    running.stdin?.write(`${JSON.stringify(wish)}\n`);
    const said = await firstSaid<RackSaid>(running, {
      timeoutMs: START_MS,
      clock,
      late: () => errors.RackFailed(`it was not ready after ${START_MS / 1000} s`),
      ended: (code) => errors.RackFailed(`it ended with ${code} before it was ready`),
    });
    if (!said.ready) throw errors.RackFailed(said.error);
    doors.close(); // the program inside holds them now
    return {
      app: said.app,
      rack: said.rack,
      pid: running.pid ?? 0,
      ended,
      async close() {
        running.stdin?.end();
        await gone(running, STOP_MS, clock);
      },
    };
  } catch (error) {
    doors.close();
    child?.kill('SIGKILL');
    throw error;
  } finally {
    if (logFd !== undefined) closeSync(logFd);
  }
}

/** The socket of the rack's control API; none where its port is taken. */
async function controlDoor(
  doors: Doors,
  port: number,
  say: (line: string) => void,
): Promise<Pick<RackWish, 'controlFd'>> {
  if (port === 0) return {};
  try {
    return { controlFd: await doors.tcp('127.0.0.1', port) };
  } catch (error) {
    say(`ingot lab does not reach this rack (lab.control): ${messageOf(error)}`);
    return {};
  }
}

/** Our settings in the environment; nothing else of it goes inside. */
function ownVariables(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => /^(INGOT_|XDG_DATA_HOME$|DATABASE_URL$)/.test(name));
  return Object.fromEntries(own.filter((one): one is [string, string] => one[1] !== undefined));
}

/** The folder, or a short link to it. */
async function shortFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (Buffer.byteLength(folder) <= LONGEST_DIR) return folder;
  const link = join(tmpdir(), `ingot-lab-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
  await rm(link, { force: true });
  await symlink(folder, link);
  return link;
}
