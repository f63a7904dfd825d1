import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlainText } from './plain-text.ts';

function linesOf(...parts: (string | Uint8Array)[]): string[] {
  const plain = new PlainText();
  const lines: string[] = [];
  for (const part of parts) plain.push(Buffer.from(part as string), (text) => lines.push(text));
  plain.end((text) => lines.push(text));
  return lines;
}

describe('plain text of a terminal', () => {
  it('leaves out colours, titles and other sequences', () => {
    expect(linesOf('\x1b[1;31mred\x1b[0m and \x1b]0;title\x07plain\r\n')).toEqual(['red and plain']);
    expect(linesOf('a\x1b(Bb\x1bPq#0;1\x1b\\c\n')).toEqual(['abc']);
    expect(linesOf('before\x1b[2;5Hafter')).toEqual(['before', 'after']);
    expect(linesOf('10%\r20%\r\n')).toEqual(['10%', '20%']);
    expect(linesOf('rm -x\b\b-f\n')).toEqual(['rm -f']);
  });

  it('does not care how the bytes were cut', () => {
    const text = 'grüße \x1b[38;5;1mrot\x1b[m €\r\n\x1b]2;x\x1b\\ende\n';
    const whole = linesOf(text);
    const bytes = Buffer.from(text);
    for (let at = 1; at < bytes.length; at++) expect(linesOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
  });

  it('holds no control characters whatever comes', () => {
    const hostile = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc.constantFrom('\x1b[', '\x1b]', '\x9b', '\u202e', '<script>', '\x07'),
      ),
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        for (const line of linesOf(...parts)) {
          // oxlint-disable-next-line no-control-regex
          expect(line).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e]/);
          expect(line.length).toBeLessThanOrEqual(2001);
        }
      }),
    );
  });
});
