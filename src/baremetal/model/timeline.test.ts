import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addMark, type Mark, overheadOf, spansOf } from './timeline.ts';

const marks = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 1_000_000 }),
    on: fc.constantFrom('ingot' as const, 'machine' as const),
    what: fc.constantFrom('a', 'b', 'c'),
  }),
  { maxLength: 500 },
);

describe('a timeline', () => {
  test('has no gaps and no times below zero, whatever clocks do', () => {
    fc.assert(
      fc.property(marks, (given) => {
        const kept: Mark[] = [];
        for (const mark of given) addMark(kept, mark);
        const end = Math.max(0, ...kept.map((mark) => mark.at)) + 500;
        const spans = spansOf(kept, end);
        const sum = spans.reduce((all, span) => all + span.seconds, 0);
        expect(spans.every((span) => span.seconds >= 0)).toBe(true);
        if (kept[0] !== undefined) expect(sum).toBeCloseTo((end - kept[0].at) / 1000, 6);
        expect(kept.length).toBeLessThanOrEqual(400);
      }),
    );
  });

  test('tells how long the machine waited for Ingot', () => {
    const kept: Mark[] = [];
    addMark(kept, { at: 1_000, on: 'ingot', what: 'queue' });
    addMark(kept, { at: 1_500, on: 'machine', what: 'boot the ramdisk' });
    addMark(kept, { at: 1_700, on: 'machine', what: 'boot the ramdisk' });
    addMark(kept, { at: 9_500, on: 'ingot', what: 'deploy.write_image' });
    const spans = spansOf(kept, 9_750);
    expect(spans.map((span) => span.seconds)).toEqual([0.5, 8, 0.25]);
    expect(overheadOf(spans)).toBe(0.75);
  });
});
