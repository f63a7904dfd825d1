import { afterEach, describe, expect, it } from 'vitest';
import type { Connection, FlipOptions, MachineIdentity, MachineNetworks, Neighbour, Plug } from '#contracts/network';
import { IngotError } from '#kernel/errors';
import { newUuid } from '#kernel/ids';
import { type Life, type LifeOptions, openLife } from './harness.ts';

/** A network service that keeps in memory what it was asked for, and fails when a test says so. */
class SimulatedNetworks implements MachineNetworks {
  readonly name = 'simulated';
  /** `connect` calls: what shall be connected, in words. */
  readonly asked: string[] = [];
  readonly now = new Map<string, readonly Plug[]>();
  readonly heard = new Map<string, readonly Neighbour[]>();
  readonly forgotten: string[] = [];
  /** Fails to connect what is called so, once or for good. */
  fails: { what: string; times: number } | undefined;

  async network(ident: string) {
    if (ident === 'nowhere') throw new IngotError('NetworkUnknown', 400, 'Network nowhere does not exist');
    return { id: ident, name: ident };
  }
  async vif(id: string) {
    return { id, network: 'n', physicalNetworks: [] };
  }
  async connect(
    machine: MachineIdentity,
    plugs: readonly Plug[],
    options: FlipOptions,
  ): Promise<readonly Connection[]> {
    options.assertMayWrite();
    const what = [...new Set(plugs.map((plug) => (plug.kind === 'vif' ? 'tenant' : plug.purpose)))].join() || 'nothing';
    this.asked.push(what);
    if (this.fails?.what === what && this.fails.times-- > 0) {
      this.now.set(machine.uuid, []);
      throw new IngotError(
        'NetworkFlipFailed',
        502,
        `The networks could not be changed (enter ${what}): tor1 is silent`,
      );
    }
    this.now.set(machine.uuid, plugs);
    return plugs.map((plug) => ({
      vif: plug.kind === 'vif' ? plug.vif : newUuid(),
      kind: plug.kind,
      purpose: plug.kind === 'vif' ? null : plug.purpose,
      network: 'n',
      place: plug.place.id,
      mac: plug.place.mac ?? '',
      status: 'ACTIVE',
      vifType: 'other',
    }));
  }
  async connections() {
    return [];
  }
  async forget(machine: string) {
    this.forgotten.push(machine);
  }
  async neighbours(machine: string, heard: readonly Neighbour[]) {
    this.heard.set(machine, heard);
  }
}

const NETWORKS = { provisioning: 'prov', cleaning: 'clean', inspection: 'insp', rescue: 'resc', servicing: 'serv' };
const NONE = { provisioning: [], cleaning: [], inspection: [], rescue: [], servicing: [] };

