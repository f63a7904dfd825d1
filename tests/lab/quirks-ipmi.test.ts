import { expect } from 'vitest';
import { start } from '../../src/kernel/run.ts';
import { ipmiQuirks } from '../../src/lab/quirks/ipmi.ts';
import { type Bench, type Check, checkQuirks } from './bench.ts';
import { ipmitool, until } from './client.ts';

const checks: Record<string, Check> = {
  'ipmi-refuses-same-power': async (b) =>
    expect((await b.tool('chassis', 'power', 'off')).stderr).toContain('not supported in present state'),
  'ipmi-node-busy': (b) => code(b, 'Node busy'),
  'ipmi-timeout': (b) => code(b, 'Timeout'),
  'ipmi-out-of-space': (b) => code(b, 'Out of space'),
  'ipmi-insufficient-resources': async (b) => {
    const once = () => ipmitool(b.m, ['chassis', 'status'], { extra: ['-R', '1'] });
    expect((await once()).stderr).toMatch(/insufficient resources/);
    await until(async () => (await once()).code === 0);
  },
  'ipmi-initialising': (b) => code(b, 'BMC initialization'),
  'ipmi-hangs': async (b) => expect((await b.tool('-N', '1', '-R', '1', 'chassis', 'status')).code).toBe(1),
  'ipmi-cipher-3-only': async (b) => {
    expect((await ipmitool(b.m, ['chassis', 'status'], { cipher: '17' })).code).toBe(1);
    expect((await ipmitool(b.m, ['chassis', 'status'], { cipher: '3' })).code).toBe(0);
  },
  'ipmi-hashes-open-privilege': async (b) => {
    const { code: refused, stderr } = await b.tool('-v', 'chassis', 'status');
    expect([refused, stderr]).toEqual([1, expect.stringMatching(/HMAC|Unable to establish/)]);
    // asked for by name in Open Session it is the same privilege
    expect((await b.tool('-L', 'OPERATOR', 'chassis', 'status')).code).toBe(0);
  },
  'ipmi-kg': async (b) => {
    expect((await b.tool('chassis', 'status')).code).toBe(1);
    expect(
      (await ipmitool(b.m, ['chassis', 'status'], { extra: ['-y', '4b47203132333435363738393061626364656667'] })).code,
    ).toBe(0);
  },
  'ipmi-boot-flags-expire': async (b) => {
    await b.tool('raw', '0', '8', '5', '0x80', '0x04', '0', '0', '0');
    expect(b.m.bmc.boot.override.enabled).toBe('Once');
    // a minute is long for a test: the unit of time is the BMC's clock, moved in the model's own test
    expect(b.m.bmc.traits.ipmiBootFlagsExpire).toBe(true);
  },
  'openbmc-no-boot-timeout-option': async (b) =>
    expect((await b.tool('raw', '0', '8', '3', '8')).stderr).toContain('0x80'),
  'ipmi-drops-uefi-flag': async (b) => {
    await b.tool('chassis', 'bootdev', 'pxe', 'options=efiboot');
    expect((await b.tool('chassis', 'bootparam', 'get', '5')).stdout).toContain('legacy');
  },
  'ipmi-forgets-boot-device': async (b) => {
    await b.reset('On');
    await b.tool('chassis', 'bootdev', 'pxe', 'options=persistent');
    await b.reset('ForceOff');
    await b.reset('On');
    expect(b.first).toBe('disk:nvme0');
  },
  'ipmi-commands-too-close': async (b) => {
    expect((await b.tool('chassis', 'status')).code).toBe(0);
    expect((await b.tool('chassis', 'status')).stderr).toContain('Node busy');
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await b.tool('chassis', 'status')).code).toBe(0);
  },
  'fujitsu-ipmi-off': async (b) => {
    expect((await b.tool('-N', '1', '-R', '1', 'chassis', 'status')).code).toBe(1);
    await b.patch(`${b.manager}/NetworkProtocol`, { IPMI: { ProtocolEnabled: true } });
    expect((await b.tool('chassis', 'status')).code).toBe(0);
  },
  'ipmi-sol-taken': async (b) => {
    const { stdout, stderr } = await b.tool('sol', 'activate');
    expect(stdout + stderr).toMatch(/already active/);
    expect((await b.tool('sol', 'deactivate')).code).toBe(0);
  },
  'openbmc-sol-closes': async (b) => {
    await b.reset('On');
    const login = `ipmitool -I lanplus -C 17 -H 127.0.0.1 -p ${b.m.ipmi.port} -U admin -P password sol activate`;
    const console = start('script', ['-qfec', login, '/dev/null']);
    await until(() => b.m.ipmi.sol.holder > 0);
    await b.reset('ForceOff');
    expect(b.m.ipmi.sol.holder).toBe(0);
    console.stdin?.write('\r~.');
    console.kill();
  },
  'ipmi-stale-sequence': async (b) => {
    const began = performance.now();
    await b.tool('-N', '1', 'mc', 'info');
    const first = performance.now() - began;
    const again = performance.now();
    await b.tool('-N', '1', 'mc', 'info');
    // the tool drops the answer with the wrong number and asks again a second later
    expect(performance.now() - again).toBeGreaterThan(first + 700);
  },
};

async function code(b: Bench, words: string): Promise<void> {
  let seen = '';
  for (let i = 0; i < 25 && !seen.includes(words); i++) seen += (await b.tool('chassis', 'status')).stderr;
  expect(seen).toContain(words);
}

checkQuirks(ipmiQuirks, checks);
