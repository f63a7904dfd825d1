import { join } from 'node:path';
import { switchConformance } from '#network/switch/conformance/suite';
import { OvsDriver } from '#network/switch/drivers/ovs/ovs';
import { systemClock } from '#kernel/clock';
import { start } from '#kernel/run';
import { silentLog } from '#platform/log';
import { scratchDir, serve, tool } from '../database.ts';
import { NO_LOGIN } from './logins.ts';

const PORTS = ['eth1', 'eth2', 'eth3', 'eth4', 'eth5', 'eth6', 'eth7', 'eth8'];

// A switch without cables: what it forwards is looked at in ../flip.test.ts and ../filters.test.ts.
switchConformance({
  name: 'Open vSwitch',
  async start() {
    const dir = await scratchDir();
    await tool('ovsdb-tool', 'create', join(dir, 'sw.db'), '/usr/share/openvswitch/vswitch.ovsschema');
    const server = await serve(dir, 'sw');
    const vsctl = (...args: string[]) => tool('ovs-vsctl', `--db=${server.remote}`, '--timeout=10', ...args);
    await vsctl('--no-wait', 'init');
    // Interfaces of its own imagination: no privilege is needed, and nothing of this host is touched.
    const args = [server.remote, '--enable-dummy=override', '--disable-system', '--no-chdir', '-vconsole:off'];
    const control = [`--unixctl=${join(dir, 'v.ctl')}`, `--log-file=${join(dir, 'v.log')}`];
    const daemon = start('setpriv', ['--pdeathsig', 'KILL', 'ovs-vswitchd', ...args, ...control], {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '', OVS_RUNDIR: dir },
    });
    await vsctl('add-br', 'tor0', '--', 'set', 'bridge', 'tor0', 'datapath_type=dummy');
    await vsctl('add-br', 'br-int', '--', 'set', 'bridge', 'br-int', 'datapath_type=dummy');
    const openflow = `unix:${join(dir, 'tor0.mgmt')}`;
    await vsctl(
      ...PORTS.flatMap((port) => ['--', 'add-port', 'tor0', port, 'tag=1']),
      '--',
      'add-port',
      'br-int',
      'vm1',
    );
    const column = async (port: string, name: string) => {
      const row = (await vsctl('--format=json', '--columns=name,tag,trunks,vlan_mode', 'list', 'port', port)).trim();
      const { headings, data } = JSON.parse(row) as { headings: string[]; data: unknown[][] };
      const value = data[0]?.[headings.indexOf(name)];
      return Array.isArray(value) ? (value[1] as unknown[]) : value;
    };
    return {
      driver: new OvsDriver({ clock: systemClock, log: silentLog }),
      target: {
        name: 'tor0',
        address: server.remote,
        platform: null,
        login: NO_LOGIN,
        hostKey: null,
        parkingVlan: 3967,
        options: { bridge: 'tor0', openflow },
      },
      ports: PORTS,
      // The log of the database: a transaction more is a write.
      writes: async () => (await tool('ovsdb-tool', 'show-log', join(dir, 'sw.db'))).split('\n').length,
      tamper: async (port, vlan) => void (await vsctl('set', 'port', port, `tag=${vlan}`)),
      async tamperFilters(port) {
        const number = (await vsctl('get', 'interface', port, 'ofport')).trim();
        await tool('ovs-ofctl', '-O', 'OpenFlow14', 'del-flows', openflow, `table=100,in_port=${number}`);
      },
      async vlansOf(port) {
        const [tag, trunks, mode] = await Promise.all([
          column(port, 'tag'),
          column(port, 'trunks'),
          column(port, 'vlan_mode'),
        ]);
        const untagged = typeof tag === 'number' ? tag : null;
        const list = (Array.isArray(trunks) ? trunks : [trunks]) as number[];
        return {
          mode: mode === 'access' ? 'access' : 'trunk',
          untagged,
          tagged: list.filter((vlan) => vlan !== untagged).sort((a, b) => a - b),
        };
      },
      async stop() {
        daemon.kill('SIGKILL');
        await server.stop();
      },
    };
  },
});
