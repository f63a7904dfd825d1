import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DriverCallRequest } from '#baremetal/model/verbs';
import type { InterfaceKind } from '#baremetal/model/interfaces';
import { ACTOR, type Life, openLife } from './harness.ts';

let life: Life;
beforeAll(async () => {
  life = await openLife();
});
afterAll(() => life.close());

const call = (uuid: string, kind: InterfaceKind, method: string, args: DriverCallRequest['args'] = {}, ms = 5_000) => {
  const { deps } = life.room;
  return deps.verbs.driverCall(deps, ACTOR, uuid, { interface: kind, method, args }, ms);
};

test('what is set is read back', async () => {
  const [uuid = ''] = await life.enrol();
  expect(await call(uuid, 'management', 'supportedBootDevices')).toEqual(['pxe', 'disk', 'cdrom']);
  expect(await call(uuid, 'management', 'setBootDevice', { boot_device: 'disk', persistent: true })).toBeNull();
  expect(await call(uuid, 'management', 'getBootDevice')).toEqual({ boot_device: 'disk', persistent: true });
  await call(uuid, 'management', 'setIndicator', { component: 'system', id: 'led', state: 'blinking' });
  expect(await call(uuid, 'management', 'getIndicator', { component: 'system', id: 'led' })).toBe('blinking');
  await call(uuid, 'management', 'virtualMedia.insert', { device_type: 'cdrom', image_url: 'http://boot/iso' });
  expect(await call(uuid, 'management', 'virtualMedia.list')).toMatchObject([{ image: 'http://boot/iso' }]);
  await call(uuid, 'management', 'virtualMedia.eject', {});
  expect(await call(uuid, 'management', 'virtualMedia.list')).toEqual([]);
  expect(await life.row(uuid)).toMatchObject({ intent_id: null, reservation: null, owner_incarnation: null });
});

test('NMI, once', async () => {
  const [uuid = ''] = await life.enrol();
  await call(uuid, 'management', 'injectNmi');
  expect((await life.ledger(uuid)).map((one) => one.action)).toEqual(['nmi']);
});

test('errors of the driver come back as they are', async () => {
  const [uuid = ''] = await life.enrol(1, {
    driver_info: { fake_fail: { 'management.get_boot_device': 'no such LUN' } },
  });
  await expect(call(uuid, 'management', 'getBootDevice')).rejects.toMatchObject({ message: 'no such LUN' });
  await expect(call(uuid, 'management', 'setBootDevice', { boot_device: 'toaster' })).rejects.toMatchObject({
    status: 400,
    code: 'InvalidParameterValue',
  });
  expect(await life.row(uuid)).toMatchObject({ intent_id: null, last_error: null });
  await expect(call(uuid, 'management', 'polish')).rejects.toMatchObject({ code: 'UnsupportedDriverExtension' });
  await expect(call('6d9ab0f4-6cb5-4c4a-a2f6-31d0c1b0f9a6', 'management', 'getBootDevice')).rejects.toMatchObject({
    status: 404,
  });
});

test('one write at a time', async () => {
  const [uuid = ''] = await life.enrol(1, { driver_info: { fake_delay_s: { 'management.set_boot_device': 0.3 } } });
  const both = await Promise.allSettled([
    call(uuid, 'management', 'setBootDevice', { boot_device: 'pxe' }),
    call(uuid, 'management', 'setBootDevice', { boot_device: 'disk' }),
  ]);
  expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'NodeLocked', status: 409 } });
});

test('a call that takes too long', async () => {
  const [uuid = ''] = await life.enrol(1, { driver_info: { fake_delay_s: { 'management.get_boot_device': 3 } } });
  await expect(call(uuid, 'management', 'getBootDevice', {}, 200)).rejects.toMatchObject({ status: 504 });
});

test('nobody serves the group', async () => {
  const [uuid = ''] = await life.enrol(1, { conductor_group: 'elsewhere' });
  await expect(call(uuid, 'management', 'getBootDevice', {}, 200)).rejects.toMatchObject({ status: 503 });
  await expect(call(uuid, 'management', 'setBootDevice', { boot_device: 'disk' }, 200)).rejects.toMatchObject({
    status: 503,
  });
  expect(await life.row(uuid)).toMatchObject({ intent_id: null });
});

test('vendor methods', async () => {
  const [uuid = ''] = await life.enrol();
  const post = (data: object) => ({ http_method: 'POST', data: data as never });
  expect(await call(uuid, 'vendor', 'first_method', post({ bar: 'baz' }))).toBe(true);
  expect(await call(uuid, 'vendor', 'fourth_method_shared_lock', post({ bar: 'x' }))).toBe(false);
  await expect(call(uuid, 'vendor', 'first_method', post({}))).rejects.toMatchObject({ code: 'MissingParameterValue' });
});

test('validation of all interfaces', async () => {
  const [uuid = ''] = await life.enrol(1, { console_interface: 'no-console', raid_interface: 'no-raid' });
  const result = (await call(uuid, 'deploy', 'validateAll')) as Record<
    string,
    { result: boolean | null; reason?: string }
  >;
  expect(Object.keys(result)).toHaveLength(13);
  expect(result['power']).toEqual({ result: true });
  expect(result['console']?.result).toBeNull();
  expect(result['raid']?.reason).toContain('does not support raid');
});

test('while an operation is at work, machines are not to be written to', async () => {
  const [uuid = ''] = await life.enrol(1, { driver_info: { fake_delay_s: { 'deploy.deploy': 0.5 } } });
  await life.bring(uuid, 'available');
  await life.verb(uuid, 'active');
  await expect(call(uuid, 'management', 'setBootDevice', { boot_device: 'disk' })).rejects.toMatchObject({
    code: 'NodeLocked',
  });
  expect(await call(uuid, 'management', 'getBootDevice')).toBeDefined();
  await life.until(uuid, 'active');
});

test("while an operation waits, power is the people's", async () => {
  const [uuid = ''] = await life.enrol(1, { driver_info: { fake_delay_s: { 'deploy.deploy': 1.2, power: 0.3 } } });
  await life.bring(uuid, 'available');
  await life.verb(uuid, 'active');
  await life.until(uuid, 'wait call-back');
  await life.power(uuid, 'rebooting');
  // The wait ends while the machine reboots: the operation goes on when the action is over.
  await life.until(uuid, 'active');
  const actions = (await life.ledger(uuid)).map((one) => one.action);
  expect(actions).toEqual(actions.filter((action, i) => action !== actions[i - 1]));
});
