import { expect, test } from 'vitest';
import { lookForRestart } from './machine-anew.ts';
import type { Awaiting } from './progress.ts';
import type { Segment } from './segment.ts';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;

function segmentWith(ago: number | null | Error): Segment {
  const lastStartAgoMs = async () => {
    if (ago instanceof Error) throw ago;
    return ago;
  };
  const told = {
    side: { clock: { now: () => NOW }, log: { info() {} } },
    node: { uuid: 'n' },
    interfaces: { management: { lastStartAgoMs } },
    progress: { phase: 'steps' },
    signal: new AbortController().signal,
    call: () => ({ assertMayWrite() {} }),
  };
  return told as unknown as Segment;
}
const awaiting: Awaiting = {
  for: 'agent',
  until: null,
  resumeAt: null,
  what: 'write the image',
  since: NOW - 10 * MINUTE,
};

test('a machine that started after it was given its work will not end it', async () => {
  const said = await lookForRestart(segmentWith(4 * MINUTE), awaiting);
  expect(said).toBe(
    'The machine started anew 4 min ago, in the middle of its work (write the image), and its agent does not answer',
  );
});

test.each([
  ['started before that', 12 * MINUTE],
  ['started in that moment, as far as a BMC can tell', 10 * MINUTE - 2_000],
  ['has a BMC that does not tell', null],
  ['has a BMC that cannot be asked', new Error('no answer')],
])('one that %s is waited for', async (_, ago) => {
  expect(await lookForRestart(segmentWith(ago), awaiting)).toBeUndefined();
});

test('without the moment the work was given nothing is known', async () => {
  const { since: _, ...rest } = awaiting;
  expect(await lookForRestart(segmentWith(MINUTE), rest)).toBeUndefined();
});
