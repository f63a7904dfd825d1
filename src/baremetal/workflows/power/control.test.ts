import { expect, test } from 'vitest';
import { manualClock } from '#kernel/clock';
import type { DriverCall } from '../../drivers/contract.ts';
import type { ConductorSide } from '../side.ts';
import { makePower } from './control.ts';

/** A machine, and what it was asked and told. */
function machine() {
  const said: string[] = [];
  let state = 'power on';
  const clock = manualClock();
  const power = {
    get: async () => {
      said.push('look');
      return state;
    },
    on: async () => {
      said.push('on');
      state = 'power on';
    },
    off: async () => {
      said.push('off');
      state = 'power off';
    },
  };
  const call = {
    node: { uuid: 'n' },
    interfaces: { power },
    assertMayWrite() {},
    signal: new AbortController().signal,
  };
  const side = { clock, config: { powerChangeMs: 1_000 }, forgetAgent: async () => void said.push('forget') };
  const control = makePower({
    side: side as unknown as ConductorSide,
    call: () => call as unknown as DriverCall,
    begin: async (action) => void said.push(`intent: ${action}`),
    seen: () => {},
  });
  return { said, clock, control };
}

test('a machine that was just seen off is not looked at again; its driver looks before it switches it on', async () => {
  const { said, control } = machine();
  await control.off();
  await control.off();
  await control.on();
  expect(said).toEqual([
    ...['look', 'intent: force off', 'off', 'look', 'forget'],
    'forget',
    ...['intent: power on', 'on', 'look'],
  ]);
});

test('what was seen a while ago is looked at again, and what was seen on always', async () => {
  const { said, clock, control } = machine();
  await control.on();
  await control.on();
  expect(said.splice(0)).toEqual(['look', 'look']);
  await control.off();
  said.splice(0);
  await clock.advance(6_000);
  await control.off();
  expect(said).toEqual(['look', 'forget']);
});
