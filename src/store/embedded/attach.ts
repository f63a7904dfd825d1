import { lstat } from 'node:fs/promises';
import type { Clock } from '#kernel/clock';
import { urlsOf } from './bring-up.ts';
import { readPasswords } from './cluster.ts';
import { embeddedErrors } from './errors.ts';
import { openPlace } from './place.ts';
import { findRunning } from './postmaster.ts';
import type { EmbeddedServer } from './server.ts';

/** How long a server that is starting just now may take. */
const WAIT_MS = 15_000;

/**
 * Connects to the server another process of ours runs on `dataDir`, and leaves it running. Takes no ownership,
 * changes nothing. Throws `NotRunning`.
 */
export async function joinEmbedded(dataDir: string, clock: Clock): Promise<EmbeddedServer> {
  const exists = (await lstat(dataDir).catch(() => undefined)) !== undefined;
  const place = exists ? await openPlace(dataDir) : undefined;
  const found = place && (await findRunning(place, clock, WAIT_MS, false));
  if (place === undefined || found?.ready !== true) throw embeddedErrors.NotRunning(dataDir);
  const sockets = found.socketDir;
  return {
    ...urlsOf({ sockets, passwords: await readPasswords(place) }),
    socketDir: sockets,
    how: 'joined',
    pid: () => found.pid,
    problem: () => undefined,
    close: async () => {},
  };
}

/** The URL of the server another process of ours runs on `dataDir`; undefined when none does. */
export async function attachEmbedded(dataDir: string, clock: Clock): Promise<string | undefined> {
  try {
    return (await joinEmbedded(dataDir, clock)).url;
  } catch (error) {
    if ((error as { code?: string }).code === 'NotRunning') return undefined;
    throw error;
  }
}
