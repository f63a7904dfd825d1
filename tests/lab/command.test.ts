import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../src/kernel/certificate.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { type LabCommand, labCommands, type LabOptionValues } from '../../src/lab/command.ts';
import { readTree } from '../../src/lab/record/tree.ts';
import { applyBatch } from '../../src/network/switch/apply.ts';
import type { SwitchTarget } from '../../src/network/switch/drivers/contract.ts';
import { createDrivers } from '../../src/network/switch/drivers/registry.ts';
import { PLAIN_PORT } from '../../src/network/switch/model/config.ts';
import { silentLog } from '../../src/platform/log.ts';
import { NO_LOGIN } from '../network/switch/logins.ts';
import { until } from './client.ts';

const dirs: string[] = [];
afterAll(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

/** Options as a command line parser gives them: the defaults, and what was typed. */
function parsed(command: LabCommand, typed: LabOptionValues): LabOptionValues {
  const defaults = command.options.map(({ flags, otherwise }) => {
    const name = /--([a-z-]+)/.exec(flags)?.[1] ?? '';
    return [name.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase()), otherwise];
  });
  return { ...Object.fromEntries(defaults), ...typed };
}

/** Starts a command; gives what it wrote so far, and the way to interrupt it. */
function ingotLab(name: string, args: readonly string[] = [], typed: LabOptionValues = {}) {
  const command = labCommands.find((c) => c.name === name) as LabCommand;
  const controller = new AbortController();
  const state = { text: '', stop: () => controller.abort(), ended: Promise.resolve() };
  const io = {
    write: (text: string) => {
      state.text += text;
    },
    progress: () => {},
    signal: controller.signal,
    inside: { program: process.execPath, args: [join(import.meta.dirname, 'inside-main.ts')] },
  };
  state.ended = command.run(args, parsed(command, typed), io);
  return state;
}

async function said(name: string, args: readonly string[], typed: LabOptionValues): Promise<string> {
  const command = ingotLab(name, args, typed);
  await command.ended;
  return command.text;
}

