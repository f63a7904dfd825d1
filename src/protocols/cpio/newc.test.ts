import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpio, cpioBuffer } from './newc.ts';

describe('cpio archives', () => {
  it('hold what Debian’s cpio unpacks from them', async (context) => {
    let missing = false;
    try {
      execFileSync('cpio', ['--version'], { stdio: 'ignore' });
    } catch {
      missing = true;
    }
    context.skip(missing, 'because Debian package cpio is not installed');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { minLength: 1, maxLength: 5 }), async (files) => {
        const dir = mkdtempSync(join(tmpdir(), 'icp-'));
        try {
          writeFileSync(join(dir, 'src'), files[0] as Uint8Array);
          const pieces: Buffer[] = [];
          const entries = [
            { path: 'etc', kind: 'dir' as const },
            ...files.map((f, i) => ({ path: `etc/${i}`, kind: 'file' as const, data: Buffer.from(f), mode: 0o640 })),
            { path: 'etc/disk', kind: 'file' as const, source: join(dir, 'src'), size: files[0]?.length ?? 0 },
            { path: 'link', kind: 'link' as const, target: 'etc/0' },
          ];
          for await (const piece of cpio(entries, 7)) pieces.push(piece);
          const input = Buffer.concat(pieces);
          expect(input.length % 4).toBe(0);
          execFileSync('cpio', ['-idm', '--quiet'], { cwd: dir, input });
          for (const [i, f] of files.entries())
            expect(readFileSync(join(dir, `etc/${i}`)).equals(Buffer.from(f))).toBe(true);
          expect(readFileSync(join(dir, 'etc/disk')).equals(Buffer.from(files[0] as Uint8Array))).toBe(true);
          expect(statSync(join(dir, 'etc/0')).mode & 0o777).toBe(0o640);
          expect(readlinkSync(join(dir, 'link'))).toBe('etc/0');
        } finally {
          rmSync(dir, { recursive: true });
        }
      }),
      { numRuns: 10 },
    );
  });

  it('are the same bytes for the same entries, whichever way they are made', async () => {
    const entries = [
      { path: 'a', kind: 'file' as const, data: Buffer.from('one') },
      { path: 'sh', kind: 'link' as const, target: 'bash' },
    ];
    const pieces: Buffer[] = [];
    for await (const piece of cpio(entries, 5)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(cpioBuffer(entries, 5))).toBe(true);
  });
});
