import { expect } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { until } from '../house/ingot.ts';
import { type NodeFacts, type Site, VERB_MS } from './site.ts';

// How an operation that something went wrong in ends: in a failed state that names the step, with nothing left behind.

const LOOK_MS = 200;

/** Waits until the machine is being written to: its agent has the command. */
export async function writing(site: Site, node: string): Promise<void> {
  const writes = async () => {
    await systemClock.sleep(LOOK_MS);
    const { provision_state: state, last_error, driver_internal_info: info } = await site.read(node);
    if (state === 'active' || state.endsWith(' failed')) throw new Error(`${node} is ${state}: ${last_error}`);
    const command = info['agent_command'] as { name: string; id?: string } | undefined;
    return state === 'wait call-back' && command?.name === 'standby.prepare_image' && command.id !== undefined;
  };
  await until('the image is written', writes, VERB_MS);
}

/** Asks for a deploy that must fail, and looks at what it left. Gives the node as it is then. */
export async function failsToDeploy(
  site: Site,
  machine: string,
  node: string,
  error: RegExp,
  meanwhile: () => Promise<void> = async () => {},
): Promise<NodeFacts> {
  await site.ask('PUT', `/v1/nodes/${node}/states/provision`, { target: 'active' });
  await meanwhile();
  await site.until(node, ['deploy failed', 'active', 'error']);
  // It says so first, and then puts things in order.
  let facts = await site.read(node);
  const over = async () => {
    await systemClock.sleep(LOOK_MS);
    facts = await site.read(node);
    return facts.reservation === null;
  };
  await until(`${node} is let go of`, over, VERB_MS);
  expect(facts.provision_state, String(facts.last_error)).toBe('deploy failed');
  expect(facts.last_error).toMatch(error);
  await leftNothing(site, machine, facts);
  return facts;
}

/** The machine is off, nothing is in its drive, nothing is offered to it, its agent's token is worth nothing. */
export async function leftNothing(site: Site, machine: string, node: NodeFacts): Promise<void> {
  expect(await site.truth(machine)).toMatchObject({ power: 'off', media: [] });
  const { uuid } = node;
  expect(await site.query('select 1 from boot_offers where node_uuid = $1', [uuid])).toEqual([]);
  const tokens = 'select 1 from node_agents where node_uuid = $1 and token_hash is not null';
  expect(await site.query(tokens, [uuid])).toEqual([]);
  const kept = Object.keys(node.driver_internal_info).filter((key) => key.startsWith('agent_'));
  expect(kept).toEqual([]);
  const { timelines } = await site.ask<{ timelines: { succeeded: boolean }[] }>(
    'GET',
    `/v1/nodes/${uuid}/timeline?limit=1`,
  );
  expect(timelines[0]?.succeeded).toBe(false);
}
