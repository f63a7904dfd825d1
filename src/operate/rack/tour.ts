import { messageOf } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import type { Config } from '#platform/settings';
import type { App } from '../../app.ts';
import { connectTo } from '../../cli/tour/connect.ts';
import { deployNode } from '../../cli/tour/deploy.ts';
import { tour } from '../../cli/tour/tour.ts';
import type { RackFiles } from './files.ts';
import { BMC_LOGIN, bmcRange } from './layout.ts';

const HOSTNAME = 'first';

/**
 * Takes the rack through its life, as its operator would by hand, and says how to log in to the machine that was
 * deployed. Never throws for a machine, or for a ramdisk or image that could not be built: it says so.
 */
export async function rackTour(config: Config, app: App, files: RackFiles, signal: AbortSignal): Promise<void> {
  const { url, login } = app;
  if (url === null || login.cloudsFile === null) return;
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const client = await connectTo(login.cloudsFile);
  const ready = await files.ramdisk.then(
    () => true,
    (error: unknown) => say(`The deploy ramdisk could not be built, so no machine boots: ${messageOf(error)}`),
  );
  if (ready !== true) return;
  await tour({
    client,
    places: [bmcRange(config.lab.machines)],
    user: BMC_LOGIN.name,
    password: BMC_LOGIN.password,
    say,
    signal,
    async deploy(uuid, name) {
      const image = await files.image;
      if (image === undefined) return;
      const password = systemRandom.bytes(9).toString('base64url');
      await deployNode(client, uuid, name, { image, hostname: HOSTNAME, password });
      say(`\n${name} runs ${config.lab.image}. Log in on its console, as root with the password ${password}:\n`);
      say(`  bin/ingot.mjs console ${name}\n`);
    },
  });
}
