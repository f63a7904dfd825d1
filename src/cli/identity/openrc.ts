import { Command } from 'commander';
import { addCloudOptions, chosenCloud } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { openrc } from './client-files.ts';
import { told } from './failure.ts';

/** `ingot openrc`: how to log in, for a shell. */
export function command(): Command {
  return usageExits(addCloudOptions(new Command('openrc')))
    .description('Print the chosen cloud as a file to source before using the openstack command.')
    .option('--with-secrets', 'write the password, too, instead of asking for it')
    .action((options: Record<string, unknown>) =>
      told(async () => {
        process.stdout.write(openrc(await chosenCloud(options), options['withSecrets'] === true));
      }),
    );
}
