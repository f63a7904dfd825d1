import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '#kernel/clock';
import { machineSpec } from '../machine/spec.ts';
import { BootSettings } from './boot-settings.ts';
import { Refusal } from './refusal.ts';
import { DEFAULT_TRAITS, type Traits } from './traits.ts';

const spec = machineSpec({ name: 'm' });
const made = (traits: Partial<Traits> = {}, clock = manualClock()) =>
  new BootSettings(clock, () => ({ ...DEFAULT_TRAITS, ...traits }), spec);

const change = fc.record(
  {
    enabled: fc.constantFrom('Disabled', 'Once', 'Continuous', 'Never'),
    target: fc.constantFrom('None', 'Pxe', 'Hdd', 'Cd', 'Usb', 'BiosSetup', 'UefiHttp', 'UefiTarget', 'Moon'),
    mode: fc.constantFrom('UEFI', 'Legacy', 'Both'),
  },
  { requiredKeys: [] },
);

describe('boot settings', () => {
  it('hold under any writes: what is refused changes nothing, and a one-time device is used once', () => {
    fc.assert(
      fc.property(fc.array(fc.option(change), { maxLength: 20 }), (steps) => {
        const settings = made();
        for (const step of steps) {
          const before = { ...settings.override, mode: settings.mode };
          if (step === null) {
            const taken = settings.take();
            const inForce = before.enabled !== 'Disabled' && before.target !== 'None';
            expect(taken.override !== null).toBe(inForce);
            expect(taken.mode).toBe(before.mode === 'UEFI' ? 'uefi' : 'bios');
            if (before.enabled === 'Once') expect(settings.override.enabled).toBe('Disabled');
            else
              expect(settings.override).toEqual({
                enabled: before.enabled,
                target: before.target,
                uefiTarget: before.uefiTarget,
                httpUri: before.httpUri,
              });
            continue;
          }
          try {
            settings.write(step);
            if (step.enabled !== undefined) expect(settings.override.enabled).toBe(step.enabled);
            if (step.mode !== undefined) expect(settings.mode).toBe(step.mode);
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal);
            expect({ ...settings.override, mode: settings.mode }).toEqual(before);
          }
        }
      }),
    );
  });

  it('try the override first and then the usual order, each device once', () => {
    const settings = made();
    settings.write({ enabled: 'Once', target: 'Cd' });
    const { order } = settings.take();
    expect(order).toEqual(['cd', 'disk:nvme0', 'disk:sata1', 'network:nic0', 'network:nic1', 'usb']);
    settings.write({ order: ['Boot0003'] });
    expect(settings.take().order[0]).toBe('network:nic1');
  });

  it('let IPMI flags die after a minute, unless option 3 keeps them', async () => {
    const clock = manualClock();
    const settings = made({ ipmiBootFlagsExpire: true }, clock);
    settings.writeFlags('Once', 'Pxe', 'UEFI');
    await clock.advance(59_000);
    expect(settings.override.target).toBe('Pxe');
    await clock.advance(2_000);
    expect(settings.override.enabled).toBe('Disabled');
    settings.keepFlags = 0x08;
    settings.writeFlags('Once', 'Pxe', 'UEFI');
    await clock.advance(3_600_000);
    expect(settings.take().order[0]).toBe('network');
  });

  it('keep to the old override while a new one is not ready', async () => {
    const clock = manualClock();
    const settings = made({ bootJobDelayMs: 1_000 }, clock);
    settings.write({ enabled: 'Continuous', target: 'Hdd' });
    await clock.advance(2_000);
    settings.write({ enabled: 'Once', target: 'Pxe' });
    expect(settings.take().order[0]).toBe('disk');
    expect(settings.override).toMatchObject({ enabled: 'Once', target: 'Pxe' });
    await clock.advance(1_000);
    expect(settings.take().order[0]).toBe('network');
    expect(settings.override.enabled).toBe('Disabled');
  });
});
