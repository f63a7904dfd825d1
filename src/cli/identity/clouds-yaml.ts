import { Command } from 'commander';
import { addCloudOptions, chosenCloud } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { cloudsYaml } from './client-files.ts';
import { told } from './failure.ts';

/** `ingot clouds-yaml`: how to log in, for OpenStack's clients. */
export function command(): Command {
  return usageExits(addCloudOptions(new Command('clouds-yaml')))
    .description('Print the chosen cloud as a clouds.yaml.')
    .option('--name <name>', 'what to call the cloud there')
    .option('--with-secrets', 'write the password, too')
    .action((options: Record<string, unknown>) =>
      told(async () => {
        const cloud = await chosenCloud(options);
        const name = (options['name'] as string | undefined) ?? cloud.name ?? 'ingot';
        process.stdout.write(cloudsYaml(cloud, name, options['withSecrets'] === true));
      }),
    );
}
