import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BUILD, forgetDead } from './work-folder.ts';

it('removes what dead builds left, and nothing else', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ingot-builder-'));
  // No process has the largest number there can be, and one more.
  for (const name of [`${BUILD}4194305-x/deep`, `${BUILD}${process.pid}-x`, 'images'])
    await mkdir(join(place, name), { recursive: true });
  await forgetDead(place);
  expect((await readdir(place)).sort()).toEqual(['images', `${BUILD}${process.pid}-x`]);
  await rm(place, { recursive: true });
});
