import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSignatures } from './signatures.ts';
import { askForSetup, bootUriNext, VariableStore, VENDOR } from './variables.ts';

const SHA256 = 'c1c41626-504c-4092-aca9-41f936934328';

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

  it('forgets what was deleted when it is full, and is full only with what lives', () => {
    const store = new VariableStore(emptyImage(8192));
    const at = (name: string, byte: number, size: number) => ({
      name,
      vendor: VENDOR.global,
      attributes: 7,
      data: Buffer.alloc(size, byte),
      timestamp: Buffer.alloc(16, 1),
    });
    store.set(at('Kept', 7, 900));
    for (let i = 0; i < 100; i++) store.set(at('Changes', i, 1200));
    expect(store.list().map((v) => [v.name, v.data[0], v.data.length])).toEqual([
      ['Kept', 7, 900],
      ['Changes', 99, 1200],
    ]);
    expect(store.get('Kept', VENDOR.global)?.timestamp).toEqual(Buffer.alloc(16, 1));
    expect(() => store.set(at('TooMuch', 1, 3000))).toThrow(/full/);
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
    expect(store.applySecureBoot({ enabled: true, keys: 'default', certificates: {} }, defaults)).toBe(true);
    expect(store.secureBoot()).toEqual({ keys: true, enabled: true });
    expect(store.applySecureBoot({ enabled: true, keys: 'default', certificates: {} }, defaults)).toBe(false);
    store.applySecureBoot({ enabled: false, keys: 'default', certificates: {} }, defaults);
    expect(store.secureBoot()).toEqual({ keys: true, enabled: false });
    store.applySecureBoot({ enabled: false, keys: 'none', certificates: {} }, defaults);
    expect(store.secureBoot()).toEqual({ keys: false, enabled: false });
  });

  it('enrols certificates beside the vendor’s, takes them out, and goes back to the vendor’s', (context) => {
    context.skip(!existsSync(keys), 'Debian package ovmf is not installed');
    const defaults = new VariableStore(readFileSync(keys));
    const vendor = defaults.certificates();
    expect(vendor.db?.length).toBeGreaterThan(1);
    const own = { der: Buffer.from('a certificate'), owner: '11111111-2222-3333-4444-555555555555' };
    const store = new VariableStore(readFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd'));
    const apply = (certificates: Parameters<VariableStore['applySecureBoot']>[0]['certificates']) =>
      store.applySecureBoot({ enabled: true, keys: 'default', certificates }, defaults);
    apply({ db: [...(vendor.db ?? []), own], dbx: [own] });
    expect(store.certificates()).toEqual({ ...vendor, db: [...(vendor.db ?? []), own], dbx: [own] });
    // The digests of what must not start stay.
    const digests = (of: VariableStore) =>
      readSignatures(of.get('dbx', VENDOR.imageSecurity)?.data ?? Buffer.alloc(0)).filter(
        ({ type }) => type === SHA256,
      );
    expect(digests(store)).toEqual(digests(defaults));
    expect(digests(store).length).toBeGreaterThan(0);
    // A database that is not named stays as it is.
    expect(apply({})).toBe(false);
    expect(apply({ db: vendor.db ?? [], dbx: [] })).toBe(true);
    expect(store.certificates()).toEqual(vendor);
    apply({ db: [] });
    expect(store.get('db', VENDOR.imageSecurity)).toBeUndefined();
  });
});
