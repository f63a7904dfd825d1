import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { run, start } from '#kernel/run';
import type { Operation } from '#protocols/ovsdb/operations';
import { OvsdbClient, type OvsdbOptions } from '#protocols/ovsdb/client';

// Real database servers for tests, each a child that dies with the test.

export const NB_SCHEMA = '/usr/share/ovn/ovn-nb.ovsschema';

export interface TestServer {
  dir: string;
  /** `unix:…` */
  remote: string;
  child: ChildProcess;
  /** Kills it, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same database. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const scratchDir = () => mkdtemp(join(tmpdir(), 'ingot-network-'));

/** Starts an ovsdb-server on a fresh northbound database. */
export async function openServer(more: readonly string[] = []): Promise<TestServer> {
  const dir = await scratchDir();
  await tool('ovsdb-tool', 'create', join(dir, 'nb.db'), NB_SCHEMA);
  return serve(dir, 'nb', more);
}

/** Serves `DIR/NAME.db`. */
export async function serve(dir: string, name: string, more: readonly string[] = []): Promise<TestServer> {
  const socket = join(dir, `${name}.sock`);
  const launch = async () => {
    const args = [join(dir, `${name}.db`), `--remote=punix:${socket}`, `--unixctl=${join(dir, `${name}.ctl`)}`];
    const child = start('setpriv', ['--pdeathsig', 'KILL', 'ovsdb-server', ...args, '--no-chdir', ...more], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    await until(() => existsSync(socket), 'the socket of ovsdb-server');
    return child;
  };
  const server: TestServer = {
    dir,
    remote: `unix:${socket}`,
    child: await launch(),
    async kill() {
      if (server.child.exitCode === null && server.child.signalCode === null) {
        const gone = once(server.child, 'exit');
        server.child.kill('SIGKILL');
        await gone;
      }
      await rm(socket, { force: true });
    },
    async restart() {
      server.child = await launch();
    },
    async stop() {
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return server;
}

export const client = (remote: string, more: Partial<OvsdbOptions> = {}) =>
  new OvsdbClient({
    remote,
    database: 'OVN_Northbound',
    tables: { Logical_Switch: ['name', 'ports', 'external_ids'], Logical_Switch_Port: ['name', 'addresses', 'tag'] },
    ...more,
  });

/** Waits until `met` holds; fails with `what` after 20 s. */
export async function until(met: () => boolean | Promise<boolean>, what: string, ms = 20_000): Promise<void> {
  const end = systemClock.monotonic() + ms;
  while (!(await met())) {
    if (systemClock.monotonic() > end) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await systemClock.sleep(20);
  }
}

export const addSwitch = (name: string): Operation => ({
  op: 'insert',
  table: 'Logical_Switch',
  row: { name, external_ids: { made: 'by test' } },
});

/** Runs a tool to its end; gives what it said. */
export const tool = async (file: string, ...args: string[]): Promise<string> =>
  (await run(file, args, { timeoutMs: 30_000 })).stdout;
