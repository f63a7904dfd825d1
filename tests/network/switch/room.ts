import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { createSwitches, type Switches, type SwitchesParts } from '#network/switch/index';
import { loginPlace } from '#network/switch/known';
import { insertSwitch, type NewSwitch } from '#network/switch/store/switches';
import { silentLog } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import { newKey } from '#store/keyring';
import { makeSealer } from '#store/seal';
import { scratchDir, serve, type TestServer, tool } from '../database.ts';

export const sealer: Sealer = makeSealer([newKey(0)], 'nowhere');

/** A room that talks to switches. */
export function openRoom(store: Store, more: Partial<SwitchesParts> = {}): Switches {
  const room = createSwitches({
    store,
    sealer,
    clock: systemClock,
    log: silentLog,
    group: '',
    readMs: 3_600_000,
    ...more,
  });
  room.start();
  return room;
}

/** Registers a switch. */
export async function register(store: Store, row: Partial<NewSwitch> & Pick<NewSwitch, 'name' | 'driver' | 'address'>) {
  const id = newUuid();
  await insertSwitch(store, {
    id,
    description: '',
    platform: null,
    chassis_id: null,
    username: null,
    ca: null,
    certificate: null,
    host_key: null,
    physical_network: null,
    conductor_group: '',
    parking_vlan: 3967,
    drift: 'repair',
    enabled: true,
    options: '{}',
    port_names: '{}',
    ...row,
    login_sealed: sealer.seal(row.login_sealed === undefined ? {} : JSON.parse(row.login_sealed), loginPlace(id)),
  });
  return id;
}

export interface OvsDatabase extends TestServer {
  vsctl(...args: string[]): Promise<string>;
}

/** The database of an Open vSwitch with ports `p1` to `pN`, nobody's frames behind it. */
export async function ovsDatabase(ports: number): Promise<OvsDatabase> {
  const dir = await scratchDir();
  await tool('ovsdb-tool', 'create', join(dir, 'sw.db'), '/usr/share/openvswitch/vswitch.ovsschema');
  const server = await serve(dir, 'sw');
  const vsctl = (...args: string[]) => tool('ovs-vsctl', `--db=${server.remote}`, '--no-wait', '--timeout=10', ...args);
  await vsctl('init', '--', 'add-br', 'tor0');
  const names = Array.from({ length: ports }, (_, i) => `p${i + 1}`);
  await vsctl(...names.flatMap((port) => ['--', 'add-port', 'tor0', port, 'tag=1']));
  return Object.assign(server, { vsctl });
}
