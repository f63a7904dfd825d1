import { expect } from 'vitest';
import { otherQuirks } from '../../src/lab/quirks/others.ts';
import { type Bench, type Check, checkQuirks, ISO, message, ONCE_PXE, status } from './bench.ts';
import { ask, until } from './client.ts';

const checks: Record<string, Check> = {
  'unchanged-enabled-refused': async (b) => {
    expect([await status(b.boot(ONCE_PXE)), await status(b.boot(ONCE_PXE))]).toEqual([200, 400]);
    expect(await status(b.boot({ BootSourceOverrideTarget: 'Hdd' }))).toBe(200);
  },
  'ami-full-boot-request': async (b) => {
    expect(await status(b.boot(ONCE_PXE))).toBe(400);
    expect(await status(b.boot({ ...ONCE_PXE, BootSourceOverrideMode: 'UEFI' }))).toBe(200);
  },
  'settings-without-boot': async (b) => {
    expect((await b.get(`${b.system}/Settings`)).json).not.toHaveProperty('Boot');
    expect(await status(b.patch(`${b.system}/Settings`, { Boot: ONCE_PXE }))).toBe(403);
    expect(await status(b.boot(ONCE_PXE))).toBe(200);
  },
  'conflict-in-target-state': async (b) => {
    expect(await status(b.reset('ForceOff'))).toBe(409);
    expect([await status(b.reset('On')), await status(b.reset('On'))]).toEqual([204, 409]);
  },
  'weak-etag-refused': async (b) => {
    const weak = await b.etag();
    expect(weak).toMatch(/^W\//);
    expect(await status(b.patch(b.system, { AssetTag: 'x' }, { 'if-match': weak }))).toBe(412);
    expect(await status(b.patch(b.system, { AssetTag: 'x' }, { 'if-match': weak.slice(2) }))).toBe(200);
  },
  'empty-etag': async (b) => {
    expect(await b.etag()).toBe('""');
    expect(await status(b.patch(b.system, { AssetTag: 'x' }, { 'if-match': '""' }))).toBe(412);
    expect(await status(b.patch(b.system, { AssetTag: 'x' }))).toBe(200);
  },
  'if-match-required': async (b) => {
    expect(await status(b.boot(ONCE_PXE))).toBe(428);
    expect(await status(b.boot(ONCE_PXE, { 'if-match': await b.etag() }))).toBe(200);
  },
  'if-match-never-works': async (b) => {
    expect(await status(b.boot(ONCE_PXE, { 'if-match': await b.etag() }))).toBe(412);
    expect(await status(b.boot(ONCE_PXE, { 'if-match': '*' }))).toBe(412);
    expect(await status(b.boot(ONCE_PXE))).toBe(200);
  },
  'cisco-dvd-only': async (b) => {
    const slots = await Promise.all(['0', '1', '2'].map((slot) => status(b.media(slot, 'Insert', { Image: ISO }))));
    expect(slots).toEqual([400, 400, 204]);
  },
  'cisco-slots-without-insert': async (b) => {
    expect(await status(b.media('Slot_0', 'Insert', { Image: ISO }))).toBe(405);
    expect((await b.get(`${b.manager}/VirtualMedia/Slot_0`)).json.Actions).toEqual({});
    expect(await status(b.media('Slot_1', 'Insert', { Image: ISO }))).toBe(204);
  },
  'off-spec-json': async (b) => {
    expect((await b.get('/redfish/v1/Chassis/1/Power')).json.PowerControl[0].PowerConsumedWatts).toBe('168');
    expect((await b.get(`${b.system}/Processors/CPU0`)).json.Socket).toBe(0);
    expect((await b.get(`${b.system}/EthernetInterfaces/NIC.2`)).json.MACAddress).toBe('');
  },
  'nvidia-insert-needs-credentials': async (b) => {
    const refused = await b.media('Cd', 'Insert', { Image: ISO });
    expect([refused.status, refused.json.error.code]).toEqual([400, undefined]);
    expect(await status(b.media('Cd', 'Insert', { Image: ISO, UserName: 'a', Password: 'b' }))).toBe(204);
  },
  'insert-needs-transfer-property': (b) => transfer(b, 'PropertyMissing', { TransferProtocolType: 'HTTP' }),
  'insert-needs-transfer-parameter': (b) => transfer(b, 'ActionParameterMissing', { TransferProtocolType: 'HTTP' }),
  'insert-needs-transfer-method': (b) => transfer(b, 'ActionParameterMissing', { TransferMethod: 'Stream' }),
  'bluefield-nic-mode': async (b) => {
    const path = `${b.system}/Bios`;
    expect(await Promise.all([1, 2, 3].map(() => status(b.get(path))))).toEqual([500, 500, 500]);
    expect((await b.get(path)).json.Attributes).toEqual({});
    await b.reset('On');
    expect((await b.get(path)).json.Attributes).toHaveProperty('BootMode');
    expect(await status(b.get(`${b.system}/EthernetInterfaces/NIC.1`))).toBe(404);
  },
  'nvidia-viking': async (b) => {
    expect(await status(b.boot(ONCE_PXE, { 'if-match': await b.etag() }))).toBe(412);
    expect(await status(b.boot(ONCE_PXE, { 'if-match': '*' }))).toBe(200);
    expect(await status(b.get(`${b.system}/Bios/SD`))).toBe(200);
    expect(await status(b.get('/redfish/v1/UpdateService/FirmwareInventory'))).toBe(403);
  },
  'no-managed-by': async (b) => {
    expect((await b.get()).json.Links).not.toHaveProperty('ManagedBy');
    expect((await b.get(b.manager)).json.Links).toHaveProperty('ManagerForServers');
  },
  'zt-rate-limit': async (b) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => status(b.get())));
    expect(all.filter((s) => s === 503).length).toBeGreaterThan(0);
  },
  'subscriptions-differ': async (b) => {
    const made = await b.post('/redfish/v1/EventService/Subscriptions', {
      Destination: 'http://127.0.0.1:9/x',
      Protocol: 'Redfish',
      Context: 'c',
    });
    expect(made.headers.location).toMatch(/\/$/);
    expect((await b.get(String(made.headers.location))).json).not.toHaveProperty('Context');
  },
  'trailing-slash-needed': async (b) => {
    expect([await status(b.get()), await status(b.get(`${b.system}/`))]).toEqual([404, 200]);
  },
  'drops-kept-connections': async (b) => {
    const { Agent, request } = process.getBuiltinModule('node:https');
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
    const once = () =>
      new Promise<string | undefined>((resolve, reject) => {
        const outgoing = request(`${b.m.redfish.url}/redfish/v1`, { agent }, (r) => {
          r.resume();
          r.on('end', () => resolve(r.headers.connection));
        });
        outgoing.on('error', reject);
        outgoing.end();
      });
    expect(await once()).toBe('keep-alive');
    await until(() => b.m.redfish.connections === 0);
    agent.destroy();
  },
  'few-sessions': async (b) => {
    expect(await Promise.all([1, 2, 3].map(() => status(b.login())))).toEqual([201, 201, 503]);
  },
  'session-location-absolute': async (b) =>
    expect((await b.login()).headers.location).toMatch(/^https:\/\/127\.0\.0\.1/),
  'session-location-in-body': async (b) => {
    const made = await b.login();
    expect(made.headers.location).toBeUndefined();
    expect(made.json['@odata.id']).toMatch(/Sessions\/\d+$/);
  },
  'no-session-service': async (b) => {
    expect((await b.get('/redfish/v1')).json).not.toHaveProperty('SessionService');
    expect([await status(b.get('/redfish/v1/SessionService')), await status(b.login())]).toEqual([404, 404]);
  },
  'sessions-only': async (b) => {
    expect(await status(b.get())).toBe(401);
    const token = String((await b.login()).headers['x-auth-token']);
    expect(await status(ask(b.m, 'GET', b.system, { auth: false, headers: { 'x-auth-token': token } }))).toBe(200);
  },
  'slow-bios-write': async (b) => {
    const write = ask(b.m, 'PATCH', `${b.system}/Bios/Settings`, {
      body: { Attributes: { QuietBoot: true } },
      timeoutMs: 300,
    });
    await expect(write).rejects.toThrow();
  },
  'no-continuous-override': async (b) => {
    expect(await status(b.boot({ BootSourceOverrideEnabled: 'Continuous', BootSourceOverrideTarget: 'Pxe' }))).toBe(
      400,
    );
  },
  'time-offset-refused': async (b) => {
    expect(
      await status(b.patch(b.manager, { DateTime: '2030-01-01T00:00:00+00:00', DateTimeLocalOffset: '+00:00' })),
    ).toBe(400);
    expect(await status(b.patch(b.manager, { DateTime: '2030-01-01T00:00:00.123+00:00' }))).toBe(400);
    expect((await b.patch(b.manager, { DateTime: '2030-01-01T00:00:00+00:00' })).json.DateTime).toMatch(
      /^2030-01-01T00:00:0/,
    );
  },
  'secure-boot-fails-while-busy': async (b) => {
    const all = [];
    for (let i = 0; i < 5; i++) all.push(await status(b.get(`${b.system}/SecureBoot`)));
    expect(all).toEqual([500, 500, 500, 500, 200]);
  },
  'no-boot-progress': async (b) => expect((await b.get()).json).not.toHaveProperty('BootProgress'),
  'one-raid-task': async (b) =>
    expect([await status(b.raid('sata1')), await status(b.raid('sata2'))]).toEqual([202, 409]),
  'no-return-after-power-off': async (b) => {
    await b.reset('On');
    await until(() => b.hardware.guest !== undefined);
    b.hardware.guestPowerOff();
    expect((await b.get()).json.PowerState).toBe('On');
    await b.reset('On');
    expect(b.hardware.power).toBe('off');
    await b.reset('ForceOff');
    await b.reset('On');
    expect(b.hardware.power).toBe('on');
  },
  'no-return-after-reboot': async (b) => {
    await b.reset('On');
    await until(() => b.hardware.guest !== undefined);
    b.hardware.guestReset();
    await until(() => b.hardware.power === 'off');
    expect((await b.get()).json.PowerState).toBe('On');
    await b.reset('ForceOff');
    await b.reset('On');
    expect(b.hardware.power).toBe('on');
  },
  'update-takes-bmc-away': async (b) => {
    await b.update({ ImageURI: b.firmwareUrl });
    await until(() =>
      b.get().then(
        () => false,
        () => true,
      ),
    );
    expect(b.m.bmc.rebooting).toBe(true);
  },
  'several-systems': async (b) => {
    const { Members } = (await b.get('/redfish/v1/Systems')).json;
    expect(Members).toHaveLength(3);
    expect((await b.get(Members[0]['@odata.id'])).json.SystemType).toBe('OS');
    expect(Members[2]['@odata.id']).toBe(b.system);
  },
};

async function transfer(b: Bench, messageId: string, missing: Record<string, string>): Promise<void> {
  expect(message(await b.media('Cd', 'Insert', { Image: ISO }))).toContain(messageId);
  expect(await status(b.media('Cd', 'Insert', { Image: ISO, ...missing }))).toBe(204);
}

checkQuirks(otherQuirks, checks);
