import { messageOf } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import type { Config } from '#platform/settings';
import type { Client } from '../../cli/tour/connect.ts';
import { deployNode } from '../../cli/tour/deploy.ts';
import { cableNode, type Cabling, connectNode } from '../../cli/tour/furnish.ts';
import { tour } from '../../cli/tour/tour.ts';
import type { RackFiles } from './files.ts';
import { BMC_LOGIN, bmcRange } from './layout.ts';

const HOSTNAME = 'first';

/** What the tour is of. */
export interface RackTour {
  config: Config;
  client: Client;
  /** Null: machines stay on one network. */
  rack: Cabling | null;
  files: RackFiles;
  /** The command that goes into the rack's network, in front of one to run there. */
  enter: string;
  signal: AbortSignal;
}

/**
 * Takes the rack through its life, as its operator would by hand, and says how to log in to the machine that was
 * deployed. Never throws for a machine, or for a ramdisk or image that could not be built: it says so.
 */
export async function rackTour({ config, client, rack, files, enter, signal }: RackTour): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const bootable = files.ramdisk.then(
    () => true,
    (error: unknown) => {
      say(`The deploy ramdisk could not be built, so no machine boots: ${messageOf(error)}`);
      return false;
    },
  );
  await tour({
    client,
    places: [bmcRange(config.lab.machines)],
    user: BMC_LOGIN.name,
    password: BMC_LOGIN.password,
    bootable,
    say,
    signal,
    ...(rack === null ? {} : { cable: (node) => cableNode(client, node, rack) }),
    async deploy(uuid, name) {
      const image = await files.image;
      if (image === undefined) return;
      const at = rack === null ? undefined : await connectNode(client, uuid, rack);
      const password = systemRandom.bytes(9).toString('base64url');
      const more = config.lab.image === 'debian' ? { userData: cloudConfig(password) } : {};
      await deployNode(client, uuid, name, { image, hostname: HOSTNAME, password, ...more });
      say(`\n${name} runs ${config.lab.image}. Log in on its console, as root with the password ${password}:\n`);
      say(`  bin/ingot.mjs console ${name}\n`);
      if (at === undefined) return;
      say(
        `It is on the network \`first\` as ${at.fixed}, and outside as ${at.floating}; from the network of the rack:\n`,
      );
      say(`  ${enter} ssh ${config.lab.image === 'tiny' ? 'root' : 'debian'}@${at.floating}\n`);
    },
  });
}

/** cloud-init takes no password of a config drive's metadata. */
function cloudConfig(password: string): string {
  const list = ['root', 'debian'].map((name) => `${name}:${password}`);
  return `#cloud-config\n${JSON.stringify({ ssh_pwauth: true, chpasswd: { expire: false, list } })}\n`;
}
