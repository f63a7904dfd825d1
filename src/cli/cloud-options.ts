import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { defineErrors } from '#kernel/errors';
import { defaultDataDir } from '#platform/data-dir';
import type { Client } from '#sdk/client';
import type { Cloud } from '#sdk/cloud';

const errors = defineErrors({
  NoCloud: [
    400,
    () =>
      'No cloud is chosen. Start one here (npm start), or name one: --os-cloud with a clouds.yaml, --os-endpoint for a service without login, or the OS_ variables of an openrc file.',
  ],
});

/** Adds the options that say which cloud is meant. */
export function addCloudOptions(command: Command): Command {
  const group = 'Which cloud:';
  const options = [
    new Option('--os-cloud <name>', 'cloud of clouds.yaml').env('OS_CLOUD'),
    new Option('--os-endpoint <url>', 'address of a service that needs no login'),
    new Option('--os-baremetal-api-version <version>', 'microversion to speak, 1.72 or latest'),
    new Option('--request-timeout <seconds>', 'for each request').default('60'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
  return command;
}

/** The cloud that options, environment and files name; the one of this machine's `ingot up` when nobody names any. */
export async function chosenCloud(options: Readonly<Record<string, unknown>>): Promise<Cloud> {
  const { findCloud } = await import('#sdk/cloud');
  const given = options['osEndpoint'] as string | undefined;
  const env = given === undefined ? process.env : { OS_ENDPOINT: given, OS_AUTH_TYPE: 'none' };
  const dataDir = process.env['INGOT_DATA_DIR'] || defaultDataDir(process.env);
  const cloud = await findCloud({
    env,
    name: given === undefined ? (options['osCloud'] as string | undefined) : undefined,
    cwd: process.cwd(),
    home: homedir(),
    lastResort: [join(dataDir, 'clouds.yaml')],
  });
  if (cloud === undefined) throw errors.NoCloud();
  return cloud;
}

/** Connections to the chosen cloud. Nothing is sent yet. */
export async function chosenClient(options: Readonly<Record<string, unknown>>): Promise<Client> {
  const cloud = await chosenCloud(options);
  const { connect } = await import('#sdk/client');
  const seconds = Number(options['requestTimeout'] ?? 60);
  return connect(cloud, {
    timeoutMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 60_000,
    version: options['osBaremetalApiVersion'] as string | undefined,
    userAgent: 'ingot-cli',
  });
}
