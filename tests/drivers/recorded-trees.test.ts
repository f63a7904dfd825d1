import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { redfishHardware, redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import { Ledger } from '#lab/ledger';
import { replay } from '#lab/record/replay';
import { readArchives } from '../lab/archives.ts';
import { callOf, interfacesOf, nodeOf, PASSWORD, USER } from './rack.ts';

/**
 * A folder of recorded trees of real machines, as *.tar.gz; they are not part of the repository.
 * Where the environment names none, vitest.config.ts leaves this file out.
 */
const trees = process.env['INGOT_REDFISH_TREES'] ?? '';

test('every read path works on trees recorded from real machines', async () => {
  const drivers = redfishInterfaces(systemClock);
  const interfaces = interfacesOf(redfishHardware, drivers.interfaces);
  for (const [name, tree] of await readArchives(trees)) {
    const credentials = { name: USER, password: PASSWORD };
    const options = { name: 'tree', ledger: new Ledger(), credentials, address: '127.0.0.1', port: 0 };
    const { server } = await replay(tree, options);
    const info = { redfish_address: server.url, redfish_username: USER, redfish_verify_ca: false };
    const call = callOf(interfaces, nodeOf('redfish', info, { redfish_password: PASSWORD }));
    const { power, management, bios, inspect, firmware } = interfaces;
    try {
      expect(['power on', 'power off']).toContain(await power.get(call));
      const outcome = await inspect.inspect(call);
      if (outcome.kind !== 'done') throw new Error('it waits');
      const { result } = outcome;
      expect(result.ports.length, name).toBeGreaterThan(0);
      expect(result.properties, name).toMatchObject({ cpu_arch: 'x86_64', cpus: expect.any(Number) });
      expect(result.properties['memory_mb'], name).toBeGreaterThan(1024);
      expect((await bios.settings(call)).length, name).toBeGreaterThan(10);
      expect(Object.keys(await management.sensors(call)), name).toContain('Temperature');
      expect(['OK', 'Warning', 'Critical', null]).toContain(await management.health(call));
      expect(Object.keys(await management.indicators(call)).length, name).toBeGreaterThan(0);
      await management.getBootDevice(call);
      expect(await management.getBootMode(call)).toBe('uefi');
      await management.getSecureBoot(call);
      expect((await management.virtualMedia?.list(call))?.length, name).toBeGreaterThan(0);
      if (firmware.name === 'redfish') expect((await firmware.components(call)).length, name).toBeGreaterThan(1);
    } finally {
      await server.close();
    }
  }
  await drivers.close();
});
