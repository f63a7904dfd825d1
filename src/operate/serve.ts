import { startApp } from '../app.ts';
import { type ConfigInput, loadConfig } from '#platform/config';
import { createLog, type Log } from '#platform/log';
import type { Config } from '#platform/settings';
import { createShutdown } from '#platform/shutdown';
import { welcome } from './welcome.ts';
import { stopWithWrapper } from './wrapper.ts';

/** Starts the program and returns; it then runs until a signal. Throws what stopped it from starting. */
export async function serve(input: ConfigInput): Promise<void> {
  const { config } = loadConfig(input);
  const log = createLog({ level: config.general.log_level, pretty: isPretty(config) });
  const shutdown = createShutdown(log);
  const faults = watchFaults(log);
  shutdown.onSignals(['SIGTERM', 'SIGINT', 'SIGHUP']);
  stopWithWrapper();
  const starting = startApp({ config, log, shutdown });
  // A stop that is asked for meanwhile waits for the start to notice: what it started must end with it.
  shutdown.add({ name: 'start', order: 0, timeoutMs: 60_000, stop: () => starting.then(ignore, ignore) });
  try {
    const app = await starting;
    if (!shutdown.stopping) process.stdout.write(welcome(config, app));
  } catch (error) {
    // A signal during the start makes the start fail; the stop it asked for goes on by itself.
    if (shutdown.stopping) return;
    faults.off();
    await shutdown.run('the start failed');
    log.flush();
    throw error;
  }
}

function ignore(): void {}

function isPretty(config: Config): boolean {
  const { log_format } = config.general;
  return log_format === 'pretty' || (log_format === 'auto' && process.stderr.isTTY === true);
}

/** What nobody caught is our fault: it is logged, and the program goes on, for its state is in the database. */
function watchFaults(log: Log): { off(): void } {
  const onRejection = (err: unknown) =>
    log.error({ err }, 'a promise failed and nobody looked: this is a fault in Ingot');
  const onException = (err: unknown) => {
    log.fatal({ err }, 'something was thrown and nobody caught it: this is a fault in Ingot');
    log.flush();
    process.exit(70);
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return {
    off() {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
    },
  };
}
