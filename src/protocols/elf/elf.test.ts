import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readElf, strippedProgram } from './elf.ts';

const dir = mkdtempSync(join(tmpdir(), 'iel-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('ELF files', () => {
  it('say what they need', async () => {
    const facts = await readElf(process.execPath);
    expect(facts?.interpreter).toMatch(/ld-linux/);
    expect(facts?.needed).toEqual(expect.arrayContaining(['libc.so.6']));
  });

  it('run after all that is never loaded was cut off', async () => {
    const small = join(dir, 'node');
    writeFileSync(small, await strippedProgram(process.execPath));
    chmodSync(small, 0o755);
    expect(execFileSync(small, ['-p', '6 * 7']).toString()).toBe('42\n');
    expect(statSync(small).size).toBeLessThan(statSync(process.execPath).size);
  });

  it('are told from others; a cut one is refused', async () => {
    const text = join(dir, 'text');
    writeFileSync(text, 'x'.repeat(100));
    expect(await readElf(text)).toBeNull();
    const cut = join(dir, 'cut');
    writeFileSync(cut, (await strippedProgram(process.execPath)).subarray(0, 70));
    await expect(readElf(cut)).rejects.toMatchObject({ code: 'ElfBroken' });
  });
});
