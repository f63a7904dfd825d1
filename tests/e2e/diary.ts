import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawTimeline, type Work } from '../../src/cli/node/draw.ts';
import type { Site } from './site.ts';

// What a long run leaves for who reads it: when each step began, and where the time of each operation went.

const WIDTH = 110;

/** Notes of one node's life, in `diary.log` beside its disks. */
export function diaryOf(site: Pick<Site, 'ask' | 'dataDir'>, node: string) {
  const file = join(site.dataDir, 'diary.log');
  const began = performance.now();
  const write = (text: string) => appendFile(file, `${text}\n`);
  return {
    /** A step begins. */
    async note(step: string): Promise<void> {
      await write(`${new Date().toISOString()} ${node} +${((performance.now() - began) / 1000).toFixed(0)} s: ${step}`);
    },
    /** Draws all the node's operations, the oldest first; gives what it wrote. */
    async timelines(): Promise<string> {
      const work = await site.ask<Work>('GET', `/v1/nodes/${node}/timeline?limit=100`);
      const all = [...work.timelines].reverse();
      const sums = all.map(({ operation, spans, overhead_seconds: waited }) => {
        const total = spans.reduce((sum, { seconds }) => sum + seconds, 0);
        return `  ${operation.padEnd(12)} ${total.toFixed(1)} s, waited for Ingot ${waited.toFixed(2)} s`;
      });
      const text = [`== ${node}`, ...sums, ...all.map((one) => drawTimeline(one, WIDTH))].join('\n');
      await write(text);
      return text;
    },
  };
}

export type Diary = ReturnType<typeof diaryOf>;
