import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MachineIdentity, MachineNetworks, MachinePlace, Plug } from '#contracts/network';
import { newUuid } from '#kernel/ids';

// What every network service promises to bare metal, whichever it is.

/** A network service that is asked, and how a test looks behind it. */
export interface Subject {
  networks: MachineNetworks;
  /** A VLAN of the physical network `rack1`. Gives its id. */
  makeNetwork(name: string, vlan: number): Promise<string>;
  /** A tenant's port that nobody has bound. */
  makeVif(network: string): Promise<string>;
  /** A port as it stands behind the API; null when it is gone. */
  port(id: string): Promise<{ host: string; mac: string; vifType: string; status: string; links: number } | null>;
  /** From now on nothing can be bound by this switch port, or it can again. */
  breakPort(portId: string, broken: boolean): void | Promise<void>;
  close(): Promise<void>;
}

export const SWITCH = '52:54:00:00:00:01';

let count = 0;
/** A machine with NICs on the switch. */
export function machine(nics = 1): { identity: MachineIdentity; places: MachinePlace[] } {
  const n = ++count;
  const places = Array.from({ length: nics }, (_, i): MachinePlace => {
    const portId = `Ethernet${n}/${i}`;
    return {
      id: newUuid(),
      mac: `52:54:00:10:${n.toString(16).padStart(2, '0')}:0${i}`,
      physicalNetwork: 'rack1',
      links: [{ switchId: SWITCH, portId, switchInfo: 'tor1' }],
      bond: null,
    };
  });
  const cables = places.flatMap(({ links }) => links);
  return { identity: { uuid: newUuid(), instanceUuid: null, fence: 5n, cables }, places };
}

export const options = () => ({ signal: AbortSignal.timeout(60_000), assertMayWrite: () => {} });

export const service = (
  network: string,
  place: MachinePlace,
  purpose: 'cleaning' | 'provisioning' = 'cleaning',
): Plug => ({
  kind: 'service',
  purpose,
  network,
  securityGroups: [],
  place,
});
export const tenant = (vif: string, place: MachinePlace): Plug => ({ kind: 'vif', vif, place });

