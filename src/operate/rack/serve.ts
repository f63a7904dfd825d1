import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { parseAddress, tryListening } from '#platform/address';
import type { ConfigInput } from '#platform/config';
import type { Config } from '#platform/settings';
import { openEmbedded } from '#store/embedded/server';
import { errors } from '../errors.ts';
import { inFrame } from '../frame.ts';
import { welcome } from '../welcome.ts';
import { connectTo } from '../../cli/tour/connect.ts';
import { registerSwitch } from '../../cli/tour/furnish.ts';
import { buildFiles, type RackFiles } from './files.ts';
import { prepareHost } from './host.ts';
import { launchRack } from './launch.ts';
import { OUTSIDE, RACK_NETWORK } from './layout.ts';

const DATABASE_MS = 30_000;
const INSIDE_MS = 65_000;

/**
 * `ingot up --lab emulated`: PostgreSQL in this process' care, Ingot and its rack in a namespace. Returns when it
 * runs; it then runs until a signal. Gives false when this host cannot have one and nobody insisted: the
 * settings then ask for a simulated rack.
 * Throws RackImpossible, and what stopped it from starting.
 */
export async function serveWithRack(config: Config, input: ConfigInput): Promise<boolean> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const ability = await prepareHost(say);
  if (!ability.able) {
    if (config.lab.rack === 'emulated') throw errors.RackImpossible(ability.why, ability.remedy);
    say(
      `No rack of QEMU machines: ${ability.why}.${ability.remedy === '' ? '' : ` To get one, type:\n  ${ability.remedy}`}`,
    );
    say('Going on with a simulated rack (--lab simulated): its BMCs and deploy agents answer, but nothing boots.');
    config.lab.rack = 'simulated';
    return false;
  }
  await tryListening(parseAddress(config.api.listen));
  const logFile = process.stderr.isTTY ? join(config.general.data_dir, 'ingot.log') : null;
  let files: RackFiles | undefined;
  await inFrame(config, {
    startMs: INSIDE_MS,
    async start({ log, shutdown }) {
      files = buildFiles(config, say, shutdown.signal);
      const database = await openEmbedded({ dataDir: config.general.data_dir, clock: systemClock, log });
      shutdown.add({ name: 'database', order: 90, timeoutMs: DATABASE_MS, stop: () => database.close() });
      shutdown.signal.throwIfAborted();
      const inside = await launchRack({ config, input, database, logFile, say });
      shutdown.add({ name: 'rack', order: 20, timeoutMs: INSIDE_MS, stop: () => inside.close() });
      void inside.ended.then(() => {
        if (shutdown.stopping) return;
        log.error({}, 'Ingot inside the namespace ended');
        void shutdown.run('it ended').then(() => process.exit(1));
      });
      return inside;
    },
    async runs({ app, pid, rack }, { shutdown }) {
      process.stdout.write(welcome(config, app));
      const enter = `nsenter -t ${pid} -U -n --preserve-credentials`;
      if (logFile !== null) say(`The log goes to ${logFile}; ${enter} goes into the rack's network.`);
      if (app.url === null || app.login.cloudsFile === null || files === undefined) return;
      const client = await connectTo(app.login.cloudsFile);
      const cabling = { ...rack, physicalNetwork: RACK_NETWORK, outside: OUTSIDE };
      const ours = config.lab.networks && config.network.service === 'own';
      if (ours) {
        await registerSwitch(client, cabling).catch((error: unknown) =>
          say(`The rack's switch could not be registered: ${messageOf(error)}`),
        );
      }
      if (!config.lab.tour) return;
      const { rackTour } = await import('./tour.ts');
      const moved = ours && rack.carried ? cabling : null;
      await rackTour({ config, client, rack: moved, files, enter, signal: shutdown.signal });
    },
  });
  return true;
}
