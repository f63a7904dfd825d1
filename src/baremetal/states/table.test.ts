import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROVISION_STATES, type ProvisionEvent, type ProvisionState } from './names.ts';
import { failureEvent, isMoving, isResting, next, STATES } from './table.ts';
import { operationFor, sinceFor, VERB_TARGETS, VERBS, verbsIn } from './verbs.ts';

const EVENTS = [...new Set(PROVISION_STATES.flatMap((state) => Object.keys(STATES[state].on)))] as ProvisionEvent[];

/** States that can be reached from one, in any number of events that `allowed` accepts. */
function reachable(from: ProvisionState, allowed: (at: ProvisionState, event: ProvisionEvent) => boolean) {
  const seen = new Set<ProvisionState>([from]);
  for (const at of seen) {
    for (const [event, to] of Object.entries(STATES[at].on)) if (allowed(at, event as ProvisionEvent)) seen.add(to);
  }
  return seen;
}

// Written down again from Ironic's documentation of the machine, apart from the table: a slip in one shows.
const IRONIC = `
enroll: manage>verifying
verifying: done>manageable fail>enroll
manageable: provide>cleaning clean>cleaning inspect>inspecting adopt>adopting
inspecting: done>manageable wait>inspect_wait fail>inspect_failed
inspect_wait: resume>inspecting done>manageable fail>inspect_failed abort>inspect_failed
inspect_failed: manage>manageable inspect>inspecting
cleaning: done>available manage>manageable wait>clean_wait hold>clean_hold fail>clean_failed
clean_wait: resume>cleaning hold>clean_hold fail>clean_failed abort>clean_failed
clean_hold: unhold>clean_wait abort>clean_failed
clean_failed: manage>manageable
available: deploy>deploying manage>manageable
deploying: done>active wait>wait_call-back hold>deploy_hold fail>deploy_failed
wait_call-back: resume>deploying hold>deploy_hold fail>deploy_failed abort>deploy_failed delete>deleting
deploy_hold: unhold>wait_call-back abort>deploy_failed
deploy_failed: deploy>deploying rebuild>deploying delete>deleting
active: rebuild>deploying delete>deleting rescue>rescuing service>servicing
deleting: clean>cleaning fail>error
error: rebuild>deploying delete>deleting
adopting: done>active fail>adopt_failed
adopt_failed: adopt>adopting manage>manageable
rescuing: done>rescue wait>rescue_wait fail>rescue_failed
rescue_wait: resume>rescuing fail>rescue_failed abort>rescue_failed delete>deleting
rescue: rescue>rescuing unrescue>unrescuing delete>deleting
rescue_failed: rescue>rescuing unrescue>unrescuing delete>deleting
unrescuing: done>active fail>unrescue_failed
unrescue_failed: rescue>rescuing unrescue>unrescuing delete>deleting
servicing: done>active wait>service_wait hold>service_hold fail>service_failed
service_wait: resume>servicing hold>service_hold fail>service_failed abort>service_failed delete>deleting
service_hold: service>servicing unhold>service_wait fail>service_failed abort>service_failed
service_failed: service>servicing rescue>rescuing abort>active delete>deleting wait>service_wait hold>service_hold
`;

test("the table is Ironic's machine", () => {
  const ours = PROVISION_STATES.map((state) => {
    const events = Object.entries(STATES[state].on).map(([event, to]) => `${event}>${to.replaceAll(' ', '_')}`);
    return `${state.replaceAll(' ', '_')}: ${events.sort().join(' ')}`;
  });
  const theirs = IRONIC.trim()
    .split('\n')
    .map((line) => {
      const [state, events = ''] = line.split(': ');
      return `${state}: ${events.split(' ').sort().join(' ')}`;
    });
  expect(ours.sort()).toEqual(theirs.sort());
});

describe('no state without a way out', () => {
  test('every state is reached from enroll', () => {
    expect(reachable('enroll', () => true).size).toBe(PROVISION_STATES.length);
  });

  test.each(PROVISION_STATES)('%s leads back to manageable, available or active', (state) => {
    const ends = reachable(state, () => true);
    expect(ends.has('manageable') || ends.has('active')).toBe(true);
    expect(ends.has('available')).toBe(true);
  });

  test.each(PROVISION_STATES)(
    '%s: what a person is shown can be left by a person, what moves moves by itself',
    (state) => {
      const row = STATES[state];
      if (isMoving(state)) expect(verbsIn(state)).toEqual([]);
      else if (row.kind !== 'wait') expect(verbsIn(state).length).toBeGreaterThan(0);
      if (row.kind === 'moving' || row.kind === 'wait') {
        expect(row.limitMs).toBeGreaterThan(0);
        expect(row.operation).not.toBeNull();
        expect(failureEvent(state)).toBeDefined();
      }
    },
  );

  test.each(PROVISION_STATES)('%s: failing leads to rest', (state) => {
    let at = state;
    for (let i = 0; i < 3; i++) {
      const event = failureEvent(at);
      if (event === undefined) break;
      at = next(at, event) ?? at;
    }
    expect(['stable', 'failed']).toContain(STATES[at].kind);
  });
});

test('any sequence of events keeps the table true', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 60 }), (events) => {
      let state: ProvisionState = 'enroll';
      for (const event of events) {
        const to = next(state, event);
        if (to === undefined) continue;
        const starts = operationFor(state, event);
        if (starts !== null) expect(STATES[to].operation).toBe(starts);
        // Work in flight stays the same operation's until it ends or a verb starts another.
        const before = STATES[state].operation;
        const after = STATES[to].operation;
        const handed = state === 'deleting' && to === 'cleaning';
        if (before !== null && after !== null && !handed && event !== 'delete') expect(after).toBe(before);
        if (STATES[to].kind === 'stable') expect(STATES[to].target).toBeNull();
        else expect(STATES[to].target).not.toBeNull();
        expect(STATES[to].operation === null).toBe(STATES[to].kind === 'stable' || STATES[to].kind === 'failed');
        state = to;
      }
    }),
  );
});

describe('verbs', () => {
  test.each(VERB_TARGETS)('%s is of use somewhere', (target) => {
    const usable = PROVISION_STATES.filter((state) => verbsIn(state).includes(target));
    expect(usable.length).toBeGreaterThan(0);
    for (const state of usable) {
      const to = next(state, VERBS[target].event) as ProvisionState;
      // A verb starts an operation, speaks to the one that rests, or is a mere step between stable states.
      const speaks = isResting(state) && operationFor(state, VERBS[target].event) === null;
      expect(operationFor(state, VERBS[target].event) !== null || speaks || !isMoving(to)).toBe(true);
    }
  });

  test('microversions', () => {
    expect(sinceFor('abort', 'clean wait')).toBe(13);
    expect(sinceFor('abort', 'inspect wait')).toBe(41);
    expect(sinceFor('abort', 'wait call-back')).toBe(110);
    expect(sinceFor('deploy', 'available')).toBe(73);
    expect(sinceFor('undeploy', 'active')).toBe(1);
  });
});
