import { systemClock } from '#kernel/clock';
import { Secret } from '#kernel/secret';
import type { LabSwitchDevice } from '#lab/switch/device';
import { EmulatedGnmiSwitch } from '#lab/switch/openconfig/gnmi';
import { EmulatedNetconfSwitch } from '#lab/switch/openconfig/netconf';
import { forwards } from '#lab/switch/state';
import type { Rig } from '#network/switch/conformance/subject';
import { switchConformance } from '#network/switch/conformance/suite';
import { createDrivers } from '#network/switch/drivers/registry';
import { silentLog } from '#platform/log';
import { NO_LOGIN } from './logins.ts';

const PARKING = 3967;

function rigOf(
  driver: string,
  emulated: { device: LabSwitchDevice; port: number; stop(): Promise<void> },
  commits: boolean,
  filters: string,
): Rig {
  const { device } = emulated;
  return {
    driver: createDrivers({ clock: systemClock, log: silentLog }).of(driver, null),
    target: {
      name: 'sw1',
      address: `127.0.0.1:${emulated.port}`,
      platform: null,
      login: { ...NO_LOGIN, username: 'admin', password: new Secret('switch') },
      hostKey: null,
      parkingVlan: PARKING,
      options: { filters },
    },
    ports: [...device.running.ports.keys()],
    writes: () => device.writes,
    async tamper(port, vlan) {
      device.running.vlans.set(vlan, `v${vlan}`);
      Object.assign(device.running.ports.get(port) ?? {}, { mode: 'access', access: vlan });
    },
    async tamperFilters(port) {
      const [key = '', name = ''] = Object.entries(device.running.ports.get(port)?.filters ?? {})[0] ?? [];
      device.running.lists.get(`${key.slice(-1)}:${name}`)?.shift();
    },
    async vlansOf(port) {
      return forwards(device.running, port);
    },
    faults: {
      slow: (ms) => void (device.faults.slowMs = ms),
      cutAfter: (writes) => void (device.faults.cutAfter = writes),
      refuseVlan: (vlan) => void (device.faults.refusedVlan = vlan),
      ...(commits ? { failCommits: (times: number) => void (device.faults.failingCommits = times) } : {}),
      sessionLimit: (sessions) => void (device.faults.sessions = sessions),
      reboot: async () => device.reboot(),
    },
    stop: () => emulated.stop(),
  };
}

switchConformance({
  name: 'NETCONF 1.1 with a candidate',
  start: async () => rigOf('netconf', await EmulatedNetconfSwitch.start(), true, 'in,out'),
});
switchConformance({
  name: 'NETCONF 1.0, written directly',
  start: async () => rigOf('netconf', await EmulatedNetconfSwitch.start({ old: true, direct: true }), false, 'in'),
});
switchConformance({
  name: 'gNMI',
  start: async () => rigOf('gnmi', await EmulatedGnmiSwitch.start(), true, 'in,out'),
});
