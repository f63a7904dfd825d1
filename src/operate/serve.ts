import { type ConfigInput, loadConfig } from '#platform/config';
import { startApp } from '../app.ts';
import { inFrame } from './frame.ts';
import { welcome } from './welcome.ts';

/** Who sets one of these has a cloud in mind, not a rehearsal. */
const RACK_UNSET = ['lab.rack', 'roles', 'database.url'];
const START_MS = 60_000;

/**
 * Starts the program and returns; it then runs until a signal. `rehearse`: whoever set nothing else gets a rack to
 * look at. Throws what stopped it from starting.
 */
export async function serve(input: ConfigInput, { rehearse = false } = {}): Promise<void> {
  const { config, sources } = loadConfig(input);
  if (rehearse && RACK_UNSET.every((name) => sources.get(name)?.kind === 'default')) config.lab.rack = 'auto';
  if (config.lab.rack === 'auto' || config.lab.rack === 'emulated') {
    const { serveWithRack } = await import('./rack/serve.ts');
    if (await serveWithRack(config, input)) return;
  }
  const simulated = config.lab.rack === 'simulated' ? await import('./rack/simulated.ts') : undefined;
  simulated?.onLoopback(config);
  await inFrame(config, {
    startMs: START_MS,
    start: ({ log, shutdown }) => startApp({ config, log, shutdown }),
    async runs(app, { shutdown }) {
      process.stdout.write(welcome(config, app));
      await simulated?.runSimulatedRack(config, app, shutdown);
    },
  });
}
