import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/kernel/run.ts';
import type { LabMachine } from '../../src/lab/lab-machine.ts';
import { type Lab, startLab } from '../../src/lab/up.ts';

// OpenStack's own Redfish client and DMTF's tool, as Debian ships them, against the lab's BMC.
let lab: Lab;
let machine: LabMachine;

beforeAll(async () => {
  lab = await startLab({
    machines: [
      {
        name: 'm',
        secureBoot: true,
        disks: [{ bus: 'nvme' }, { bus: 'sata', raid: true }, { bus: 'sata', raid: true }],
      },
    ],
    kind: 'simulated',
  });
  machine = lab.machine('m');
});
afterAll(() => lab.close());

const SCRIPT = `
import json, sys, time, warnings
warnings.simplefilter('ignore')
import sushy
from sushy import auth
out = {}
root = sushy.Sushy(sys.argv[1] + '/redfish/v1', auth=auth.SessionOrBasicAuth('admin', 'password'), verify=False)
system = root.get_system()
out['maker'] = system.manufacturer
out['types'] = sorted(str(v) for v in system.get_allowed_reset_system_values())
system.reset_system(sushy.RESET_ON); system.refresh()
out['power'] = str(system.power_state)
system.set_system_boot_options(target=sushy.BOOT_SOURCE_TARGET_PXE, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE, mode=sushy.BOOT_SOURCE_MODE_UEFI)
system.refresh(); out['boot'] = [str(system.boot['target']), str(system.boot['enabled']), str(system.boot['mode'])]
system.bios.set_attribute('ProcTurbo', 'Disabled'); system.bios.refresh()
out['bios'] = [system.bios.attributes['ProcTurbo'], system.bios.pending_attributes]
system.secure_boot.set_enabled(True)
out['secure'] = [system.secure_boot.enabled, str(system.secure_boot.mode)]
databases = {d.database_id.value: d for d in system.secure_boot.databases.get_members()}
out['databases'] = list(databases)
databases['KEK'].reset_keys(sushy.SecureBootResetKeysType.DELETE_ALL_KEYS)
databases['KEK'].reset_keys(sushy.SecureBootResetKeysType.RESET_ALL_KEYS_TO_DEFAULT)
manager = system.managers[0]
media = [m for m in manager.virtual_media.get_members() if 'CD' in str(m.media_types) or 'Cd' in m.identity][0]
media.insert_media('http://127.0.0.1/x.iso'); media.refresh(); out['media'] = [media.inserted, media.image]
media.eject_media(); media.refresh(); out['ejected'] = media.inserted
out['disks'] = sorted(d.name for s in system.storage.get_members() for d in s.drives)
raid = [s for s in system.storage.get_members() if s.identity == 'RAID'][0]
raid.volumes.create({'RAIDType': 'RAID1', 'Links': {'Drives': [{'@odata.id': d.path} for d in raid.drives]}})
def volumes():
    stores = root.get_system(system.path).storage.get_members()
    return [v for s in stores if s.identity == 'RAID' for v in s.volumes.get_members()]
for _ in range(50):
    if volumes(): break
    time.sleep(0.1)
out['volume'] = [str(v.raid_type) for v in volumes()]
out['macs'] = len(system.ethernet_interfaces.summary)
out['firmware'] = sorted(f.name for f in root.get_update_service().firmware_inventory.get_members())
out['temperatures'] = len(root.get_chassis().thermal.temperatures)
system.reset_system(sushy.RESET_NMI); system.reset_system(sushy.RESET_FORCE_OFF); system.refresh()
out['off'] = str(system.power_state)
print(json.dumps(out))
`;

describe('clients that are not ours', () => {
  it('python3-sushy drives power, boot, BIOS, Secure Boot, media and RAID', async () => {
    const { stdout } = await run('/usr/bin/python3', ['-c', SCRIPT, machine.redfish.url], { timeoutMs: 60_000 });
    const out = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
    expect(out).toMatchObject({
      maker: 'Ingot Lab',
      macs: 2,
      temperatures: 4,
      volume: [expect.stringContaining('RAID1')],
    });
    expect(out.types).toHaveLength(11);
    expect(out.power).toMatch(/ON/i);
    expect(out.boot.join()).toMatch(/PXE.*ONCE.*UEFI/i);
    expect(out.bios).toEqual(['Enabled', { ProcTurbo: 'Disabled' }]);
    expect(out.databases).toEqual(['PK', 'KEK', 'db', 'dbx']);
    const resets = lab.ledger.list({ action: 'secure-boot.keys' }).map(({ detail }) => detail);
    expect(resets).toEqual([
      { type: 'DeleteAllKeys', database: 'KEK' },
      { type: 'ResetAllKeysToDefault', database: 'KEK' },
    ]);
    expect(out.media).toEqual([true, 'http://127.0.0.1/x.iso']);
    expect(out.ejected).toBe(false);
    expect(out.disks).toEqual(['Drive nvme0', 'Drive sata1', 'Drive sata2']);
    expect(out.firmware).toEqual(['BMC Firmware', 'NIC 1 Firmware', 'NIC 2 Firmware', 'System BIOS']);
    expect(out.off).toMatch(/OFF/i);
    expect(machine.redfish.door.sessions.peak).toBeGreaterThan(0);
  });

  it('redfishtool reads and resets', async () => {
    const tool = async (...args: string[]) => {
      const login = [
        '-r',
        `127.0.0.1:${machine.redfish.port}`,
        '-u',
        'admin',
        '-p',
        'password',
        '-S',
        'Always',
        '-A',
        'Session',
      ];
      return (await run('redfishtool', [...login, ...args], { timeoutMs: 30_000 })).stdout;
    };
    expect(JSON.parse(await tool('Systems', '-I', '1', 'get')).SerialNumber).toBe(machine.spec.serialNumber);
    await tool('Systems', '-I', '1', 'reset', 'On');
    expect(machine.machine.power).toBe('on');
    expect(await tool('Chassis', '-I', '1', 'Thermal')).toContain('CPU0 Temp');
  });
});
