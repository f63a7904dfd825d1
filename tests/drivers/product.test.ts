import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, ready } from '../house/ingot.ts';
import { labMachine, PASSWORD, powerActions, USER } from './rack.ts';

interface Shown {
  uuid: string;
  provision_state: string;
  power_state: string | null;
  last_error: string | null;
  reservation: string | null;
  properties: Record<string, unknown>;
  driver_internal_info: Record<string, unknown>;
}

test('the product drives a machine over Redfish and one over IPMI through its API', async () => {
  using place = scratch();
  const redfish = await labMachine({}, { cpus: 2, memoryMiB: 2048 });
  const ipmi = await labMachine();
  const running = await ready(join(place.path, 'data'), { deadlineMs: 240_000 });
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(running.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.95' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };
  const until = async (uuid: string, isSo: (node: Shown) => boolean) => {
    await expect
      .poll(
        async () => {
          const node = await ask<Shown>('GET', `/v1/nodes/${uuid}`);
          if (node.last_error !== null) throw new Error(node.last_error);
          return isSo(node);
        },
        { timeout: 40_000, interval: 100 },
      )
      .toBe(true);
    return ask<Shown>('GET', `/v1/nodes/${uuid}`);
  };
  try {
    const { drivers } = await ask<{ drivers: { name: string }[] }>('GET', '/v1/drivers');
    expect(drivers.map((one) => one.name).sort()).toEqual(['fake-hardware', 'ipmi', 'redfish']);
    const nodes = [
      {
        lab: redfish,
        driver: 'redfish',
        driver_info: {
          redfish_address: redfish.redfish.url,
          redfish_username: USER,
          redfish_password: PASSWORD,
          redfish_verify_ca: 'pin',
        },
      },
      {
        lab: ipmi,
        driver: 'ipmi',
        driver_info: {
          ipmi_address: '127.0.0.1',
          ipmi_port: ipmi.ipmi.port,
          ipmi_username: USER,
          ipmi_password: PASSWORD,
        },
      },
    ];
    for (const { lab, driver, driver_info } of nodes) {
      const { uuid } = await ask<Shown>('POST', '/v1/nodes', { driver, driver_info });
      await ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' });
      await until(uuid, (node) => node.provision_state === 'manageable');
      if (driver === 'redfish') {
        await ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'inspect' });
        const found = await until(
          uuid,
          (node) => node.provision_state === 'manageable' && node.properties['cpus'] !== undefined,
        );
        expect(found.properties).toMatchObject({ cpus: 2, memory_mb: 2048, cpu_arch: 'x86_64' });
        const { ports } = await ask<{ ports: { address: string }[] }>('GET', `/v1/ports?node=${uuid}`);
        expect(ports.map((one) => one.address).sort()).toEqual(lab.machine.spec.nics.map((nic) => nic.mac).sort());
      }
      await ask('PUT', `/v1/nodes/${uuid}/management/boot_device`, { boot_device: 'pxe', persistent: false });
      expect(lab.bmc.boot.override).toMatchObject({ target: 'Pxe', enabled: 'Once' });
      for (const target of ['power on', 'soft power off', 'power on', 'rebooting', 'power off']) {
        await ask('PUT', `/v1/nodes/${uuid}/states/power`, { target });
        const wanted = target.endsWith('off') ? 'power off' : 'power on';
        await until(uuid, (node) => node.power_state === wanted && node.reservation === null);
      }
      expect(powerActions(lab).filter((one) => one === 'power.on').length).toBe(3);
      expect(lab.machine.power).toBe('off');
    }
  } finally {
    await running.stop();
    await redfish.close();
    await ipmi.close();
  }
});
