import { messageOf } from '#kernel/errors';
import { baremetal } from '#sdk/generated/baremetal';
import type { Client } from '#sdk/client';
import type { Row } from '#sdk/pages';
import { reachState } from '../baremetal/actions/provision.ts';
import { Progress } from '../baremetal/progress.ts';
import { begin, follow, type Found, foundBy } from '../bmc/search.ts';
import { nextClimb, type Rung } from './ladder.ts';

/** What to take through its life. */
export interface TourOptions {
  client: Client;
  /** Where the rack's BMCs are, and their account. */
  places: readonly string[];
  user: string;
  password: string;
  /** What the BMCs' certificates must be; default: pinned as first seen. */
  certificates?: 'pin' | 'any';
  /** Told what happens, a line at a time. */
  say(line: string): void;
  signal: AbortSignal;
  /** Whether machines can be booted, once that is known; default: they can. Machines are looked for and checked before. */
  bootable?: Promise<boolean>;
  /** Writes where the cables of an inspected node end, where somebody knows it. */
  cable?(node: string): Promise<void>;
  /** Makes an instance of an offered node. */
  deploy(node: string, name: string): Promise<void>;
}

/** Minutes after which a machine is given up on; the limits of the states themselves end it earlier. */
const CLIMB_MINUTES = 30;

/**
 * Takes a rack through what its operator would do by hand, all of it through the API: looks for BMCs, checks,
 * inspects and cleans what they belong to, and deploys the first. What an earlier tour did is not done again. The
 * first machine goes ahead, for somebody is waiting for it. Never throws for a machine: it says what became of it.
 */
export async function tour(options: TourOptions): Promise<void> {
  const { say } = options;
  const nodes = await discovered(options);
  const [first, ...others] = nodes;
  if (first === undefined) return say('No BMC answered there.');
  const name = await offered(options, first);
  if (name !== undefined) await deployed(options, first, name);
  for (const node of others) await offered(options, node);
}

async function discovered(options: TourOptions): Promise<string[]> {
  const { client, say, signal } = options;
  const wish = { user: options.user, protocol: 'redfish', certificates: options.certificates ?? 'pin', enroll: true };
  const search = await begin(client, options.places, wish, options.password);
  say(`Looking for BMCs at ${options.places.join(', ')} ...`);
  await follow(
    client,
    search.id,
    {
      found(one) {
        say(`  ${one.place}  ${one.driver}  ${[one.vendor, one.model, one.serial].filter(Boolean).join(' ')}`);
      },
      far: () => {},
    },
    signal,
  );
  const all: Found[] = [];
  for await (const one of foundBy(client, search.id)) all.push(one);
  const places = all.sort((a, b) => a.place.localeCompare(b.place, 'en', { numeric: true }));
  return places.map((one) => one.node_uuid).filter((uuid) => uuid !== null);
}

/** Up to `available`; gives its name when it is there. */
async function offered(
  { client, say, signal, cable, bootable }: TourOptions,
  uuid: string,
): Promise<string | undefined> {
  const read = async () =>
    (await client.baremetal.loose(baremetal.nodeShow, {
      params: { node_ident: uuid },
      query: { fields: ['name', 'provision_state', 'inspection_finished_at', 'last_error'] },
    })) as Row & Rung;
  const progress = new Progress(client.baremetal.clock);
  try {
    let node = await read();
    const name = String(node['name'] ?? uuid);
    for (let climb = nextClimb(node); climb !== undefined && !signal.aborted; climb = nextClimb(node)) {
      if (climb.target !== 'manage' && (await bootable) === false) return undefined;
      if (climb.target === 'provide') await cable?.(uuid);
      await client.baremetal.loose(baremetal.nodeStatesProvision, {
        params: { node_ident: uuid },
        body: { target: climb.target },
      });
      const parts = { connection: client.baremetal, events: client.operations };
      await reachState(parts, uuid, climb.reaches, CLIMB_MINUTES * 60, progress, name);
      node = await read();
    }
    return node.provision_state === 'available' ? name : undefined;
  } catch (error) {
    if (!signal.aborted) say(`${uuid}: ${messageOf(error)}`);
    return undefined;
  } finally {
    progress.end();
  }
}

async function deployed(options: TourOptions, uuid: string, name: string): Promise<void> {
  try {
    await options.deploy(uuid, name);
  } catch (error) {
    if (!options.signal.aborted) options.say(`${name}: ${messageOf(error)}`);
  }
}
