import { startApp } from '../app.ts';
import { type ConfigInput, loadConfig } from '#platform/config';
import { createShutdown } from '#platform/shutdown';
import { openLog, watchFaults } from './logging.ts';
import { welcome } from './welcome.ts';
import { stopWithWrapper } from './wrapper.ts';

/** Who sets one of these has a cloud in mind, not a rehearsal. */
const RACK_UNSET = ['lab.rack', 'roles', 'database.url'];

/**
 * Starts the program and returns; it then runs until a signal. `rehearse`: whoever set nothing else gets a rack to
 * look at. Throws what stopped it from starting.
 */
export async function serve(input: ConfigInput, { rehearse = false } = {}): Promise<void> {
  const { config, sources } = loadConfig(input);
  if (rehearse && RACK_UNSET.every((name) => sources.get(name)?.kind === 'default')) config.lab.rack = 'auto';
  if (config.lab.rack !== 'none') {
    const { serveWithRack } = await import('./rack/serve.ts');
    if (await serveWithRack(config, input)) return;
  }
  const log = openLog(config);
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
