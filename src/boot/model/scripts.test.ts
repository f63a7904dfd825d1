import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelWords, parameterWords } from './kernel-arguments.ts';
import { grubDisk, grubLinux, ipxeByMac, ipxeDisk, ipxeIso, ipxeLinux, syslinuxLinux } from './scripts.ts';

const BASE = 'http://10.9.0.1/b/AAAAAAAAAAAAAAAAAAAAAA';
const boot = (words: readonly string[]) => ({
  kernel: `${BASE}/kernel`,
  initrds: [`${BASE}/initrd`, `${BASE}/node.img`],
  words: kernelWords(words),
});
const onMedium = (words: readonly string[]) => ({
  kernel: '/kernel',
  initrds: ['/initrd', '/node.img'],
  words: kernelWords(words),
});

/** The statements of a script: their first words, with all that could start another one taken for what it is. */
const statements = (script: string) =>
  script
    .split(/[\n\r;]|&&|\|\|/)
    .map((part) => part.trim().split(/\s/)[0])
    .filter((word) => word !== '');

const wild = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'a\nreboot',
    'x\rexit',
    '${net0/mac}',
    'a;b',
    '|| shell',
    "'; reboot; '",
    '" x',
    'a b',
    '--',
    '#x',
    '{',
    '\0',
  ),
);

describe('scripts of boot loaders', () => {
  it('have the same statements whatever a parameter holds, or the parameter is refused', () => {
    const shapes = [
      (words: string[]) => ipxeLinux(boot(words), `${BASE}/boot.ipxe`),
      (words: string[]) => grubLinux(onMedium(words), ''),
      (words: string[]) => syslinuxLinux(onMedium(words), true),
    ];
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(wild, fc.stringMatching(/^[a-z]+$/)),
        fc.oneof(wild, fc.stringMatching(/^[a-z0-9:,./=]*$/)),
        (name, value) => {
          for (const shape of shapes) {
            const usual = shape(['quiet']);
            let script: string;
            try {
              script = shape(parameterWords({ [name]: value }));
            } catch (error) {
              expect((error as { code?: string }).code).toBe('BootParameter');
              continue;
            }
            accepted++;
            expect(statements(script)).toEqual(statements(usual));
            expect(script.split('\n')).toHaveLength(usual.split('\n').length);
            expect(script).not.toMatch(/\0|\r/);
            // the only variables are ours
            expect(script.match(/\$\{[^}]*\}?/g) ?? []).toEqual(usual.match(/\$\{[^}]*\}?/g) ?? []);
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('refuse parameters that the loader gives itself, and too many', () => {
    expect(() => kernelWords(['initrd=/other'])).toThrow(/boot loader gives it/);
    expect(() => kernelWords([`a=${'x'.repeat(1900)}`])).toThrow(/limit/);
  });

  it('look as they always did', () => {
    expect(ipxeLinux(boot(['quiet', 'console=ttyS0,115200n8']), `${BASE}/boot.ipxe`)).toBe(`#!ipxe
imgfree
kernel --name kernel ${BASE}/kernel initrd=initrd initrd=initrd1 quiet console=ttyS0,115200n8 BOOTIF=01-\${netX/mac:hexhyp} || goto failed
initrd --name initrd ${BASE}/initrd || goto failed
initrd --name initrd1 ${BASE}/node.img || goto failed
boot || goto failed
:failed
echo Ingot: this boot did not work, asking again in 10 s
sleep 10
chain --replace ${BASE}/boot.ipxe || exit 1
`);
    expect(grubLinux(onMedium(['quiet']), '(http,10.9.0.1)')).toBe(`set timeout=0
set pager=0
linux '(http,10.9.0.1)/kernel' 'quiet'
initrd '(http,10.9.0.1)/initrd' '(http,10.9.0.1)/node.img'
boot
`);
    expect(ipxeDisk()).toContain('--drive 0x80');
    expect(ipxeIso(`${BASE}/boot.iso`)).toContain(`${BASE}/boot.iso`);
    expect(ipxeByMac('http://10.9.0.1/m')).toContain(
      'chain --replace http://10.9.0.1/m/${netX/mac:hexhyp}/boot.ipxe ||',
    );
    expect(grubDisk()).toBe('exit 1\n');
  });
});
