import { systemClock } from '#kernel/clock';
import { Secret } from '#kernel/secret';
import { DIALECTS } from '#lab/switch/ssh/all';
import { EmulatedSshSwitch } from '#lab/switch/ssh/server';
import { forwards } from '#lab/switch/state';
import { switchConformance } from '#network/switch/conformance/suite';
import { createDrivers } from '#network/switch/drivers/registry';
import { silentLog } from '#platform/log';
import { NO_LOGIN } from './logins.ts';

const PARKING = 3967;

for (const dialect of DIALECTS) {
  switchConformance({
    name: dialect.name,
    async start() {
      const emulated = await EmulatedSshSwitch.start({ dialect });
      const { device } = emulated;
      return {
        driver: createDrivers({ clock: systemClock, log: silentLog }).of('ssh', dialect.name),
        target: {
          name: 'sw1',
          address: `127.0.0.1:${emulated.port}`,
          platform: dialect.name,
          login: {
            ...NO_LOGIN,
            username: 'admin',
            password: new Secret('switch'),
            enablePassword: new Secret('secret'),
          },
          hostKey: null,
          parkingVlan: PARKING,
          // AOS-CX has filters of both directions on some models alone: it is told that this is one.
          options: dialect.name === 'aruba_aoscx' ? { filters: 'in,out' } : {},
        },
        ports: dialect.ports(8),
        writes: () => device.writes,
        async tamper(port, vlan) {
          const one = device.running.ports.get(port);
          device.running.vlans.set(vlan, `v${vlan}`);
          if (one !== undefined) Object.assign(one, dialect.access(vlan));
        },
        async tamperFilters(port) {
          if (dialect.loosen !== undefined) {
            dialect.loosen(device.running, port);
            return;
          }
          const { lists, ports } = device.running;
          const [key = '', name = ''] = Object.entries(ports.get(port)?.filters ?? {})[0] ?? [];
          lists.get(`${key.slice(-1)}:${name}`)?.shift();
        },
        async vlansOf(port) {
          const said = forwards(device.running, port);
          return said.untagged === PARKING && said.mode === 'trunk' ? { ...said, untagged: null } : said;
        },
        faults: {
          slow: (ms) => void (device.faults.slowMs = ms),
          cutAfter: (writes) => void (device.faults.cutAfter = writes),
          refuseVlan: (vlan) => void (device.faults.refusedVlan = vlan),
          ...(dialect.commits ? { failCommits: (times: number) => void (device.faults.failingCommits = times) } : {}),
          sessionLimit: (sessions) => void (device.faults.sessions = sessions),
          reboot: async () => device.reboot(),
        },
        stop: () => emulated.stop(),
      };
    },
  });
}