describe('the network interface neutron', { timeout: 60_000 }, () => {
  let life: Life | undefined;
  afterEach(async () => {
    await life?.close();
    life = undefined;
  });

  async function open(more: Partial<typeof NETWORKS> = {}) {
    const networks = new SimulatedNetworks();
    const network = {
      networks: { ...NETWORKS, ...more },
      securityGroups: NONE,
      allPorts: false,
      lldp: 'missing' as const,
    };
    const options: LifeOptions = { networks, conductor: { network } };
    life = await openLife(options);
    const [uuid = ''] = await life.enrol(1, { network_interface: 'neutron' });
    return { life, networks, uuid };
  }
  async function addPort(uuid: string, more: Record<string, unknown> = {}) {
    const port = newUuid();
    const link = { switch_id: '52:54:00:00:00:01', port_id: 'e1' };
    await life?.store.query({
      text: `insert into ports (uuid, node_uuid, address, pxe_enabled, local_link_connection, internal_info)
             values ($1, $2, $3, true, $4, $5)`,
      values: [
        port,
        uuid,
        more['address'] ?? '52:54:00:aa:00:01',
        JSON.stringify(more['link'] ?? link),
        JSON.stringify(more['vif'] === undefined ? {} : { tenant_vif_port_id: more['vif'] }),
      ],
    });
    return port;
  }
  const portOf = async (uuid: string) => {
    const [row] = await (life as Life).store.query<{ info: string; link: string }>({
      text: 'select internal_info::text as info, local_link_connection::text as link from ports where uuid = $1',
      values: [uuid],
    });
    return { info: JSON.parse(row?.info ?? '{}') as object, link: JSON.parse(row?.link ?? '{}') as object };
  };

  it('flips at the right moments, and says which service port is on which port', async () => {
    const { life: it, networks, uuid } = await open();
    const port = await addPort(uuid, { vif: 'v1' });
    await it.bring(uuid, 'available');
    expect(networks.asked).toEqual(['cleaning', 'nothing']);
    await it.verb(uuid, 'active');
    await it.until(uuid, 'active');
    await it.verb(uuid, 'rescue', { rescuePassword: 'sesame' });
    await it.until(uuid, 'rescue');
    expect((await portOf(port)).info).toEqual({ tenant_vif_port_id: 'v1', rescuing_vif_port_id: expect.any(String) });
    await it.verb(uuid, 'unrescue');
    await it.until(uuid, 'active');
    expect((await portOf(port)).info).toEqual({ tenant_vif_port_id: 'v1' });
    await it.verb(uuid, 'deleted');
    await it.until(uuid, 'available');
    expect(networks.asked.slice(2)).toEqual([
      'provisioning',
      'tenant',
      'rescue',
      'tenant',
      'nothing',
      'cleaning',
      'nothing',
    ]);
    expect((await portOf(port)).info).toEqual({});
  });

  it('a tenant network that cannot be entered ends the deploy in a failed state that names it, on no network', async () => {
    const { life: it, networks, uuid } = await open();
    await addPort(uuid, { vif: 'v1' });
    await it.bring(uuid, 'available');
    networks.fails = { what: 'tenant', times: 9 };
    await it.verb(uuid, 'active');
    const { last_error: said } = await it.until(uuid, 'deploy failed');
    expect(said).toContain('switch_to_tenant_network');
    expect(said).toContain('tor1 is silent');
    expect(networks.now.get(uuid)).toEqual([]);
    expect(networks.asked.at(-1)).toBe('nothing');
  });

  it('an instance whose networks cannot be left ends in error, and is not cleaned', async () => {
    const { life: it, networks, uuid } = await open();
    await addPort(uuid, { vif: 'v1' });
    await it.bring(uuid, 'active');
    networks.fails = { what: 'nothing', times: 9 };
    await it.verb(uuid, 'deleted');
    const { last_error: said } = await it.until(uuid, 'error');
    expect(said).toContain('Failed to tear down');
    expect(said).toContain('tor1 is silent');
    expect(networks.asked.filter((what) => what === 'cleaning')).toHaveLength(1);
  });

  it('a node without a VIF is not deployed, and one without a known cable not cleaned', async () => {
    const { life: it, uuid } = await open();
    await addPort(uuid);
    await it.bring(uuid, 'available');
    await it.verb(uuid, 'active');
    expect((await it.until(uuid, 'deploy failed')).last_error).toContain('attach a VIF');
    const [other = ''] = await it.enrol(1, { network_interface: 'neutron' });
    await addPort(other, { address: '52:54:00:aa:00:02', link: {} });
    await it.bring(other, 'manageable');
    await it.verb(other, 'provide');
    expect((await it.until(other, 'clean failed')).last_error).toContain('local_link_connection');
  });

  it('a node that names a network of its own uses it; one that nobody knows is refused', async () => {
    const { life: it, networks, uuid } = await open({ cleaning: 'nowhere' });
    await addPort(uuid);
    await it.bring(uuid, 'manageable');
    await it.verb(uuid, 'provide');
    expect((await it.until(uuid, 'clean failed')).last_error).toContain('nowhere does not exist');
    await it.store.query({
      text: `update nodes set driver_info = '{"cleaning_network": "mine"}', maintenance = false where uuid = $1`,
      values: [uuid],
    });
    await it.verb(uuid, 'manage');
    await it.until(uuid, 'manageable');
    await it.verb(uuid, 'provide');
    await it.until(uuid, 'available');
    expect(networks.asked).toContain('cleaning');
  });
});
