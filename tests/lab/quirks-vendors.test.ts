import { expect } from 'vitest';
import { dellQuirks } from '../../src/lab/quirks/dell.ts';
import { hpeQuirks } from '../../src/lab/quirks/hpe.ts';
import { lenovoQuirks } from '../../src/lab/quirks/lenovo.ts';
import { supermicroQuirks } from '../../src/lab/quirks/supermicro.ts';
import { type Check, checkQuirks, ISO, message, ONCE_PXE, status } from './bench.ts';
import { until } from './client.ts';

const checks: Record<string, Check> = {
  'supermicro-enabled-falls-back': async (b) => {
    await b.boot({ BootSourceOverrideEnabled: 'Continuous', BootSourceOverrideTarget: 'Pxe' });
    await b.boot({ BootSourceOverrideTarget: 'Hdd' });
    expect((await b.get()).json.Boot.BootSourceOverrideEnabled).toBe('Once');
  },
  'supermicro-mode-resets': async (b) => {
    await b.boot(ONCE_PXE);
    expect((await b.get()).json.Boot.BootSourceOverrideMode).toBe('Legacy');
    await b.boot({ ...ONCE_PXE, BootSourceOverrideMode: 'UEFI' });
    expect((await b.get()).json.Boot.BootSourceOverrideMode).toBe('UEFI');
  },
  'supermicro-no-boot-mode': async (b) => {
    expect((await b.get()).json.Boot).not.toHaveProperty('BootSourceOverrideMode');
    expect(await status(b.boot({ ...ONCE_PXE, BootSourceOverrideMode: 'UEFI' }))).toBe(400);
  },
  'supermicro-usb-cd': async (b) => {
    expect(await status(b.boot({ BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Cd' }))).toBe(400);
    await b.boot({ BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'UsbCd' });
    await b.hardware.powerOn();
    expect(b.first).toBe('cd');
  },
  'supermicro-cd-on-arm': async (b) => {
    expect((await b.get()).json).toMatchObject({ Manufacturer: 'Supermicro', Model: 'ARS-111GL-NHR' });
    expect(await status(b.boot({ BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Cd' }))).toBe(200);
  },
  'supermicro-insert-no-defaults': async (b) => {
    expect(await status(b.media('Cd', 'Insert', { Image: ISO, Inserted: true, WriteProtected: true }))).toBe(400);
    expect(await status(b.media('Cd', 'Insert', { Image: ISO }))).toBe(204);
  },
  'supermicro-plain-media-url': async (b) => {
    for (const bad of [`${ISO}?token=1`, 'http://127.0.0.1/a=b.iso', 'http://127.0.0.1/image'])
      expect(await status(b.media('Cd', 'Insert', { Image: bad }))).toBe(400);
    expect(await status(b.media('Cd', 'Insert', { Image: ISO }))).toBe(204);
  },
  'supermicro-secure-boot-licence': async (b) => {
    expect(message(await b.get(`${b.system}/SecureBoot`))).toContain('OemLicenseNotPassed');
  },
  'supermicro-uefi-disk-selector': async (b) => {
    await b.tool('raw', '0', '8', '5', '0xe0', '0x08', '0', '0', '0');
    expect(b.m.bmc.boot.override.enabled).toBe('Disabled');
    await b.tool('raw', '0', '8', '5', '0xe0', '0x24', '0', '0', '0');
    expect(b.m.bmc.boot.override).toMatchObject({ enabled: 'Continuous', target: 'Hdd' });
  },
  'supermicro-stuck-in-flash-mode': async (b) => {
    await b.update({ ImageURI: 'http://127.0.0.1:1/none.bin' });
    await until(() => b.m.bmc.settings.flashStuck);
    expect(await status(b.update({ ImageURI: b.firmwareUrl }))).toBe(503);
    await b.post(`${b.manager}/Actions/Manager.Reset`, { ResetType: 'ForceRestart' });
    await until(() =>
      status(b.update({ ImageURI: b.firmwareUrl })).then(
        (s) => s === 202,
        () => false,
      ),
    );
  },
  'supermicro-port-ids-collide': async (b) => {
    const ids = await Promise.all(
      [1, 2].map(async (n) => (await b.get(`/redfish/v1/Chassis/1/NetworkAdapters/NIC.${n}/Ports/1`)).json),
    );
    expect(ids[0]['@odata.id']).toBe(ids[1]['@odata.id']);
    expect(ids[0].Ethernet).toBeUndefined();
  },
  'hpe-bios-lower-case': async (b) => {
    expect((await b.get(`${b.system}/Bios`)).json['@Redfish.Settings'].SettingsObject['@odata.id']).toMatch(
      /\/Bios\/settings$/,
    );
    expect(await status(b.patch(`${b.system}/Bios/settings`, { Attributes: { QuietBoot: true } }))).toBe(200);
    expect(await status(b.get(`${b.system}/Bios/Settings`))).toBe(404);
  },
  'hpe-no-boot-change-in-post': async (b) => {
    await b.reset('On');
    expect(message(await b.boot(ONCE_PXE))).toContain('UnableToModifyDuringSystemPOST');
    await until(() => !b.hardware.inPost);
    expect(await status(b.boot(ONCE_PXE))).toBe(200);
  },
  'hpe-busy-after-power-change': async (b) => {
    await b.reset('On');
    expect(message(await b.reset('ForceOff'))).toContain('InvalidOperationForSystemState');
    expect(await status(b.get())).toBe(200);
  },
  'hpe-eject-needs-body': async (b) => {
    expect(await status(b.media('Cd', 'Eject'))).toBe(415);
    expect(await status(b.media('Cd', 'Eject', {}))).toBe(204);
  },
  'hpe-no-boot-mode': async (b) => {
    expect((await b.get()).json.Boot).not.toHaveProperty('BootSourceOverrideMode');
  },
  'hpe-identity-encoding': async (b) => {
    expect(await status(b.get('/redfish/v1/Registries', { 'accept-encoding': 'identity' }))).toBe(406);
    expect(await status(b.get('/redfish/v1/Registries'))).toBe(200);
  },
  'hpe-reset-without-type': async (b) => {
    expect((await b.get()).json.Actions['#ComputerSystem.Reset']).not.toHaveProperty(
      'ResetType@Redfish.AllowableValues',
    );
    expect(await status(b.reset('On'))).toBe(400);
    expect(await status(b.post(`${b.system}/Actions/ComputerSystem.Reset`, {}))).toBe(204);
    expect(b.hardware.power).toBe('on');
  },
  'hpe-enabled-needs-target': async (b) => {
    expect(await status(b.boot({ BootSourceOverrideEnabled: 'Disabled' }))).toBe(400);
    expect(await status(b.boot({ BootSourceOverrideEnabled: 'Disabled', BootSourceOverrideTarget: 'Pxe' }))).toBe(200);
  },
  'hpe-no-power-state': async (b) => expect((await b.get()).json).not.toHaveProperty('PowerState'),
  'hpe-adapter-ids-change': async (b) => {
    const ids = async () => (await b.get('/redfish/v1/Chassis/1/NetworkAdapters')).json.Members;
    const before = await ids();
    await b.reset('On');
    const after = await ids();
    expect(after).not.toEqual(before);
    expect(await status(b.get(after[0]['@odata.id']))).toBe(200);
  },
  'hpe-task-monitor-useless': async (b) => {
    const answer = await b.update({ ImageURI: b.firmwareUrl });
    expect(await status(b.get(String(answer.headers.location)))).toBe(404);
    expect(await status(b.get(answer.json['@odata.id']))).toBe(200);
  },
  'hpe-bios-update-at-reset': async (b) => {
    const task = (await b.update({ ImageURI: b.firmwareUrl })).json['@odata.id'];
    await until(async () => (await b.get(task)).json.TaskState === 'Pending');
    expect((await b.get()).json.BiosVersion).toBe('1.0.0');
    await b.reset('On');
    await until(async () => (await b.get(task)).json.TaskState === 'Completed');
    expect((await b.get()).json.BiosVersion).toBe('2.5.0');
  },
  'hpe-drive-without-state': async (b) => {
    expect((await b.get(`${b.system}/Storage/NVMe/Drives/nvme0`)).json.Status).toEqual({ Health: 'OK' });
  },
  'lenovo-media-by-patch': async (b) => {
    const cd = `${b.manager}/VirtualMedia/Cd`;
    expect((await b.get(cd)).json.Actions).toEqual({});
    expect(await status(b.media('Cd', 'Insert', { Image: ISO }))).toBe(404);
    expect((await b.patch(cd, { Image: ISO, Inserted: true })).json.Inserted).toBe(true);
    expect((await b.patch(cd, { Image: null })).json.Inserted).toBe(false);
  },
  'lenovo-restoration-screen': async (b) => {
    await b.boot(ONCE_PXE);
    b.m.bmc.settings.nvramChanged = true;
    await b.reset('On');
    expect(b.first).toBe('setup');
    await b.boot(ONCE_PXE);
    await b.reset('ForceRestart');
    expect(b.first).toBe('network');
  },
  'lenovo-bios-pending': async (b) => expect(await status(b.get(`${b.system}/Bios/Pending`))).toBe(200),
  'dell-mode-by-job': async (b) => {
    await b.boot({ ...ONCE_PXE, BootSourceOverrideMode: 'Legacy' });
    expect((await b.get()).json.Boot.BootSourceOverrideMode).toBe('UEFI');
    expect((await b.get('/redfish/v1/TaskService/Tasks?$expand=.')).json.Members[0].TaskState).toBe('Pending');
    await b.reset('On');
    expect((await b.get()).json.Boot.BootSourceOverrideMode).toBe('Legacy');
  },
  'dell-job-queue': async (b) => {
    const write = (value: boolean) =>
      status(b.patch(`${b.system}/Bios/Settings`, { Attributes: { QuietBoot: value } }));
    expect([await write(true), await write(false)]).toEqual([202, 409]);
    await b.post(`${b.manager}/Oem/Dell/DellJobService/Actions/DellJobService.DeleteJobQueue`, {
      JobID: 'JID_CLEARALL',
    });
    expect(await write(false)).toBe(202);
  },
  'dell-boot-job-late': async (b) => {
    await b.boot(ONCE_PXE);
    await b.reset('On');
    expect(b.first).toBe('disk:nvme0');
    await new Promise((resolve) => setTimeout(resolve, 2_050));
    await b.reset('ForceRestart');
    expect(b.first).toBe('network');
  },
  'dell-task-appears-late': async (b) => {
    const task = (await b.update({ ImageURI: b.firmwareUrl })).json['@odata.id'];
    expect(await status(b.get(task))).toBe(404);
    await until(async () => (await status(b.get(task))) === 200);
  },
  'dell-data-sources-unavailable': async (b) => {
    const all = await Promise.all(Array.from({ length: 40 }, () => b.get()));
    expect(new Set(all.map((a) => a.status))).toEqual(new Set([200, 503]));
    expect(all.map(message).join()).toContain('SYS518');
  },
  'dell-tasks-forgotten': async (b) => {
    const task = (await b.update({ ImageURI: b.firmwareUrl })).json['@odata.id'];
    await until(async () => (await b.get(task)).json.TaskState === 'Completed');
    await until(async () => (await status(b.get(task))) === 404);
  },
  'dell-task-states': async (b) => {
    const task = (await b.update({ ImageURI: b.firmwareUrl })).json['@odata.id'];
    expect((await b.get(task)).json.TaskState).toBe('New');
    await until(async () => message(await b.get(task)).includes('is processing'));
    expect((await b.get(task)).json).toMatchObject({ TaskState: 'Completed' });
    expect((await b.get(task)).json).not.toHaveProperty('EndTime');
    await until(async () => (await b.get(task)).json.EndTime !== undefined);
  },
  'dell-completed-with-errors': async (b) => {
    const task = (await b.update({ ImageURI: b.firmwareUrl })).json['@odata.id'];
    await until(async () => (await b.get(task)).json.TaskState === 'Completed');
    expect(message(await b.get(task))).toContain('completed with errors');
  },
  'dell-slow-eject': async (b) => {
    await b.media('Cd', 'Insert', { Image: ISO });
    expect(await status(b.media('Cd', 'Eject', {}))).toBe(204);
    expect((await b.get(`${b.manager}/VirtualMedia/Cd`)).json.Inserted).toBe(true);
    expect(await status(b.media('Cd', 'Insert', { Image: ISO }))).toBe(503);
    await until(async () => (await status(b.media('Cd', 'Insert', { Image: ISO }))) === 204);
  },
  'dell-oem-media-boot': async (b) => {
    await b.boot({ BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Cd' });
    await b.reset('On');
    expect(b.first).toBe('disk:nvme0');
    await b.patch(`${b.manager}/Attributes`, {
      Attributes: { 'ServerBoot.1.BootOnce': 'Enabled', 'ServerBoot.1.FirstBootDevice': 'VCD-DVD' },
    });
    await b.reset('ForceRestart');
    expect(b.first).toBe('cd');
  },
  'dell-idrac10-versions': async (b) => {
    expect((await b.get(b.manager)).json.FirmwareVersion).toMatch(/^1\./);
    expect(await status(b.media('2', 'Insert', { Image: ISO }))).toBe(400);
    expect(await status(b.media('1', 'Insert', { Image: ISO }))).toBe(204);
  },
  'dell-boot-on-settings': async (b) => {
    expect(await status(b.boot(ONCE_PXE))).toBe(403);
    const settings = `${b.system}/Settings`;
    expect((await b.get()).json['@Redfish.Settings'].SettingsObject['@odata.id']).toBe(settings);
    expect(await b.etag(settings)).not.toBe(await b.etag());
    expect(await status(b.patch(settings, { Boot: ONCE_PXE }, { 'if-match': await b.etag(settings) }))).toBe(200);
    expect((await b.get()).json.Boot.BootSourceOverrideTarget).toBe('Pxe');
  },
  'dell-power-on-conflict': async (b) => {
    await b.reset('On');
    await b.reset('ForceOff');
    expect(message(await b.reset('On'))).toContain('ActionParameterValueConflict');
    await until(async () => (await status(b.reset('On'))) === 204);
  },
  'dell-gzip-etag': async (b) => {
    const packed = await b.etag(b.system, { 'accept-encoding': 'gzip' });
    expect(packed).toMatch(/-gzip"$/);
    expect(await status(b.patch(b.system, { AssetTag: 'x' }, { 'if-match': packed }))).toBe(412);
    expect(await status(b.patch(b.system, { AssetTag: 'x' }, { 'if-match': await b.etag() }))).toBe(200);
  },
  'dell-no-if-match-on-update': async (b) => {
    expect(await status(b.update({ ImageURI: b.firmwareUrl }, { 'if-match': '"x"' }))).toBe(412);
    expect(await status(b.update({ ImageURI: b.firmwareUrl }))).toBe(202);
  },
  'dell-loose-shapes': async (b) => {
    expect((await b.get('/redfish/v1/Systems')).json).not.toHaveProperty('Members@odata.count');
    expect((await b.get(`${b.system}/Bios`)).json['@Redfish.Settings']).toBeNull();
    expect((await b.patch(b.system, { AssetTag: 'x' })).json.error['@Message.ExtendedInfo']).toMatchObject({
      MessageId: 'IDRAC.2.7.SYS403',
    });
  },
  'dell-reset-bios-needs-body': async (b) => {
    const path = `${b.system}/Bios/Actions/Bios.ResetBios`;
    expect([await status(b.post(path)), await status(b.post(path, {}))]).toEqual([400, 204]);
  },
  'dell-role-needs-password': async (b) => {
    const account = String(
      (await b.post('/redfish/v1/AccountService/Accounts', { UserName: 'u', Password: 'p', RoleId: 'ReadOnly' }))
        .headers.location,
    );
    expect(await status(b.patch(account, { RoleId: 'Operator' }))).toBe(400);
    expect(await status(b.patch(account, { RoleId: 'Operator', Password: 'p' }))).toBe(200);
  },
  'dell-drives-need-raid-mode': async (b) => {
    expect(await status(b.raid('sata1'))).toBe(400);
    const service = (await b.get()).json.Links.Oem.Dell.DellRaidService['@odata.id'];
    const convert = (await b.get(service)).json.Actions['#DellRaidService.ConvertToRAID'].target;
    expect([await status(b.post(convert, {})), await status(b.post(convert, { PDArray: ['none'] }))]).toEqual([
      400, 400,
    ]);
    await b.post(convert, { PDArray: ['sata1'] });
    const drive = async () => (await b.get(`${b.system}/Storage/RAID/Drives/sata1`)).json.Oem.Dell.DellPhysicalDisk;
    await until(async () => (await drive()).RaidStatus === 'Ready');
    expect(await status(b.raid('sata1'))).toBe(202);
  },
  'dell-media-detached': async (b) => {
    const guest = () => b.hardware.guest?.name;
    await b.media('Cd', 'Insert', { Image: ISO });
    await b.boot({ BootSourceOverrideEnabled: 'Continuous', BootSourceOverrideTarget: 'Cd' });
    await b.reset('On');
    await until(() => guest() === 'system');
    await b.patch(`${b.manager}/Attributes`, { Attributes: { 'VirtualMedia.1.Attached': 'AutoAttach' } });
    await b.media('Cd', 'Eject', {});
    await b.media('Cd', 'Insert', { Image: ISO });
    await b.reset('ForceRestart');
    await until(() => guest() === `medium ${ISO}`);
  },
  'dell-ignores-one-time-boot': async (b) => {
    await b.hardware.powerOn();
    const seen = [];
    for (let i = 0; i < 3; i++) {
      await b.boot(ONCE_PXE);
      await b.reset('ForceRestart');
      seen.push(b.first);
    }
    expect(seen).toEqual(['disk:nvme0', 'disk:nvme0', 'network']);
  },
};

checkQuirks([...supermicroQuirks, ...hpeQuirks, ...lenovoQuirks, ...dellQuirks], checks);
