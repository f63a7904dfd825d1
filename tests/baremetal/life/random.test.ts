import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProvisionState } from '#baremetal/states/names';
import { isMoving, STATES } from '#baremetal/states/table';
import { VERB_TARGETS, verbsIn } from '#baremetal/states/verbs';
import { systemClock } from '#kernel/clock';
import { type Random, seededRandom } from '#kernel/random';
import { type Life, openLife } from './harness.ts';

// Verbs in any order, power in between, machines that fail or are slow, all from a seed: whatever is asked, nodes
// only ever go where the table leads, errors are those of a client's mistake, and everything comes to rest.

const SEED = Number(process.env['SEED'] ?? 7);
const NODES = 12;
const VERBS_EACH = 40;

let life: Life;
beforeAll(async () => {
  const waits = {
    'wait call-back': 200,
    'clean wait': 200,
    'service wait': 200,
    'rescue wait': 200,
    'inspect wait': 200,
  };
  life = await openLife({ conductor: { stateLimitsMs: waits, powerChangeMs: 1_000 } });
});
afterAll(() => life.close());

function pick<T>(random: Random, all: readonly T[]): T {
  return all[Math.floor(random.next() * all.length)] as T;
}

function driverInfo(random: Random): object {
  const step = pick(random, [
    'clean.erase_devices',
    'deploy.deploy',
    'deploy.boot_instance',
    'rescue',
    'service.burnin_cpu',
    'inspect',
  ]);
  const chance = random.next();
  if (chance < 0.3) return { fake_fail: { [step]: 'broken' } };
  if (chance < 0.5) return { fake_fail: { [step]: 'hang' } };
  if (chance < 0.7) return { fake_delay_s: { [step]: 1 } };
  if (chance < 0.8) return { fake_delay_s: { power: 0.05 } };
  return {};
}

async function torment(random: Random, uuid: string): Promise<void> {
  for (let i = 0; i < VERBS_EACH; i++) {
    // Mostly what makes sense where the node is, so that it gets somewhere; sometimes anything.
    const sensible = verbsIn((await life.row(uuid)).provision_state).filter(
      (verb) => verb !== 'abort' || random.next() < 0.3,
    );
    const target = sensible.length > 0 && random.next() < 0.8 ? pick(random, sensible) : pick(random, VERB_TARGETS);
    const steps = [{ interface: 'deploy', step: pick(random, ['burnin_cpu', 'hold', 'erase_devices_metadata']) }];
    const more = {
      ...(target === 'clean' ? { cleanSteps: steps } : {}),
      ...(target === 'service' ? { serviceSteps: steps } : {}),
      ...(target === 'rescue' ? { rescuePassword: 'x' } : {}),
    };
    const asked =
      random.next() < 0.15 ? life.power(uuid, pick(random, ['power on', 'rebooting'])) : life.verb(uuid, target, more);
    const error = await asked.then(
      () => undefined,
      (thrown: { status?: number }) => thrown,
    );
    if (error !== undefined) expect([400, 403, 409]).toContain(error.status);
    // Clear what keeps a node from everything else, as its operator would.
    if (random.next() < 0.1) {
      await life.store.query({
        text: 'update nodes set maintenance = false, fault = null, revision = revision + 1 where uuid = $1 and operation_id is null',
        values: [uuid],
      });
    }
    await systemClock.sleep(random.next() * 60);
  }
}

test(`verbs in any order (seed ${SEED})`, { timeout: 120_000 }, async () => {
  const random = seededRandom(SEED);
  const uuids: string[] = [];
  for (let i = 0; i < NODES; i++) uuids.push(...(await life.enrol(1, { driver_info: driverInfo(random) })));
  await Promise.all(uuids.map((uuid, i) => torment(seededRandom(SEED * 1_000 + i), uuid)));
  const visited = new Set<string>();
  for (const uuid of uuids) {
    const deadline = systemClock.monotonic() + 30_000;
    for (;;) {
      const node = await life.row(uuid);
      const { kind } = STATES[node.provision_state];
      if (
        kind === 'hold' ||
        ((kind === 'stable' || kind === 'failed') && node.operation_id === null && node.intent_id === null)
      ) {
        if (kind !== 'hold') expect(node).toMatchObject({ reservation: null, owner_incarnation: null, progress: null });
        break;
      }
      if (systemClock.monotonic() > deadline)
        throw new Error(`${uuid} is stuck in ${node.provision_state} ${node.operation_id}`);
      await systemClock.sleep(20);
    }
    let at: ProvisionState = 'enroll';
    for (const entry of await life.history(uuid)) {
      if (entry.state === null || !entry.event.includes(' → ')) {
        if (entry.state !== null) at = entry.state as ProvisionState;
        continue;
      }
      expect(Object.values(STATES[at].on), `${uuid}: ${at} → ${entry.state}`).toContain(entry.state);
      at = entry.state as ProvisionState;
      visited.add(at);
    }
    expect(isMoving(at)).toBe(false);
    const intents = await life.store.query({ text: 'select 1 from node_intents where node_uuid = $1', values: [uuid] });
    const held = STATES[(await life.row(uuid)).provision_state].kind === 'hold';
    if (!held) expect(intents).toEqual([]);
  }
  // It did go places.
  expect(visited.size).toBeGreaterThan(15);
});
