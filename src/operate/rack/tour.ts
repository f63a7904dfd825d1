import { connectTo } from '../../cli/tour/connect.ts';
import { tour } from '../../cli/tour/tour.ts';
import type { Config } from '#platform/settings';
import type { App } from '../../app.ts';
import { BMC_LOGIN, bmcRange } from './layout.ts';

/** Takes the rack through its life, as its operator would by hand. `cloudsFile` logs in. Never throws for a machine. */
export async function rackTour(config: Config, app: App, signal: AbortSignal): Promise<void> {
  if (app.url === null || app.login.cloudsFile === null) return;
  await tour({
    client: await connectTo(app.login.cloudsFile),
    places: [bmcRange(config.lab.machines)],
    user: BMC_LOGIN.name,
    password: BMC_LOGIN.password,
    say: (line) => void process.stdout.write(`${line}\n`),
    signal,
    deploy: undefined,
  });
}
