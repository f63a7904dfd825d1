import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabMachine } from '../../src/lab/lab-machine.ts';
import type { SimulatedMachine } from '../../src/lab/machine/simulated/machine.ts';
import { type Lab, startLab } from '../../src/lab/up.ts';
import { ask, ipmitool, reset, SYSTEM, until } from './client.ts';

let lab: Lab;
let machine: LabMachine;
let hardware: SimulatedMachine;

/** The control API as an operator or a test program in another process uses it. */
async function control(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(lab.controlUrl + path, init);
  const text = await response.text();
  return { status: response.status, json: text === '' ? {} : JSON.parse(text) };
}

const used = new Set<string>();
const on = (fault: string, params: unknown = {}) => {
  used.add(fault);
  return control('PUT', `/machines/m/faults/${fault}`, params);
};
const get = (path = SYSTEM, timeoutMs = 2_000) => ask(machine, 'GET', path, { timeoutMs });

beforeAll(async () => {
  lab = await startLab({ machines: [{ name: 'm' }], kind: 'simulated' });
  machine = lab.machine('m');
  hardware = machine.machine as SimulatedMachine;
});
afterAll(() => lab.close());
beforeEach(async () => {
  await control('DELETE', '/machines/*/effects');
  await hardware.powerOff();
  await until(() => !machine.bmc.rebooting);
});

