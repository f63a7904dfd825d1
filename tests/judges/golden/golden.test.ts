import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, ready } from '../../house/ingot.ts';
import { compare } from './compare.ts';
import { differences } from './differences.ts';
import { play, type Recording } from './play.ts';
import { scenario } from './scenario.ts';

/** The newest version Debian's Ironic knows. */
const MAXIMUM = 82;
const recorded = JSON.parse(readFileSync(new URL('ironic-21.4.json', import.meta.url), 'utf8')) as Recording;

test('answers as Ironic does, at every version where its answers change', async () => {
  using place = scratch();
  // as the Ironic that was recorded: see ironic.conf
  const env = { INGOT_CONDUCTOR_ENABLED_HARDWARE_TYPES: 'fake-hardware' };
  const running = await ready(join(place.path, 'data'), { env, deadlineMs: 240_000 });
  try {
    const played = await play(running.url, MAXIMUM);
    expect(Object.keys(played)).toEqual(Object.keys(recorded));
    expect(compare(recorded, played, MAXIMUM, differences)).toEqual([]);
  } finally {
    await running.stop();
  }
});

test('the comparison bites', () => {
  const [first] = scenario.filter((item) => item.version !== 'sweep');
  const changed = structuredClone(recorded);
  const answer = changed[first?.id ?? ''] as { status: number };
  answer.status = 599;
  expect(compare(recorded, changed, MAXIMUM, differences)).toHaveLength(1);
  const swept = structuredClone(recorded);
  const sweep = swept['node by version'] as { since: number; answer: { body: Record<string, unknown> } }[];
  for (const { answer: shown } of sweep) delete shown.body['uuid'];
  expect(compare(recorded, swept, MAXIMUM, differences).length).toBeGreaterThan(0);
});
