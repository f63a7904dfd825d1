import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AclRule } from '#contracts/switches';
import { applyBatch, type BatchResult } from '../apply.ts';
import type { SwitchSession } from '../drivers/contract.ts';
import type { AclConfig, PortConfig } from '../model/config.ts';
import { differencesOf } from '../model/difference.ts';
import { access, type Rig, rulesFrom, rulesTo, type Subject, trunk } from './subject.ts';

const PATIENCE_MS = 60_000;
const NO_FAULTS = 'because this is a real server, which has no faults at will';

/** Everything a driver promises, against its switch. */
export function switchConformance(subject: Subject): void {
  // oxlint-disable-next-line vitest/valid-title
  describe(subject.name, () => {
    let rig: Rig;
    let open: SwitchSession | undefined;

    beforeAll(async () => {
      rig = await subject.start();
    });
    afterAll(async () => {
      await open?.close();
      await rig?.stop();
    });

    const session = async (): Promise<SwitchSession> => {
      if (open === undefined || open.closed) {
        await open?.close();
        open = await rig.driver.open(rig.target, AbortSignal.timeout(PATIENCE_MS));
      }
      return open;
    };
    const apply = (wanted: Record<string, PortConfig>): Promise<BatchResult> =>
      applyBatch(
        {
          name: rig.target.name,
          parkingVlan: rig.target.parkingVlan,
          session,
          mayWrite: () => {},
          signal: AbortSignal.timeout(PATIENCE_MS),
        },
        new Map(Object.entries(wanted)),
      );
    const done = async (wanted: Record<string, PortConfig>): Promise<void> => {
      const { ports, wrote } = await apply(wanted);
      const failed = [...ports].filter(([, { outcome }]) => outcome !== 'applied' && outcome !== 'already');
      expect(failed.map(([port, { outcome, error }]) => `${port} ${outcome} ${error?.message}`)).toEqual([]);
      if (wrote) await (await session()).save(AbortSignal.timeout(PATIENCE_MS));
      for (const [port, config] of Object.entries(wanted)) {
        expect(differencesOf(config, ports.get(port)?.found as PortConfig), port).toEqual([]);
      }
    };
    const port = (n: number): string => rig.ports[n] as string;
    const parked = () => access(rig.target.parkingVlan, { enabled: false });

    it('knows its ports by their names', async () => {
      const { ports } = await (await session()).read(AbortSignal.timeout(PATIENCE_MS));
      expect([...ports.keys()]).toEqual(expect.arrayContaining([...rig.ports]));
      for (const name of rig.ports) expect(rig.driver.portName(name)).toBe(name);
      for (const evil of ['eth0; reboot', 'a\nb', '', '$(x)', '../x', '"', 'Ethernet1 | no shutdown']) {
        expect(rig.driver.portName(evil)).toBeNull();
      }
    });

    it('makes an access port, and moves it', async () => {
      await done({ [port(0)]: access(210) });
      expect(await rig.vlansOf(port(0))).toEqual({ mode: 'access', untagged: 210, tagged: [] });
      await done({ [port(0)]: access(211) });
      expect(await rig.vlansOf(port(0))).toEqual({ mode: 'access', untagged: 211, tagged: [] });
    });

    it('makes trunks with and without a native VLAN, and narrows them', async () => {
      await done({ [port(1)]: trunk(220, [221, 222, 223, 230]), [port(2)]: trunk(null, [221, 240]) });
      expect(await rig.vlansOf(port(1))).toEqual({ mode: 'trunk', untagged: 220, tagged: [221, 222, 223, 230] });
      expect(await rig.vlansOf(port(2))).toEqual({ mode: 'trunk', untagged: null, tagged: [221, 240] });
      await done({ [port(1)]: trunk(null, [222]), [port(2)]: trunk(241, [240]) });
      expect(await rig.vlansOf(port(1))).toEqual({ mode: 'trunk', untagged: null, tagged: [222] });
      expect(await rig.vlansOf(port(2))).toEqual({ mode: 'trunk', untagged: 241, tagged: [240] });
      await done({ [port(1)]: access(220) });
      expect(await rig.vlansOf(port(1))).toEqual({ mode: 'access', untagged: 220, tagged: [] });
      await done({ [port(1)]: trunk(null, [250]) });
    });

    it('shuts what carries nothing, and opens it again', async () => {
      await done({ [port(0)]: parked() });
      await done({ [port(0)]: access(212) });
      expect(await rig.vlansOf(port(0))).toEqual({ mode: 'access', untagged: 212, tagged: [] });
    });

    it('writes nothing when all is as wanted', async () => {
      const wanted = { [port(0)]: access(212), [port(1)]: trunk(225, [226]), [port(3)]: parked() };
      await done(wanted);
      const before = await rig.writes();
      const { ports, wrote } = await apply(wanted);
      expect([...ports.values()].map(({ outcome }) => outcome)).toEqual(['already', 'already', 'already']);
      expect(wrote).toBe(false);
      expect(await rig.writes()).toBe(before);
    });

    it('says what else of a port it looks after', async () => {
      const { abilities } = rig.driver;
      await done({
        [port(3)]: access(213, {
          description: 'node-7:eth0',
          ...(abilities.mtu ? { mtu: 9000 } : {}),
          ...(abilities.edge ? { edge: true } : {}),
          ...(abilities.storm ? { stormPercent: 5 } : {}),
        }),
      });
      await done({
        [port(3)]: access(213, {
          description: 'other',
          ...(abilities.mtu ? { mtu: 1500 } : {}),
          ...(abilities.edge ? { edge: false } : {}),
        }),
      });
    });

    it('bundles ports, moves the bundle, lets one out, and takes it apart', async (context) => {
      context.skip(!rig.driver.abilities.lag, 'because this switch bundles nothing');
      const lag = { group: 7, mode: 'lacp' as const, mlag: false };
      await done({ [port(4)]: access(230, { lag }), [port(5)]: access(230, { lag }) });
      await done({ [port(4)]: trunk(231, [232], { lag }), [port(5)]: trunk(231, [232], { lag }) });
      await done({ [port(4)]: access(233) });
      const { ports } = await (await session()).read(AbortSignal.timeout(PATIENCE_MS));
      expect(ports.get(port(5))).toMatchObject({ lag, mode: 'trunk', untagged: 231, tagged: [232] });
      const fixed = { group: 8, mode: 'static' as const, mlag: false };
      await done({ [port(4)]: access(234, { lag: fixed }), [port(5)]: access(234, { lag: fixed }) });
      await done({ [port(4)]: access(235), [port(5)]: parked() });
      if (!rig.driver.abilities.mlag) return;
      const pair = { group: 9, mode: 'lacp' as const, mlag: true };
      await done({ [port(4)]: access(236, { lag: pair }) });
      await done({ [port(4)]: access(235) });
    });

    describe('filters', () => {
      const NONE = 'because this driver filters nothing';
      const can = () => rig.driver.abilitiesWith?.(rig.target.options) ?? rig.driver.abilities;
      const kinds = (rules: AclRule[]) =>
        can().icmpTypes === false ? rules.filter(({ icmpType }) => icmpType === undefined) : rules;
      /** As much as the switch can, in both directions where it has both. */
      const filters = (open: number, remote: string): AclConfig => ({
        in: can().acl.includes('in') ? kinds(rulesFrom(remote)) : null,
        out: can().acl.includes('out') ? kinds(rulesTo(open)) : null,
        ...(can().stateful === true ? { stateful: true } : {}),
        ...(can().guard === true ? { guard: { hosts: [{ mac: '52:54:00:aa:00:01', ips: ['10.0.0.5/32'] }] } } : {}),
      });

      it('puts filters on a port, changes them, and takes them off', async (context) => {
        context.skip(can().acl.length === 0, NONE);
        await done({ [port(0)]: access(270, { acl: filters(22, '10.1.0.0/16') }), [port(1)]: access(270) });
        const before = await rig.writes();
        await done({ [port(0)]: access(270, { acl: filters(22, '10.1.0.0/16') }) });
        expect(await rig.writes()).toBe(before);
        await done({ [port(0)]: access(270, { acl: filters(8080, '10.2.0.0/16') }) });
        await done({ [port(0)]: access(271, { acl: filters(8080, '10.2.0.0/16') }) });
        expect(await rig.vlansOf(port(0))).toEqual({ mode: 'access', untagged: 271, tagged: [] });
        // A list without a rule lets nothing through, which is not the same as no list.
        await done({ [port(0)]: access(271, { acl: { in: can().acl.includes('in') ? [] : null, out: null } }) });
        await done({ [port(0)]: access(rig.target.parkingVlan, { enabled: false, acl: { in: null, out: null } }) });
        await done({ [port(0)]: access(272, { acl: { in: null, out: null } }) });
      });

      it('leaves filters of other ports as they are', async (context) => {
        context.skip(can().acl.length === 0, NONE);
        const [first, second] = [filters(22, '10.1.0.0/16'), filters(443, '10.3.0.0/16')];
        await done({ [port(2)]: access(273, { acl: first }), [port(3)]: access(274, { acl: second }) });
        await done({ [port(2)]: access(273, { acl: { in: null, out: null } }) });
        const { ports } = await (await session()).read(AbortSignal.timeout(PATIENCE_MS));
        expect(differencesOf(access(274, { acl: second }), ports.get(port(3)) as PortConfig)).toEqual([]);
        await done({ [port(3)]: access(274, { acl: { in: null, out: null } }) });
      });

      it('has them on a bond as well', async (context) => {
        context.skip(can().acl.length === 0, NONE);
        context.skip(!can().lag, 'because this switch bundles nothing');
        const lag = { group: 11, mode: 'lacp' as const, mlag: false };
        const acl = filters(22, '10.1.0.0/16');
        await done({ [port(4)]: access(275, { lag, acl }), [port(5)]: access(275, { lag, acl }) });
        const open = { in: null, out: null };
        await done({ [port(4)]: access(276, { acl: open }), [port(5)]: access(276, { acl: open }) });
      });

      it('leaves those a port had when a change is refused, or cut off, half done', async (context) => {
        const { faults } = rig;
        context.skip(can().acl.length === 0, NONE);
        context.skip(faults === undefined, NO_FAULTS);
        if (faults === undefined) return;
        const before = access(277, { acl: filters(22, '10.1.0.0/16') });
        const acl = filters(443, '10.4.0.0/16');
        const read = async () => (await (await session()).read(AbortSignal.timeout(PATIENCE_MS))).ports.get(port(0));
        await done({ [port(0)]: before });
        faults.refuseVlan(666);
        const refused = await apply({ [port(0)]: access(666, { acl }) });
        faults.refuseVlan(null);
        expect(refused.ports.get(port(0))?.outcome).toBe('kept');
        expect(differencesOf(before, (await read()) as PortConfig)).toEqual([]);
        for (const writes of [2, 9, 20]) {
          await done({ [port(0)]: before });
          faults.cutAfter(writes);
          const { ports } = await apply({ [port(0)]: access(278, { acl }) });
          faults.cutAfter(0);
          const { outcome, error } = ports.get(port(0)) ?? {};
          expect(['applied', 'kept'], `after ${writes}: ${error?.message}`).toContain(outcome);
          const config = outcome === 'applied' ? access(278, { acl }) : before;
          expect(differencesOf(config, (await read()) as PortConfig), `after ${writes}`).toEqual([]);
        }
        await done({ [port(0)]: access(277, { acl: { in: null, out: null } }) });
      });

      it('sees and repairs what somebody else did to them', async (context) => {
        context.skip(can().acl.length === 0 || rig.tamperFilters === undefined, NONE);
        const wanted = { [port(0)]: access(270, { acl: filters(22, '10.1.0.0/16') }) };
        await done(wanted);
        await rig.tamperFilters?.(port(0));
        const { ports } = await (await session()).read(AbortSignal.timeout(PATIENCE_MS));
        const found = differencesOf(wanted[port(0)] as PortConfig, ports.get(port(0)) as PortConfig);
        expect(found.map(({ what }) => what)).toEqual(['acl']);
        await done(wanted);
        await done({ [port(0)]: access(270, { acl: { in: null, out: null } }) });
      });
    });

    it('leaves ports alone that it was not told of', async () => {
      await done({ [port(6)]: access(260), [port(7)]: trunk(261, [262]) });
      await done({ [port(0)]: access(214), [port(1)]: access(215) });
      expect(await rig.vlansOf(port(6))).toEqual({ mode: 'access', untagged: 260, tagged: [] });
      expect(await rig.vlansOf(port(7))).toEqual({ mode: 'trunk', untagged: 261, tagged: [262] });
    });

    it('sees and repairs what somebody else changed', async () => {
      await done({ [port(0)]: access(214) });
      await rig.tamper(port(0), 299);
      const { ports } = await (await session()).read(AbortSignal.timeout(PATIENCE_MS));
      expect(differencesOf(access(214), ports.get(port(0)) as PortConfig)).toEqual([
        { what: 'vlans', wanted: 'access 214', found: 'access 299' },
      ]);
      await done({ [port(0)]: access(214) });
    });

    it('says that a port is not there', async () => {
      const nowhere = rig.driver.portName(port(0).replace(/\d+$/, '97')) as string;
      const { ports } = await apply({ [nowhere]: access(216), [port(0)]: access(216) });
      expect(ports.get(nowhere)).toMatchObject({ outcome: 'kept', error: { code: 'SwitchNoPort' } });
      expect(ports.get(port(0))).toMatchObject({ outcome: 'applied' });
    });

    describe('on bad days', () => {
      const kinds = (result: BatchResult) => [...result.ports.values()].map(({ outcome }) => outcome);

      it('leaves a refused port as it was, and does the others', async (context) => {
        const { faults } = rig;
        context.skip(faults === undefined, NO_FAULTS);
        if (faults === undefined) return;
        await done({ [port(0)]: access(214), [port(1)]: access(215), [port(2)]: trunk(216, [217]) });
        faults.refuseVlan(666);
        const result = await apply({ [port(0)]: access(221), [port(1)]: access(666), [port(2)]: trunk(223, [224]) });
        faults.refuseVlan(null);
        expect([0, 1, 2].map((n) => result.ports.get(port(n))?.outcome)).toEqual(['applied', 'kept', 'applied']);
        expect(result.ports.get(port(1))?.error?.code).toBe('SwitchRefused');
        expect(await rig.vlansOf(port(1))).toEqual({ mode: 'access', untagged: 215, tagged: [] });
        expect(await rig.vlansOf(port(2))).toEqual({ mode: 'trunk', untagged: 223, tagged: [224] });
      });

      it('leaves no port in between when the line is cut', async (context) => {
        const { faults } = rig;
        context.skip(faults === undefined, NO_FAULTS);
        if (faults === undefined) return;
        for (const writes of [1, 3, 6]) {
          const before = { [port(0)]: access(214), [port(1)]: trunk(215, [216]) };
          await done(before);
          const wanted = { [port(0)]: trunk(217, [218]), [port(1)]: access(219) };
          faults.cutAfter(writes);
          const result = await apply(wanted);
          faults.cutAfter(0);
          for (const name of [port(0), port(1)]) {
            const found = result.ports.get(name);
            expect(['applied', 'kept'], `${name} after ${writes}: ${found?.error?.message}`).toContain(found?.outcome);
            const config = found?.outcome === 'applied' ? wanted[name] : before[name];
            const { ports } = await (await session()).read(AbortSignal.timeout(PATIENCE_MS));
            expect(differencesOf(config as PortConfig, ports.get(name) as PortConfig)).toEqual([]);
          }
          await done(wanted);
        }
      });

      it('fails whole when the commit does, and works again after', async (context) => {
        const { faults } = rig;
        context.skip(faults?.failCommits === undefined, 'because this switch commits nothing');
        if (faults?.failCommits === undefined) return;
        await done({ [port(0)]: access(214), [port(1)]: access(215) });
        faults.failCommits(1);
        const failed = await apply({ [port(0)]: access(221) });
        faults.failCommits(0);
        expect(kinds(failed)).toEqual(['kept']);
        expect(await rig.vlansOf(port(0))).toEqual({ mode: 'access', untagged: 214, tagged: [] });
        await done({ [port(0)]: access(221) });
      });

      it('keeps what it made over a restart of the switch', async (context) => {
        const { faults } = rig;
        context.skip(faults === undefined, NO_FAULTS);
        if (faults === undefined) return;
        await done({ [port(0)]: access(241), [port(1)]: trunk(null, [242]) });
        await faults.reboot();
        await done({ [port(2)]: access(243) });
        expect(await rig.vlansOf(port(0))).toEqual({ mode: 'access', untagged: 241, tagged: [] });
        expect(await rig.vlansOf(port(1))).toEqual({ mode: 'trunk', untagged: null, tagged: [242] });
      });

      it('says so when no session is to be had', async (context) => {
        const { faults } = rig;
        context.skip(faults === undefined, NO_FAULTS);
        if (faults === undefined) return;
        await open?.close();
        open = undefined;
        faults.sessionLimit(0);
        await expect(session()).rejects.toMatchObject({
          code: expect.stringMatching(/^Switch(Busy|Unreachable|Cut|Login)$/),
        });
        faults.sessionLimit(10);
        await done({ [port(0)]: access(244) });
      });

      it('refuses a switch that shows another key', async (context) => {
        context.skip((await session()).shownKey === null, 'because this switch shows no key');
        const other = { ...rig.target, hostKey: `SHA256:${'A'.repeat(43)}` };
        await expect(rig.driver.open(other, AbortSignal.timeout(PATIENCE_MS))).rejects.toMatchObject({
          code: 'SwitchOtherKey',
        });
        const same = { ...rig.target, hostKey: (await session()).shownKey };
        await (await rig.driver.open(same, AbortSignal.timeout(PATIENCE_MS))).close();
      });
    });
  });
}