describe('ingot lab', () => {
  it('runs an emulated switch that the driver of its kind can set, and tells what became of its ports', async () => {
    expect((await said('switch', [], {})).split('\n')).toEqual(expect.arrayContaining(['gnmi', 'netconf', 'sonic']));
    await expect(said('switch', ['abacus'], {})).rejects.toMatchObject({ code: 'LabBadSpec' });
    const running = ingotLab('switch', ['arista_eos'], { ports: '3', refuseVlan: '66' });
    await until(() => running.text.includes('ingot switch add'));
    const address = /--address (\S+)/.exec(running.text)?.[1] ?? '';
    const driver = createDrivers({ clock: systemClock, log: silentLog }).of('ssh', 'arista_eos');
    const target: SwitchTarget = {
      name: 'sw1',
      address,
      platform: 'arista_eos',
      login: { ...NO_LOGIN, username: 'admin', password: new Secret('switch'), enablePassword: new Secret('secret') },
      hostKey: null,
      parkingVlan: 3967,
      options: {},
    };
    const session = await driver.open(target, AbortSignal.timeout(20_000));
    const batch = {
      name: 'sw1',
      parkingVlan: 3967,
      session: async () => session,
      mayWrite: () => {},
      signal: AbortSignal.timeout(20_000),
    };
    const plain = (vlan: number) => ({ ...PLAIN_PORT, untagged: vlan });
    const wanted = new Map([
      ['Ethernet1', plain(30)],
      ['Ethernet2', plain(66)],
    ]);
    const { ports } = await applyBatch(batch, wanted);
    expect(['Ethernet1', 'Ethernet2'].map((port) => ports.get(port)?.outcome)).toEqual(['applied', 'kept']);
    await session.close();
    running.stop();
    await running.ended;
    expect(running.text).toContain('Ethernet1: access untagged 30\n');
    expect(running.text).not.toMatch(/^Ethernet2/m);
  });

  it('runs a simulated rack, shows it, breaks it, heals it and tells what happened', async () => {
    const up = ingotLab('up', [], { kind: 'simulated', machines: '3', redfishPort: '0', ipmiPort: '0', control: '0' });
    await until(() => up.text.includes('Control API'));
    const control = /http:\/\/127\.0\.0\.1:(\d+)/.exec(up.text)?.[1] ?? '';
    expect(up.text).toContain('3 machines, all off');
    expect(await said('quirk', [], { control })).toContain('supermicro-usb-cd');
    expect(await said('fault', [], { control })).toContain('lying-power: Reports');
    await said('fault', ['lab2', 'lying-power', 'reports=On'], { control });
    await said('quirk', ['lab3', 'hpe-no-power-state'], { control });
    const status = await said('status', [], { control });
    expect(status).toMatch(/lab2 {2}simulated {2}off \(reports On\).*broken: lying-power/);
    expect(status).toMatch(/lab3.*broken: hpe-no-power-state/);
    await said('heal', ['lab2'], { control });
    expect(await said('status', [], { control })).not.toContain('lying-power');
    await said('do', ['lab1', 'pin-sensor', 'sensor=CPU0Temp', 'value=99'], { control });
    await said('do', ['lab1', 'mains-off'], { control });
    expect(await said('ledger', ['lab1'], { control })).toMatch(/lab1 event mains\.off by control/);
    await expect(said('do', ['lab1', 'dance'], { control })).rejects.toThrow(/no action called dance/);
    await expect(said('fault', ['nobody', 'hang'], { control })).rejects.toThrow(/no machine called nobody/);

    const folder = await mkdtemp(join(tmpdir(), 'ilc-'));
    dirs.push(folder);
    await writeFile(join(folder, 'password'), 'password\n');
    const url = /lab2\s+Redfish (\S+)/.exec(up.text)?.[1] ?? '';
    const login = { user: 'admin', passwordFile: join(folder, 'password') };
    expect(await said('record', [url, join(folder, 'tree')], { ...login, insecure: true })).toMatch(
      /^\d+ resources in/,
    );
    expect((await readTree(join(folder, 'tree'))).size).toBeGreaterThan(90);
    const replaying = ingotLab('replay', [join(folder, 'tree')], { ...login, port: '0' });
    await until(() => replaying.text.includes('https://'));
    replaying.stop();
    await replaying.ended;
    up.stop();
    await up.ended;
    await expect(said('status', [], { control })).rejects.toThrow(/No lab answers/);
  });

  it('enrols certificates in machines with Secure Boot, from the start and by hand', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ilc-'));
    dirs.push(folder);
    const dates = { notBefore: new Date(0), notAfter: new Date(2e12) };
    const [first, second] = [1, 2].map(
      (n) => selfSigned({ commonName: `c${n}`, organization: 'o', names: [], ...dates }, systemRandom).cert,
    );
    await writeFile(join(folder, 'db.crt'), first ?? '');
    const wish = { kind: 'simulated', machines: '1', redfishPort: '0', ipmiPort: '0', control: '0' };
    const up = ingotLab('up', [], { ...wish, enrol: join(folder, 'db.crt') });
    await until(() => up.text.includes('Control API'));
    const control = /http:\/\/127\.0\.0\.1:(\d+)/.exec(up.text)?.[1] ?? '';
    const enrol = () => said('do', ['lab1', 'enrol', `certificate=${second}`], { control });
    await enrol();
    expect(await said('ledger', ['lab1'], { control })).toMatch(/secure-boot\.enrol by control/);
    // It is there, and so was the first.
    await expect(enrol()).rejects.toThrow(/exists/);
    await expect(said('do', ['lab1', 'enrol', `certificate=${first}`], { control })).rejects.toThrow(/exists/);
    await expect(said('do', ['lab1', 'enrol', 'certificate=none'], { control })).rejects.toThrow(/format/);
    up.stop();
    await up.ended;
  });

  it('refuses nonsense with a sentence', async () => {
    await expect(said('up', [], { kind: 'toy' })).rejects.toThrow(/--kind toy/);
    await expect(said('up', [], { kind: 'simulated', machines: '-1' })).rejects.toThrow(/machines/);
    await expect(said('record', ['https://127.0.0.1:1', '/nowhere'], {})).rejects.toThrow(/password-file/);
    expect(labCommands.every((c) => c.summary.length > 10)).toBe(true);
  });
});
