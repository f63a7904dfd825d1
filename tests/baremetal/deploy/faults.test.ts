import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import type { AgentFault } from '#lab/machine/simulated/agent/options';
import { openRack, type Rack, type Shown } from './rack.ts';
import { INSTANCE } from './stand-in-images.ts';

// Agents that fail, vanish, start anew or lie at each phase: each run ends where it should, and what it leaves behind
// is in order. All machines at once, one fault each.

interface Case {
  verb: 'active' | 'provide';
  at: string;
  fault: AgentFault;
  ends: string;
  error: RegExp | null;
}

const CASES: Case[] = [
  {
    verb: 'active',
    at: 'boot',
    fault: 'vanish',
    ends: 'deploy failed',
    error: /Timeout.*deploy\.deploy: boot the ramdisk/,
  },
  {
    verb: 'active',
    at: 'deploy.get_deploy_steps',
    fault: 'refuse',
    ends: 'deploy failed',
    error: /deploy\.deploy: .*answered 500/,
  },
  {
    verb: 'active',
    at: 'standby.prepare_image',
    fault: 'fail',
    ends: 'deploy failed',
    error: /deploy\.write_image: .*it went wrong/,
  },
  {
    verb: 'active',
    at: 'standby.prepare_image',
    fault: 'refuse',
    ends: 'deploy failed',
    error: /write_image: .*answered 500/,
  },
  {
    verb: 'active',
    at: 'standby.prepare_image',
    fault: 'vanish',
    ends: 'deploy failed',
    error: /Timeout.*deploy\.write_image/,
  },
  {
    verb: 'active',
    at: 'standby.prepare_image',
    fault: 'poweroff',
    ends: 'deploy failed',
    error: /^The machine was found off while it had to stay on \(deploy\.write_image/,
  },
  {
    verb: 'active',
    at: 'standby.prepare_image',
    fault: 'restart',
    ends: 'deploy failed',
    error: /write_image: .*started anew/,
  },
  {
    verb: 'active',
    at: 'prepare_image asked',
    fault: 'forget',
    ends: 'deploy failed',
    error: /does not know the command/,
  },
  { verb: 'active', at: 'standby.prepare_image', fault: 'drop', ends: 'active', error: null },
  { verb: 'active', at: 'standby.prepare_image', fault: 'garbage', ends: 'active', error: null },
  { verb: 'active', at: 'image.install_bootloader', fault: 'fail', ends: 'active', error: null },
  {
    verb: 'active',
    at: 'image.install_bootloader',
    fault: 'vanish',
    ends: 'deploy failed',
    error: /prepare_instance_boot/,
  },
  {
    verb: 'active',
    at: 'standby.sync',
    fault: 'fail',
    ends: 'deploy failed',
    error: /tear_down_agent: .*standby\.sync/,
  },
  { verb: 'provide', at: 'clean.erase_devices', fault: 'unverified', ends: 'clean failed', error: /still held data/ },
  {
    verb: 'provide',
    at: 'clean.get_clean_steps',
    fault: 'empty',
    ends: 'clean failed',
    error: /no step of this cleaning erased/,
  },
  {
    verb: 'provide',
    at: 'clean.erase_devices',
    fault: 'fail',
    ends: 'clean failed',
    error: /deploy\.erase_devices: .*went wrong/,
  },
  {
    verb: 'provide',
    at: 'clean.erase_devices',
    fault: 'vanish',
    ends: 'clean failed',
    error: /Timeout.*erase_devices/,
  },
  {
    verb: 'provide',
    at: 'clean.erase_devices',
    fault: 'poweroff',
    ends: 'clean failed',
    error: /^The machine was found off while it had to stay on \(deploy\.erase_devices/,
  },
  {
    verb: 'provide',
    at: 'clean.erase_devices',
    fault: 'restart',
    ends: 'clean failed',
    error: /erase_devices: .*started anew/,
  },
  { verb: 'provide', at: 'clean.erase_devices', fault: 'version', ends: 'available', error: null },
];

let rack: Rack;
beforeAll(async () => {
  rack = await openRack({
    machines: CASES.length,
    agent: { latencies: { heartbeatMs: 700 } },
    conductor: {
      powerSync: { ...DEFAULT_CONDUCTOR_CONFIG.powerSync, everyMs: 1_000 },
      stateLimitsMs: { 'wait call-back': 9_000, 'clean wait': 9_000 },
      agent: { ...DEFAULT_CONDUCTOR_CONFIG.agent, networks: ['127.0.0.0/8'], answerMs: 3_000 },
    },
  });
});
afterAll(() => rack.close());

async function ended(uuid: string): Promise<Shown> {
  const done = (node: Shown) => /failed|active|available/.test(node.provision_state) && node['reservation'] === null;
  let node = await rack.node(uuid);
  await expect
    .poll(
      async () => {
        node = await rack.node(uuid);
        return done(node);
      },
      { timeout: 120_000, interval: 200 },
    )
    .toBe(true);
  return node;
}

async function play(one: Case, i: number): Promise<void> {
  const name = `m${i}`;
  const uuid = await rack.enrol(i);
  if (one.verb === 'active') {
    await rack.life.store.query({
      text: `update nodes set provision_state = 'available', instance_info = $2 where uuid = $1`,
      values: [uuid, JSON.stringify(INSTANCE)],
    });
  }
  rack.agents.fault(name, one.at, one.fault);
  await rack.life.verb(uuid, one.verb);
  const node = await ended(uuid);
  const label = `${one.at} ${one.fault}`;
  expect(`${label}: ${node.provision_state}`, String(node.last_error)).toBe(`${label}: ${one.ends}`);
  if (one.error === null) expect(node.last_error, label).toBeNull();
  else expect(node.last_error, label).toMatch(one.error);
  await inOrder(one, uuid, node, i);
}

/** What a run left behind: no token, no notes of an agent, the machine off unless it runs its instance. */
async function inOrder(one: Case, uuid: string, node: Shown, i: number): Promise<void> {
  const label = `${one.at} ${one.fault}`;
  const agents = await rack.life.store.query({
    text: 'select 1 from node_agents where node_uuid = $1 and token_hash is not null',
    values: [uuid],
  });
  const kept = one.ends === 'clean failed'; // the operator may look at the ramdisk: it stays, unless told otherwise
  if (!kept) expect(agents, label).toEqual([]);
  expect(
    Object.keys(node.driver_internal_info).filter((key) => key.startsWith('agent_')),
    label,
  ).toEqual([]);
  expect(rack.machine(i).power, label).toBe(one.ends === 'active' ? 'on' : 'off');
  const acts = rack.agents.of(`m${i}`);
  const writes = acts.filter((what) => what === 'standby.prepare_image').length;
  expect(writes, label).toBeLessThanOrEqual(1);
  const { timelines } = await rack.ask<{ timelines: { operation: string; succeeded: boolean }[] }>(
    'GET',
    `/v1/nodes/${uuid}/timeline?limit=1`,
  );
  expect(timelines[0]?.succeeded, label).toBe(one.error === null);
}

test('an agent that fails, vanishes or lies never ends in success, nor leaves anything behind', async () => {
  const results = await Promise.allSettled(CASES.map((one, i) => play(one, i)));
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
  expect(failed).toEqual([]);
}, 240_000);
