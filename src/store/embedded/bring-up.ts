import pg from 'pg';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { StoreLog } from '../log.ts';
import { type Account, chooseAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import {
  ADMIN,
  clusterVersion,
  createCluster,
  DATABASE,
  type Passwords,
  readPasswords,
  ROLE,
  writeConfig,
} from './cluster.ts';
import { launch, START_MS } from './launch.ts';
import { type Place, socketDir } from './place.ts';
import { findRunning, stopServer } from './postmaster.ts';
import { defaultSettings, type Settings } from './settings.ts';

const ANSWER_MS = 3_000;

export interface EmbeddedOptions {
  dataDir: string;
  clock: Clock;
  log: StoreLog;
  /** Over the defaults of settings.ts. */
  settings?: Settings;
  /** Leaves the npm package's binaries out, for tests of the way back to Debian's. */
  skipEmbedded?: boolean;
}

/** A server that runs, whoever watches it. */
export interface Running {
  place: Place;
  account: Account;
  passwords: Passwords;
  how: 'created' | 'started' | 'adopted';
  pid: number;
  sockets: string;
  /** What it was started with; unknown when it was adopted. */
  binaries?: Binaries;
}

/** Adopts, or creates and starts, the server of a place this process has the right to. */
export async function bringUp(place: Place, options: EmbeddedOptions): Promise<Running> {
  const account = await chooseAccount(place.cluster);
  const major = await clusterVersion(place);
  const adopted = major === undefined ? undefined : await adopt(place, account, options);
  if (adopted !== undefined) return adopted;
  const binaries = await locate(place, account, major, options);
  const passwords = major === undefined ? await createCluster(place, account, binaries) : await readPasswords(place);
  const how = major === undefined ? 'created' : 'started';
  const sockets = await socketDir(place, account);
  await writeConfig(place, account, { ...defaultSettings(binaries.major, sockets), ...options.settings });
  const pid = await launch(place, account, binaries, options.clock);
  return { place, account, passwords, how, pid, sockets, binaries };
}

/** Takes over a server that was left running; one that does not answer is stopped. */
async function adopt(place: Place, account: Account, options: EmbeddedOptions): Promise<Running | undefined> {
  const left = await findRunning(place, options.clock, START_MS);
  if (left === undefined) return undefined;
  const passwords = await readPasswords(place);
  const running: Running = { place, account, passwords, how: 'adopted', pid: left.pid, sockets: left.socketDir };
  const client = new pg.Client({
    connectionString: urlsOf(running).url,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    options.log.info({ pid: left.pid }, 'adopted the database server that was left running');
    return running;
  } catch (error) {
    options.log.warn({ pid: left.pid, error: messageOf(error) }, 'stopping a database server that does not answer');
    await stopServer(left.pid, options.clock, ANSWER_MS);
    return undefined;
  }
}

/** Starts the server of an existing cluster again. Gives its pid. */
export async function startAgain(running: Running, options: EmbeddedOptions): Promise<number> {
  const { place, account, sockets } = running;
  const left = await findRunning(place, options.clock, START_MS);
  if (left?.ready) return left.pid;
  const binaries = running.binaries ?? (await locate(place, account, await clusterVersion(place), options));
  await socketDir(place, account); // cleaners of /tmp and /run may have taken it
  await writeConfig(place, account, { ...defaultSettings(binaries.major, sockets), ...options.settings });
  return await launch(place, account, binaries, options.clock);
}

function locate(
  place: Place,
  account: Account,
  major: number | undefined,
  options: EmbeddedOptions,
): Promise<Binaries> {
  return findBinaries({
    account,
    dataDir: place.dataDir,
    major,
    log: options.log,
    ...(options.skipEmbedded === undefined ? {} : { skipEmbedded: options.skipEmbedded }),
  });
}

/** The URLs of a running server, with their passwords. */
export function urlsOf(running: Pick<Running, 'sockets' | 'passwords'>): { url: string; adminUrl: string } {
  const address = `localhost/${DATABASE}?host=${encodeURIComponent(running.sockets)}`;
  return {
    url: `postgresql://${ROLE}:${running.passwords.ingot}@${address}`,
    adminUrl: `postgresql://${ADMIN}:${running.passwords.admin}@${address}`,
  };
}
