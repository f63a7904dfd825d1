import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { start } from '../../src/kernel/run.ts';
import type { LabMachine } from '../../src/lab/lab-machine.ts';
import type { SimulatedMachine } from '../../src/lab/machine/simulated/machine.ts';
import { type Lab, startLab } from '../../src/lab/up.ts';
import { ask, ipmitool, until } from './client.ts';

let lab: Lab;
let machine: LabMachine;
let hardware: SimulatedMachine;

const said = async (...args: string[]) => (await ipmitool(machine, args)).stdout;
const actions = (after: number) => lab.ledger.list({ kind: 'action', after }).map((e) => e.action);

beforeAll(async () => {
  lab = await startLab({ machines: 1, kind: 'simulated' });
  [machine] = lab.machines as [LabMachine];
  hardware = machine.machine as SimulatedMachine;
  hardware.install('nvme0', 'system');
});
afterAll(() => lab.close());
beforeEach(async () => {
  machine.heal();
  await hardware.powerOff();
  machine.bmc.boot.forget();
});

describe('ipmitool and a lab BMC', () => {
  it('agree on both cipher suites, and on the suite to choose', async () => {
    for (const cipher of ['3', '17', '']) {
      const { stdout, code } = await ipmitool(machine, ['chassis', 'status'], { cipher });
      expect(stdout).toContain('System Power         : off');
      expect(code).toBe(0);
    }
  });

  it('refuse a wrong password, an unknown user and more rights than an account has', async () => {
    const { accounts } = machine.bmc;
    if (accounts.byName('reader') === undefined) accounts.create('reader', 'reading', 'ReadOnly');
    const login = (user: string, password: string, ...args: string[]) =>
      ipmitool(
        { ...machine, bmc: machine.bmc, ipmi: machine.ipmi, credentials: { name: user, password } } as LabMachine,
        args,
      );
    expect((await login('admin', 'wrong', 'chassis', 'status')).code).toBe(1);
    expect((await login('nobody', 'password', 'chassis', 'status')).code).toBe(1);
    expect((await login('reader', 'reading', '-L', 'ADMINISTRATOR', 'chassis', 'power', 'on')).code).toBe(1);
    expect((await login('reader', 'reading', '-L', 'USER', 'chassis', 'power', 'status')).stdout).toContain('off');
    expect((await login('reader', 'reading', '-L', 'USER', 'chassis', 'power', 'on')).code).toBe(1);
    expect(hardware.power).toBe('off');
  });

  it('obey each power verb once', async () => {
    const before = lab.ledger.last;
    for (const verb of ['on', 'diag', 'cycle', 'reset', 'soft']) {
      expect((await ipmitool(machine, ['chassis', 'power', verb])).code).toBe(0);
      await until(() => (verb === 'soft' ? hardware.power === 'off' : hardware.guest !== undefined));
    }
    expect((await ipmitool(machine, ['chassis', 'power', 'off'])).code).toBe(0);
    expect(actions(before)).toEqual(['power.on', 'power.nmi', 'power.cycle', 'power.reset', 'power.soft', 'power.off']);
    expect((await ipmitool(machine, ['chassis', 'power', 'cycle'])).stderr).toContain('not supported in present state');
  });

  it('set boot devices with the UEFI flag, for once and for good', async () => {
    await said('chassis', 'bootdev', 'pxe', 'options=efiboot');
    expect(await said('chassis', 'bootparam', 'get', '5')).toMatch(/only next boot[\s\S]*EFI boot[\s\S]*Force PXE/);
    await hardware.powerOn();
    expect(machine.bmc.lastPlan).toMatchObject({ mode: 'uefi' });
    expect(machine.bmc.lastPlan?.order[0]).toBe('network');
    expect(await said('chassis', 'bootparam', 'get', '5')).toContain('Boot Flag Invalid');
    await said('raw', '0x00', '0x08', '0x05', '0xe0', '0x14', '0x00', '0x00', '0x00');
    expect(await said('chassis', 'bootparam', 'get', '5')).toMatch(/all future boots[\s\S]*EFI boot[\s\S]*CD\/DVD/);
    await said('chassis', 'bootdev', 'bios');
    await hardware.reset();
    expect(machine.bmc.lastPlan).toMatchObject({ mode: 'bios' });
    expect(machine.bmc.lastPlan?.order[0]).toBe('setup');
    // the mode of a one-time device was for that start only
    await hardware.reset();
    expect(machine.bmc.lastPlan).toMatchObject({ mode: 'uefi' });
  });

  it('read sensors, inventory, log, LAN, users and GUID', async () => {
    await hardware.powerOn();
    const sdr = await said('sdr', 'elist');
    expect(sdr.trim().split('\n')).toHaveLength(9);
    expect(sdr).toMatch(/CPU0 Temp\s+\| 01h \| ok/);
    machine.bmc.sensors.pin('CPU0Temp', 97);
    expect(await said('sensor', 'get', 'CPU0 Temp')).toMatch(/Sensor Reading\s+: 97 [\s\S]*Status\s+: Upper Critical/);
    expect(await said('sel', 'elist')).toMatch(/Temperature[^\n]*Upper Critical/);
    machine.bmc.sensors.unpin('CPU0Temp');
    expect(await said('fru', 'print')).toContain(`Product Serial        : ${machine.spec.serialNumber}`);
    expect(await said('lan', 'print', '1')).toContain('RMCP+ Cipher Suites     : 3,17');
    expect((await said('mc', 'guid')).toLowerCase()).toContain(machine.spec.uuid);
    expect(await said('dcmi', 'power', 'reading')).toMatch(/Instantaneous power reading:\s+1\d\d Watts/);
    await said('user', 'set', 'name', '9', 'carl');
    await said('user', 'set', 'password', '9', 'carlspassword');
    await said('user', 'enable', '9');
    expect(machine.bmc.accounts.check('carl', 'carlspassword')?.id).toBe('9');
    expect((await ask(machine, 'GET', '/redfish/v1/AccountService/Accounts/9')).json.UserName).toBe('carl');
    await said('sel', 'clear');
    expect(await said('sel', 'info')).toMatch(/Entries\s+: 0/);
  });

  it('carry the serial line both ways, to one console at a time', async () => {
    await hardware.powerOn();
    const typed: string[] = [];
    hardware.serial.connectGuest((bytes) => typed.push(bytes.toString('latin1')));
    const command = `ipmitool -I lanplus -C 17 -H 127.0.0.1 -p ${machine.ipmi.port} -U admin -P password sol activate`;
    const console = start('script', ['-qfec', command, '/dev/null']);
    let seen = '';
    console.stdout?.on('data', (bytes: Buffer) => {
      seen += bytes.toString('latin1');
    });
    await until(() => seen.includes('SOL Session operational'));
    const text = Array.from({ length: 60 }, (_, i) => `line ${i} of the canary\r\n`).join('');
    hardware.print(text);
    await until(() => seen.includes('line 59 of the canary'));
    expect(seen).toContain(text);
    expect(
      (await ipmitool(machine, ['sol', 'activate'])).stdout + (await ipmitool(machine, ['sol', 'activate'])).stderr,
    ).toMatch(/already active/);
    console.stdin?.write('whoami\r');
    await until(() => typed.join('') === 'whoami\r');
    await said('sol', 'deactivate');
    expect(machine.ipmi.sol.holder).toBe(0);
    console.stdin?.write('\r~.');
    await until(() => console.exitCode !== null);
  });

  it('are answered to a presence ping, and nothing is to noise', async () => {
    const socket = createSocket('udp4');
    const answers: Buffer[] = [];
    socket.on('message', (bytes) => answers.push(bytes));
    for (let i = 0; i < 200; i++) socket.send(machine.bmc.random.bytes(i), machine.ipmi.port, '127.0.0.1');
    socket.send(Buffer.from('0600ff06000011be80420000', 'hex'), machine.ipmi.port, '127.0.0.1');
    await until(() => answers.length > 0);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.toString('hex')).toBe('0600ff06000011be40420010000011be000000008100000000000000');
    socket.close();
  });
});
