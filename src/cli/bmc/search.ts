import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { systemClock } from '#kernel/clock';
import { defineErrors } from '#kernel/errors';
import type { Client } from '#sdk/client';
import { discovery, type DiscoveryFoundResponse } from '#sdk/generated/discovery';

const errors = defineErrors({
  NoPassword: [400, () => 'A password is needed: --password-file FILE (or - for standard input), or BMC_PASSWORD.'],
  NoUser: [400, () => 'A user name is needed beside the password: --user NAME.'],
});

export type Found = DiscoveryFoundResponse['found'][number];

/** How far a search is. */
export interface Search {
  id: string;
  state: 'running' | 'done' | 'stopped' | 'failed';
  total: number;
  scanned: number;
  found: number;
  enrolled: number;
  error: string | null;
}

const POLL_MS = 300;

/** Options that both commands share. */
export function addLoginOptions(command: Command): Command {
  const group = 'The BMCs:';
  const options = [
    new Option('-u, --user <name>', 'account at the BMCs').env('BMC_USER'),
    new Option('--password-file <file>', 'file with its password, - for standard input (else BMC_PASSWORD)'),
    new Option('--protocol <protocol>', 'only this one').choices(['redfish', 'ipmi']),
    new Option(
      '--certificates <how>',
      'pin what is seen, send the password only to those a CA vouches for, or take any',
    )
      .choices(['pin', 'ca', 'any'])
      .default('pin'),
    new Option('--enroll', 'make nodes of what is found'),
    new Option('--conductor-group <group>', 'conductors that look, and drive what is enrolled'),
    new Option('--resource-class <class>', 'of nodes that are made'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
  return command;
}

/** Starts a search as the options say, with the password that is `given` or that they lead to. Throws NoPassword, NoUser and what the server says. */
export async function begin(
  client: Client,
  places: readonly string[],
  options: Record<string, unknown>,
  given?: string,
): Promise<Search> {
  const password = given ?? (await passwordOf(options));
  const username = options['user'] as string | undefined;
  if (username === undefined && password !== undefined) throw errors.NoUser();
  if (username !== undefined && password === undefined) throw errors.NoPassword();
  const count = (key: string) => (options[key] === undefined ? undefined : Number(options[key]));
  const body = {
    places: [...places],
    username,
    password,
    protocols: options['protocol'] === undefined ? undefined : [options['protocol'] as string],
    certificates: options['certificates'],
    enroll: options['enroll'] === true ? true : undefined,
    conductor_group: options['conductorGroup'],
    resource_class: options['resourceClass'],
    concurrency: count('concurrency'),
    wait_ms: count('waitMs'),
  };
  return (await client.operations.loose(discovery.discoveryCreate, { body })) as Search;
}

async function passwordOf(options: Record<string, unknown>): Promise<string | undefined> {
  const file = options['passwordFile'] as string | undefined;
  if (file === undefined) return process.env['BMC_PASSWORD'] || undefined;
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  return text.split('\n')[0] ?? '';
}

/** What a search found, after the one with that `seq`. Nodes are made at its end: until then none is named. */
export async function* foundBy(client: Client, id: string, after = '0'): AsyncGenerator<Found> {
  for (let last = after; ; ) {
    const page = (await client.operations.loose(discovery.discoveryFound, {
      params: { discovery: id },
      query: { after: last },
    })) as DiscoveryFoundResponse;
    yield* page.found;
    const next = page.found.at(-1)?.seq;
    if (next === undefined) return;
    last = next;
  }
}

/** Follows a search to its end; `found` is told of each machine once, `far` whenever it was looked at. */
export async function follow(
  client: Client,
  id: string,
  told: { found(one: Found): void; far(search: Search): void },
  signal: AbortSignal,
): Promise<Search> {
  let after = '0';
  for (;;) {
    // before the list, so that nothing is missed when it says that it is over
    const search = (await client.operations.loose(discovery.discoveryShow, { params: { discovery: id } })) as Search;
    for (const one of await allFound(client, id, after)) {
      after = one.seq;
      told.found(one);
    }
    told.far(search);
    if (search.state !== 'running') return search;
    await systemClock.sleep(POLL_MS, signal);
  }
}

/** What a search found after `after`, as it is now: nodes are made at its end. */
export async function allFound(client: Client, id: string, after = '0'): Promise<Found[]> {
  const all: Found[] = [];
  for (;;) {
    const input = { params: { discovery: id }, query: { after: all.at(-1)?.seq ?? after } };
    const { found } = (await client.operations.loose(discovery.discoveryFound, input)) as DiscoveryFoundResponse;
    if (found.length === 0) return all;
    all.push(...found);
  }
}

export async function stop(client: Client, id: string): Promise<void> {
  await client.operations.loose(discovery.discoveryStop, { params: { discovery: id } });
}

export async function list(client: Client): Promise<Record<string, unknown>[]> {
  const { discoveries } = (await client.operations.loose(discovery.discoveryList, {})) as {
    discoveries: Record<string, unknown>[];
  };
  return discoveries;
}
