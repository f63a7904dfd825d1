import { describe, expect, test } from 'vitest';
import { drawTimeline, progressBar, progressText } from './draw.ts';

describe('a timeline for people', () => {
  const spans = [
    { on: 'ingot' as const, what: 'queue', started_at: '', seconds: 0.5 },
    { on: 'machine' as const, what: 'boot the ramdisk', started_at: '', seconds: 20 },
    { on: 'ingot' as const, what: 'deploy.write_image', started_at: '', seconds: 0.5 },
    { on: 'machine' as const, what: 'write the image', started_at: '', seconds: 19, bytes: 1_900_000_000 },
  ];

  test('says what took how long, and for whom the machine waited', () => {
    const text = drawTimeline(
      { operation: 'deploy', started_at: '2026-01-01T00:00:00Z', succeeded: true, overhead_seconds: 1, spans },
      90,
    );
    expect(text).toContain('deploy, done, began 2026-01-01T00:00:00Z: 40.0 s, of which the machine waited 1.00 s');
    expect(text.split('\n').filter((line) => line.includes('█'))).toHaveLength(2);
    expect(text).toContain('100.0 MB/s');
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(1)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(110);
  });

  test('says how far a command is, whatever the agent left out', () => {
    const far = { phase: 'write', what: '/dev/sda', bytes: 500, total: 1000, bytes_per_second: 100, eta_seconds: 5 };
    expect(progressText(far)).toBe('write /dev/sda: 500 B of 1.0 kB (50 %), 100 B/s, 5.00 s left');
    expect(progressText({})).toBe('working : 0 B');
    expect(progressBar(far, 10)).toBe('[#####.....]');
    expect(progressBar({ bytes: 5, total: null }, 10)).toBe('');
  });

  test('what a machine calls itself writes nothing else on the terminal', () => {
    const evil = drawTimeline({ operation: '\u001b[2J', started_at: null, overhead_seconds: 0, spans: [] }, 80);
    expect(evil).not.toContain('\u001b');
  });
});
