import { type BlockManifest, parseManifest } from '#agent-api/manifest';
import type { Run } from '../commands/command.ts';
import { errors } from '../errors.ts';
import { Patience } from '../http/patience.ts';
import { askJson, type Trust } from '../http/request.ts';

const TRIES = 1;

/** Fetches a manifest. Throws `ImageUnavailable` or `BadManifest`. */
export async function fetchManifest(url: string, run: Run, trust: Trust): Promise<BlockManifest> {
  const most = 512 * 1024 * 1024;
  const patience = new Patience(run.clock, TRIES);
  for (;;) {
    try {
      const answer = await askJson({ method: 'GET', url, trust, totalMs: 120_000, clock: run.clock, most });
      if (answer.status !== 200) throw errors.ImageUnavailable(`the manifest answers ${answer.status}`);
      return parseManifest(answer.body);
    } catch (error) {
      await patience.after(error, run.signal);
    }
  }
}
