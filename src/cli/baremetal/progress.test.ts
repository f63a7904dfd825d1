import { describe, expect, it } from 'vitest';
import { manualClock } from '#kernel/clock';
import { SdkError } from '#sdk/errors';
import { WaitError } from './context.ts';
import { Progress, waiting, waitSeconds } from './progress.ts';

describe('Progress', () => {
  it('writes a line where something changed when nobody watches', async () => {
    const clock = manualClock();
    const lines: string[] = [];
    const progress = new Progress(clock, false, (text) => lines.push(text));
    progress.show('n1', 'cleaning', 'erase (deploy)');
    await clock.advance(61_000);
    progress.show('n1', 'cleaning', 'erase (deploy)');
    progress.show('n1', 'available', '');
    progress.end();
    expect(lines).toEqual(['n1: cleaning, step erase (deploy) [0 s]\n', 'n1: available [1 min 1 s]\n']);
  });

  it('writes over its lines on a terminal, and goes on by itself', async () => {
    const clock = manualClock();
    const parts: string[] = [];
    const progress = new Progress(clock, true, (text) => parts.push(text));
    progress.show('n1', 'deploying', '');
    progress.show('n2', 'deploying', '');
    const before = parts.length;
    await clock.advance(1000);
    expect(parts.length).toBeGreaterThan(before);
    const lines = String(parts.at(-1)).split('\u001b[2K');
    expect(lines[0]).toBe('\u001b[2A');
    expect(lines.slice(1).map((line) => line.slice(2))).toEqual(['n1: deploying [1 s]\n', 'n2: deploying [1 s]\n']);
    progress.end();
    const after = parts.length;
    await clock.advance(1000);
    expect(parts.length).toBe(after);
  });
});

describe('waiting', () => {
  it('tells a wait that failed from a server that refused', async () => {
    const progress = new Progress(manualClock(), false, () => undefined);
    const failing = (code: string) => waiting(progress, () => Promise.reject(new SdkError(code, 0, 'why')));
    await expect(failing('WaitFailed')).rejects.toBeInstanceOf(WaitError);
    await expect(failing('WaitTooLong')).rejects.toBeInstanceOf(WaitError);
    await expect(failing('Http403')).rejects.toBeInstanceOf(SdkError);
  });

  it('takes seconds, or none', () => {
    expect([undefined, true, '0', '30'].map(waitSeconds)).toEqual([undefined, 0, 0, 30]);
    expect(() => waitSeconds('soon')).toThrow('--wait takes seconds');
  });
});
