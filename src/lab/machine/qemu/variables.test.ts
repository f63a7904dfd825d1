import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askForSetup, bootUriNext, VariableStore, VENDOR } from './variables.ts';

/** An empty store as EDK2 formats it: volume header, store header, erased flash. */
function emptyImage(size = 65_536): Buffer {
  const image = Buffer.alloc(size, 0xff);
  image.fill(0, 0, 100);
  image.writeBigUInt64LE(BigInt(size), 32);
  image.write('_FVH', 40, 'latin1');
  image.writeUInt16LE(72, 48);
  Buffer.from('782cf3aa7b949a43a1802e144ec37792', 'hex').copy(image, 72);
  image.writeUInt32LE(size - 72 - 4096, 88);
  return image;
}

const variable = fc.record({
  name: fc.stringMatching(/^[A-Za-z0-9]{1,12}$/),
  vendor: fc.constantFrom(...Object.values(VENDOR)),
  attributes: fc.constantFrom(3, 7),
  data: fc.uint8Array({ maxLength: 200 }).map((d) => Buffer.from(d)),
  timestamp: fc.constant(Buffer.alloc(16)),
});

describe('UEFI variable store', () => {
  it('behaves like a map under any sets and deletes, and survives being read again', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), variable), { maxLength: 40 }), (steps) => {
        const store = new VariableStore(emptyImage());
        const model = new Map<string, string>();
        for (const [set, v] of steps) {
          const key = `${v.vendor}/${v.name}`;
          if (set) {
            store.set(v);
            model.set(key, v.data.toString('hex'));
          } else {
            store.delete(v.name, v.vendor);
            model.delete(key);
          }
        }
        const again = new VariableStore(store.image);
        expect(new Map(again.list().map((v) => [`${v.vendor}/${v.name}`, v.data.toString('hex')]))).toEqual(model);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses what is no store and never hangs on a damaged one', () => {
    expect(() => new VariableStore(Buffer.alloc(1000))).toThrow(/volume header/);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 200, maxLength: 200 }), (noise) => {
        const image = emptyImage(8192);
        Buffer.from(noise).copy(image, 100);
        try {
          new VariableStore(image).list();
        } catch (error) {
          expect((error as { code?: string }).code).toBe('LabBadVariables');
        }
      }),
    );
  });

  it('writes a boot entry for a URI and asks for setup', () => {
    const store = new VariableStore(emptyImage());
    bootUriNext(store, 'http://[fd00::1]:8080/boot.efi');
    const named = store.get('Boot1AB0', VENDOR.global)?.data.length ?? 0;
    bootUriNext(store, null);
    expect(store.get('Boot1AB0', VENDOR.global)?.data).toHaveLength(named - 'http://[fd00::1]:8080/boot.efi'.length);
    bootUriNext(store, 'http://[fd00::1]:8080/boot.efi');
    askForSetup(store);
    expect(store.get('BootNext', VENDOR.global)?.data.toString('hex')).toBe('b01a');
    expect(store.get('Boot1AB0', VENDOR.global)?.data.toString('latin1')).toContain('http://[fd00::1]:8080/boot.efi');
    expect(store.get('OsIndications', VENDOR.global)?.data[0]).toBe(1);
  });

  const keys = '/usr/share/OVMF/OVMF_VARS_4M.ms.fd';
  it('enrols and removes Secure Boot keys in the stores Debian ships', (context) => {
    context.skip(!existsSync(keys), 'Debian package ovmf is not installed');
    const defaults = new VariableStore(readFileSync(keys));
    const store = new VariableStore(readFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd'));
    expect(defaults.secureBoot()).toEqual({ keys: true, enabled: true });
    expect(store.secureBoot()).toEqual({ keys: false, enabled: false });
    expect(store.applySecureBoot({ enabled: true, keys: 'default' }, defaults)).toBe(true);
    expect(store.secureBoot()).toEqual({ keys: true, enabled: true });
    expect(store.applySecureBoot({ enabled: true, keys: 'default' }, defaults)).toBe(false);
    store.applySecureBoot({ enabled: false, keys: 'default' }, defaults);
    expect(store.secureBoot()).toEqual({ keys: true, enabled: false });
    store.applySecureBoot({ enabled: false, keys: 'none' }, defaults);
    expect(store.secureBoot()).toEqual({ keys: false, enabled: false });
  });
});