describe('faults, switched over the control API while the BMC runs', () => {
  it('latency', async () => {
    await on('latency', { ms: 300, path: 'Systems' });
    const began = performance.now();
    await get();
    expect(performance.now() - began).toBeGreaterThan(295);
    await control('DELETE', '/machines/m/effects/latency');
    const again = performance.now();
    await get();
    expect(performance.now() - again).toBeLessThan(250);
  });

  it('HTTP errors before and after the work', async () => {
    await on('http-error', { status: 502, times: 2, retryAfter: 3 });
    expect([(await get()).status, (await get()).headers['retry-after'], (await get()).status]).toEqual([502, '3', 200]);
    await on('http-error', { status: 500, method: 'POST', after: true, times: 1 });
    expect((await reset(machine, 'On')).status).toBe(500);
    expect(hardware.power).toBe('on');
  });

  it('a connection cut before the work, and after it: the ledger knows which', async () => {
    await on('drop', { method: 'POST', times: 1 });
    await expect(reset(machine, 'On')).rejects.toThrow();
    expect(hardware.power).toBe('off');
    const before = lab.ledger.last;
    await on('drop', { method: 'POST', after: true, times: 1 });
    await expect(reset(machine, 'On')).rejects.toThrow();
    expect(hardware.power).toBe('on');
    const { json } = await control('GET', `/ledger?machine=m&kind=action&action=power.&after=${before}`);
    expect(json['entries']).toMatchObject([{ action: 'power.on', caller: { channel: 'redfish', user: 'admin' } }]);
  });

  it('hung requests', async () => {
    await on('hang', { method: 'POST', after: true });
    await expect(
      ask(machine, 'POST', `${SYSTEM}/Actions/ComputerSystem.Reset`, { body: { ResetType: 'On' }, timeoutMs: 300 }),
    ).rejects.toThrow();
    expect(hardware.power).toBe('on');
    expect((await get()).status).toBe(200);
  });

  it('garbage, pages, truncated, oversized and deep bodies, trickles', async () => {
    await on('garbage', { times: 1 });
    await expect(get()).rejects.toThrow();
    await on('not-json', { times: 1 });
    expect(await get()).toMatchObject({ status: 200, text: expect.stringContaining('<html>') });
    await on('truncated', { times: 1 });
    await expect(get()).rejects.toThrow();
    await on('oversized', { bytes: 3_000_000, times: 1 });
    expect((await get()).text.length).toBeGreaterThan(3_000_000);
    await on('deep-json', { depth: 5_000, times: 1 });
    expect((await get()).text).toBe('['.repeat(5_000) + ']'.repeat(5_000));
    await on('trickle', { bytesPerSecond: 200, times: 1 });
    await expect(get(SYSTEM, 700)).rejects.toThrow();
    expect((await get()).status).toBe(200);
  });

  it('redirects', async () => {
    await on('redirect', { to: 'https://elsewhere.example/redfish/v1', status: 308 });
    expect(await get()).toMatchObject({ status: 308, headers: { location: 'https://elsewhere.example/redfish/v1' } });
  });

  it('exhausted sessions', async () => {
    await on('sessions-exhausted');
    const body = { UserName: 'admin', Password: 'password' };
    expect((await ask(machine, 'POST', '/redfish/v1/SessionService/Sessions', { auth: false, body })).status).toBe(503);
  });

  it('lies about power, over both doors, and verbs acknowledged and not done', async () => {
    await on('lying-power', { reports: 'On' });
    expect((await get()).json.PowerState).toBe('On');
    expect((await ipmitool(machine, ['chassis', 'power', 'status'])).stdout).toContain('is on');
    expect(hardware.power).toBe('off');
    await on('lying-power', { reports: null });
    expect((await get()).json.PowerState).toBeNull();
    await control('DELETE', '/machines/m/effects');
    await on('ignored-power', { verbs: ['on'] });
    expect((await reset(machine, 'On')).status).toBe(204);
    expect(hardware.power).toBe('off');
    expect(lab.ledger.list({ action: 'power.on' }).at(-1)?.detail).toEqual({ ignored: true });
  });

  it('slow transitions, and a force off that overtakes a power on', async () => {
    await on('slow-power', { ms: 400 });
    await reset(machine, 'On');
    expect((await get()).json.PowerState).toBe('PoweringOn');
    expect((await reset(machine, 'Nmi')).status).toBe(409);
    await until(async () => (await get()).json.PowerState === 'On');
    await reset(machine, 'ForceOff');
    expect((await get()).json.PowerState).toBe('PoweringOff');
    await until(async () => (await get()).json.PowerState === 'Off');
    await reset(machine, 'On');
    await reset(machine, 'ForceOff');
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(hardware.power).toBe('off');
  });

  it('a reboot of the BMC: sessions gone, machine running, back by itself', async () => {
    await reset(machine, 'On');
    const session = await ask(machine, 'POST', '/redfish/v1/SessionService/Sessions', {
      auth: false,
      body: { UserName: 'admin', Password: 'password' },
    });
    await control('POST', '/machines/m/actions/bmc-reboot', { ms: 400 });
    await expect(get()).rejects.toThrow();
    await until(() =>
      get().then(
        () => true,
        () => false,
      ),
    );
    const token = { 'x-auth-token': String(session.headers['x-auth-token']) };
    expect((await ask(machine, 'GET', SYSTEM, { auth: false, headers: token })).status).toBe(401);
    expect((await get()).json.PowerState).toBe('On');
  });

  it('mains that fail and return', async () => {
    await reset(machine, 'On');
    await control('POST', '/machines/m/actions/mains-off');
    await expect(get()).rejects.toThrow();
    expect(hardware.power).toBe('off');
    await control('POST', '/machines/m/actions/mains-on');
    await until(() => hardware.power === 'on');
    expect((await get()).json.PowerState).toBe('On');
  });

  it('certificates that are expired, too early, for another name, or new', async () => {
    const seen = new Map<string, { error: string; print: string }>();
    for (const kind of ['good', 'expired', 'not-yet-valid', 'wrong-name', 'renewed']) {
      if (kind !== 'good') await on('certificate', { kind });
      const ca = String((await control('GET', '/machines/m/certificate')).json['pem']);
      seen.set(kind, await handshake(ca));
    }
    expect([...seen].map(([kind, { error }]) => [kind, error])).toEqual([
      ['good', ''],
      ['expired', 'CERT_HAS_EXPIRED'],
      ['not-yet-valid', 'CERT_NOT_YET_VALID'],
      ['wrong-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
      ['renewed', ''],
    ]);
    expect(new Set([...seen.values()].map((s) => s.print)).size).toBe(5);
  });

  it('a dead BMC: silent or refusing', async () => {
    await on('dead', { how: 'silent' });
    await expect(get(SYSTEM, 400)).rejects.toThrow(/abort|timeout/i);
    expect((await ipmitool(machine, ['-N', '1', '-R', '1', 'chassis', 'status'])).code).toBe(1);
    await on('dead', { how: 'refuse' });
    await expect(get()).rejects.toThrow(/ECONNRESET|socket|disconnected/i);
    await control('DELETE', '/machines/m/effects/dead');
    expect((await get()).status).toBe(200);
  });

  it('IPMI: completion codes, lost commands, lost answers, noise', async () => {
    await on('ipmi-code', { code: 0xc0, netFn: 0, command: 1, times: 1 });
    expect((await ipmitool(machine, ['chassis', 'status'])).stderr).toContain('Node busy');
    // ipmitool repeats what is not answered: a lost answer of an `on` is done twice by the BMC, and the ledger shows it
    await on('ipmi-drop', { netFn: 0, command: 2, after: true, times: 1 });
    const before = lab.ledger.last;
    expect((await ipmitool(machine, ['-N', '1', 'chassis', 'power', 'on'])).code).toBe(0);
    expect(lab.ledger.list({ kind: 'action', action: 'power.on', after: before })).toHaveLength(2);
    await control('DELETE', '/machines/m/effects');
    await on('ipmi-latency', { ms: 500, netFn: 0, command: 1 });
    const began = performance.now();
    await ipmitool(machine, ['chassis', 'status']);
    expect(performance.now() - began).toBeGreaterThan(500);
    await control('DELETE', '/machines/m/effects');
    const clean = (await ipmitool(machine, ['raw', '0', '1'])).stdout;
    await on('ipmi-garbage', { netFn: 0, command: 1 });
    expect((await ipmitool(machine, ['-N', '1', '-R', '1', 'raw', '0', '1'])).stdout).not.toBe(clean);
  });

  it('disks that fail, take no writes or are slow, from the next start on', async () => {
    const seen: unknown[] = [];
    const stop = hardware.onEvent((event) => {
      if (event.kind === 'boot') seen.push([...new Set(event.plan.disks.map(({ trouble }) => trouble?.kind))]);
    });
    for (const kind of ['failing', 'read-only', 'slow']) {
      await on(`${kind}-disk`);
      await reset(machine, 'On');
      await control('DELETE', '/machines/m/effects');
      await hardware.powerOff();
    }
    await reset(machine, 'On');
    stop();
    expect(seen).toEqual([['failing'], ['read-only'], ['slow'], [undefined]]);
  });

  it('are refused when they make no sense, and cannot be reached by a web page', async () => {
    expect((await on('latency', { ms: 'x' })).status).toBe(400);
    expect((await on('nonsense')).status).toBe(400);
    expect((await control('PUT', '/machines/m/quirks/nonsense')).status).toBe(404);
    expect((await control('PUT', '/machines/nobody/faults/hang', {})).status).toBe(404);
    expect((await control('POST', '/machines/m/actions/nonsense')).status).toBe(400);
    const foreign = await new Promise<number>((resolve, reject) => {
      const { request } = process.getBuiltinModule('node:http');
      const outgoing = request(`${lab.controlUrl}/ledger`, { headers: { host: 'evil.example' } }, (r) =>
        resolve(r.statusCode ?? 0),
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
    expect(foreign).toBe(403);
    const faults = (await control('GET', '/faults')).json['faults'] as { name: string }[];
    expect(faults.map((f) => f.name)).toContain('lying-power');
    // every fault there is was switched on above
    expect(faults.map((f) => f.name).filter((name) => !used.has(name))).toEqual([]);
  });
});

function handshake(ca: string): Promise<{ error: string; print: string }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port: machine.redfish.port, ca, rejectUnauthorized: false }, () => {
      const reason = socket.authorizationError as unknown as { code?: string } | string | null;
      const error = reason === null ? '' : typeof reason === 'string' ? reason : (reason.code ?? '');
      resolve({ error, print: socket.getPeerCertificate().fingerprint256 });
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