export function promises(name: string, open: () => Promise<Subject>): void {
  describe(`promises of ${name}`, { timeout: 60_000 }, () => {
    let subject: Subject;
    let cleaning = '';
    let red = '';
    beforeAll(async () => {
      subject = await open();
      cleaning = await subject.makeNetwork('cleaning', 100);
      red = await subject.makeNetwork('red', 200);
    }, 120_000);
    afterAll(() => subject?.close(), 60_000);
    const signal = () => AbortSignal.timeout(30_000);

    test('networks are found by id and name, and a name of two is refused', async () => {
      const { networks } = subject;
      expect((await networks.network('cleaning', signal())).id).toBe(cleaning);
      expect((await networks.network(cleaning, signal())).id).toBe(cleaning);
      await expect(networks.network('nowhere', signal())).rejects.toMatchObject({
        code: 'NetworkUnknown',
        status: 400,
      });
      await subject.makeNetwork('twice', 301);
      await subject.makeNetwork('twice', 302);
      await expect(networks.network('twice', signal())).rejects.toMatchObject({ code: 'NetworkUnknown' });
    });

    test('a VIF says where it can be reached, and an unknown one is refused', async () => {
      const vif = await subject.makeVif(red);
      expect(await subject.networks.vif(vif, signal())).toEqual({ id: vif, network: red, physicalNetworks: ['rack1'] });
      await expect(subject.networks.vif(newUuid(), signal())).rejects.toMatchObject({
        code: 'VifUnknown',
        status: 400,
      });
      await expect(subject.networks.vif('no-uuid', signal())).rejects.toMatchObject({ code: 'VifUnknown' });
    });

    test('a machine goes nothing → cleaning → tenant → nothing, once or twice the same', async () => {
      const { networks } = subject;
      const { identity, places } = machine(2);
      const [first, second] = places as [MachinePlace, MachinePlace];
      const vif = await subject.makeVif(red);
      const before = await subject.port(vif);

      const plugs = [service(cleaning, first), service(cleaning, second)];
      const made = await networks.connect(identity, plugs, options());
      const order = (id: string | null) => places.findIndex((place) => place.id === id);
      const inOrder = [...made].sort((a, b) => order(a.place) - order(b.place));
      expect(
        inOrder.map(({ kind, purpose, network, place, mac, status }) => [kind, purpose, network, place, mac, status]),
      ).toEqual([first, second].map((place) => ['service', 'cleaning', cleaning, place.id, place.mac, 'ACTIVE']));
      const again = await networks.connect(identity, plugs, options());
      expect(again.map((one) => one.vif).sort()).toEqual(made.map((one) => one.vif).sort());

      const now = await networks.connect(identity, [tenant(vif, first)], options());
      expect(now.map(({ vif: id, kind, place }) => [id, kind, place])).toEqual([[vif, 'vif', first.id]]);
      expect(await subject.port(vif)).toEqual({
        host: identity.uuid,
        mac: first.mac,
        vifType: 'other',
        status: 'ACTIVE',
        links: 1,
      });
      for (const one of made) expect(await subject.port(one.vif)).toBeNull();
      expect(await networks.connect(identity, [tenant(vif, first)], options())).toHaveLength(1);

      expect(await networks.connect(identity, [], options())).toEqual([]);
      expect(await networks.connections(identity.uuid, signal())).toEqual([]);
      const after = await subject.port(vif);
      expect(after).toMatchObject({ host: '', links: 0 });
      expect(after?.vifType).not.toBe('other');
      // The NIC's address goes back with the NIC.
      expect(after?.mac).not.toBe(first.mac);
      expect(before?.mac).not.toBe(first.mac);
      expect(await networks.connect(identity, [], options())).toEqual([]);
    });

    test('from one service network to another the ports are new, and none of the first is left', async () => {
      const { identity, places } = machine();
      const [place] = places as [MachinePlace];
      const [first] = await subject.networks.connect(identity, [service(cleaning, place)], options());
      const now = await subject.networks.connect(identity, [service(red, place, 'provisioning')], options());
      expect(now.map(({ purpose, network }) => [purpose, network])).toEqual([['provisioning', red]]);
      expect(await subject.port(first?.vif ?? '')).toBeNull();
      await subject.networks.connect(identity, [], options());
    });

    test('what cannot be bound is not bound, and the error names the step', async () => {
      const { identity, places } = machine();
      const [place] = places as [MachinePlace];
      const vif = await subject.makeVif(red);
      await subject.networks.connect(identity, [service(cleaning, place)], options());
      await subject.breakPort(place.links[0]?.portId ?? '', true);
      await expect(subject.networks.connect(identity, [tenant(vif, place)], options())).rejects.toMatchObject({
        code: 'NetworkFlipFailed',
        message: expect.stringContaining('enter the tenant network'),
      });
      expect(await subject.networks.connections(identity.uuid, signal())).toEqual([]);
      expect(await subject.port(vif)).toMatchObject({ host: '', links: 0 });
      await subject.breakPort(place.links[0]?.portId ?? '', false);
      expect(await subject.networks.connect(identity, [tenant(vif, place)], options())).toHaveLength(1);
      await subject.networks.connect(identity, [], options());
    });

    test('a second VIF that cannot be bound leaves the first alone', async () => {
      const { identity, places } = machine(2);
      const [first, second] = places as [MachinePlace, MachinePlace];
      const [one, two] = [await subject.makeVif(red), await subject.makeVif(cleaning)];
      await subject.networks.connect(identity, [tenant(one, first)], options());
      await subject.breakPort(second.links[0]?.portId ?? '', true);
      const both = [tenant(one, first), tenant(two, second)];
      await expect(subject.networks.connect(identity, both, options())).rejects.toMatchObject({
        code: 'NetworkFlipFailed',
      });
      expect((await subject.networks.connections(identity.uuid, signal())).map(({ vif }) => vif)).toEqual([one]);
      await subject.breakPort(second.links[0]?.portId ?? '', false);
      expect(await subject.networks.connect(identity, both, options())).toHaveLength(2);
      expect(
        (await subject.networks.connect(identity, [tenant(two, second)], options())).map(({ vif }) => vif),
      ).toEqual([two]);
      await subject.networks.connect(identity, [], options());
    });

    test('an earlier owner of the machine, and one that may not act, change nothing', async () => {
      const { identity, places } = machine();
      const [place] = places as [MachinePlace];
      const vif = await subject.makeVif(red);
      await subject.networks.connect(identity, [tenant(vif, place)], options());
      const earlier = { ...identity, fence: identity.fence - 1n };
      await expect(subject.networks.connect(earlier, [], options())).rejects.toMatchObject({ code: 'LaterOwner' });
      const lost = () => {
        throw new Error('the lease is lost');
      };
      const without = { ...options(), assertMayWrite: lost };
      await expect(subject.networks.connect(identity, [], without)).rejects.toThrow('the lease is lost');
      expect(await subject.port(vif)).toMatchObject({ host: identity.uuid, status: 'ACTIVE' });
      await subject.networks.connect(identity, [], options());
    });

    test('a port of another machine is not taken', async () => {
      const one = machine();
      const two = machine();
      const vif = await subject.makeVif(red);
      await subject.networks.connect(one.identity, [tenant(vif, one.places[0] as MachinePlace)], options());
      const theirs = subject.networks.connect(two.identity, [tenant(vif, two.places[0] as MachinePlace)], options());
      await expect(theirs).rejects.toThrow(/bound to/);
      expect(await subject.port(vif)).toMatchObject({ host: one.identity.uuid, status: 'ACTIVE' });
      await subject.networks.forget(one.identity.uuid, signal());
      expect(await subject.port(vif)).toMatchObject({ host: '' });
    });

    test('a VIF that is gone is said to be unknown', async () => {
      const { identity, places } = machine();
      const gone = subject.networks.connect(identity, [tenant(newUuid(), places[0] as MachinePlace)], options());
      await expect(gone).rejects.toMatchObject({ code: 'VifUnknown' });
      expect(await subject.networks.connections(identity.uuid, signal())).toEqual([]);
    });
  });
}
