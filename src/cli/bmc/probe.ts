import { Command, Option } from 'commander';
import { addCloudOptions, chosenClient } from '../cloud-options.ts';
import { EXIT, usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { harmlessJson } from '../output/cell.ts';
import { addLoginOptions, allFound, begin, follow } from './search.ts';
import { asText } from './told.ts';

/** `ingot bmc probe`: what is at an address, and how to make a node of it. */
export function command(): Command {
  const group = usageExits(addCloudOptions(new Command('bmc'))).description('Look at BMCs before they drive nodes.');
  const probe = addLoginOptions(usageExits(new Command('probe')))
    .summary('say what is at an address, and how to make a node of it')
    .description(
      'Finds out what a BMC speaks and, with a login, what machine is behind it: make, power, how it boots, network cards, quirks. Prints the commands that enrol it, or does it (--enroll). A conductor looks, so this works from anywhere. One login is tried.',
    )
    .argument('<address>', 'address or name, with :port if it is not the usual one')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action((address: string, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const { id } = await begin(client, [address], options);
        const end = await follow(client, id, { found: () => {}, far: () => {} }, new AbortController().signal);
        const found = await allFound(client, id);
        if (options['format'] === 'json') process.stdout.write(`${harmlessJson(found, 2)}\n`);
        else process.stdout.write(found.map(asText).join('\n'));
        if (found.length === 0) {
          process.stderr.write(`ingot: ${end.error ?? `no BMC answers at ${address}, neither Redfish nor IPMI`}\n`);
        }
        if (found.length === 0 || found.some((one) => one.error !== null)) process.exitCode = EXIT.refused;
      }),
    );
  return group.addCommand(probe);
}
