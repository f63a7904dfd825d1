import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Client } from '#sdk/client';
import { addCloudOptions, chosenClient } from '../cloud-options.ts';
import { EXIT, usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { harmless, harmlessJson } from '../output/cell.ts';
import { chooseNode } from './choose.ts';
import { followDeploy } from './follow.ts';
import { loginText } from './login.ts';
import { printPlan, readPlan } from './plan.ts';
import { startDeploy } from './start.ts';
import { configDriveFrom, instanceFrom, type Wanted } from './wanted.ts';

/** `ingot deploy`: a machine with an image, in one line. */
export function command(): Command {
  return usageExits(addCloudOptions(new Command('deploy')))
    .description(
      'Deploys an image on a machine and says how to log in: on the named node, or on one of a resource class. With --dry-run nothing is touched: it says what would happen, what is missing, and how long it will take.',
    )
    .argument('[node]', 'UUID or name of the node; none: one that is available')
    .requiredOption('--image <image>', 'URL of an image, or an image of the image service')
    .option('--checksum <checksum>', 'sha256 or sha512 of it: hex, algorithm:hex, or the URL of a checksum file')
    .option('--image-format <format>', 'raw, qcow2 or auto')
    .option('--key <file>', 'public SSH key: a file, or the key itself; ~/.ssh has one that is taken without')
    .option('--password-file <file>', 'holds the password for its console, for images that take one')
    .option('--name <name>', 'what the instance is called')
    .option('--flavor, --resource-class <class>', 'take any available node of this resource class')
    .option('--trait <trait>', 'that has this trait (repeat it for more)', (one: string, all: string[] | undefined) => [
      ...(all ?? []),
      one,
    ])
    .option('--user-data <file>', 'user data for cloud-init; - reads standard input')
    .option('--network-data <file>', "OpenStack's network_data.json for the instance")
    .option('--dry-run', 'only say what would happen')
    .option('--no-wait', 'return when it has begun')
    .addOption(new Option('-f, --format <format>', 'how to print the end').choices(['text', 'json']).default('text'))
    .action((node: string | undefined, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        await deploy(client, await wantedFrom(node, options), options);
      }),
    );
}

async function wantedFrom(node: string | undefined, options: Record<string, unknown>): Promise<Wanted> {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  const file = async (name: string) => {
    const path = text(name);
    return path === undefined ? undefined : await readFile(path === '-' ? '/dev/stdin' : path, 'utf8');
  };
  const password = (await file('passwordFile'))?.replace(/\r?\n$/, '');
  return {
    node,
    password,
    image: String(options['image']),
    checksum: text('checksum'),
    format: text('imageFormat'),
    key: text('key'),
    name: text('name'),
    resourceClass: text('resourceClass'),
    traits: Array.isArray(options['trait']) ? options['trait'].map(String) : [],
    userData: await file('userData'),
    networkData: await file('networkData'),
  };
}

async function deploy(client: Client, wanted: Wanted, options: Record<string, unknown>): Promise<void> {
  const json = options['format'] === 'json';
  const dry = options['dryRun'] === true;
  const drive = await configDriveFrom(wanted);
  const chosen = await chooseNode(client, wanted, dry);
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  if (dry) {
    const plan = await readPlan(client, chosen.uuid, instanceFrom(wanted));
    process.stdout.write(json ? `${harmlessJson(plan, 2)}\n` : printPlan(chosen.name, plan));
    if (!plan.ready) process.exitCode = EXIT.refused;
    return;
  }
  say(`Deploying ${harmless(wanted.image)} on ${harmless(chosen.name)}.`);
  await startDeploy(client, chosen, wanted, drive);
  if (options['wait'] === false) {
    say(`It has begun: ingot node timeline ${harmless(chosen.name)}`);
    return;
  }
  const end = await followDeploy(client, chosen);
  if (end.error !== null) {
    say(`ingot: ${harmless(end.error)}`);
    say(`Look: ingot node timeline ${chosen.uuid}   Undo: ingot baremetal node undeploy ${chosen.uuid}`);
    process.exitCode = EXIT.refused;
    return;
  }
  const login = await loginText(client, chosen, wanted);
  process.stdout.write(json ? `${harmlessJson({ node: chosen.uuid, name: chosen.name, ...login }, 2)}\n` : login.text);
}
