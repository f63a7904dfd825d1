import type { PortPlan, PortReport } from '#contracts/switches';
import type { Door, Handlers } from '#http/contract';
import { keystoneErrorBody } from '#http/errors-keystone';
import type { Sealer, Store } from '#store/contract';
import type { SwitchDrivers } from '../drivers/registry.ts';
import { abilitiesOf, maskedLogin, reportOf, rulesOf, switchOf } from '../known.ts';
import type { SwitchRoomService } from '../service.ts';
import { addSwitch, removeSwitch, setSwitch, type SwitchSettings } from '../register.ts';
import { portsOf } from '../store/ports.ts';
import { listSwitches, type SwitchRow } from '../store/switches.ts';
import { type switchRoutes, switchTable } from './routes.ts';

export interface SwitchDoorParts {
  store: Store;
  sealer: Sealer;
  drivers: SwitchDrivers;
  service: SwitchRoomService;
}

const DEADLINE_S = 30;

/** The door of switches. */
export function createSwitchDoor(parts: SwitchDoorParts): Door {
  return { ...switchTable, handlers: handlers(parts), errorBody: keystoneErrorBody };
}

function handlers(parts: SwitchDoorParts): Handlers<typeof switchRoutes> {
  const { store, sealer, drivers, service } = parts;
  const shown = (row: SwitchRow) => {
    const { login_sealed: _, ca, certificate, error_code: _code, read_wanted_at: _wanted, ...plain } = row;
    return {
      ...plain,
      secrets: {
        ...maskedLogin(sealer, row),
        ...(ca === null ? {} : { ca: '(set)' }),
        ...(certificate === null ? {} : { certificate: '(set)' }),
      },
      options: JSON.parse(row.options) as Record<string, string>,
      port_names: JSON.parse(row.port_names) as Record<string, string>,
      state: row.enabled ? row.state : 'off',
      abilities: abilitiesOf(drivers, row),
    };
  };
  const one = (params: Record<string, string>) => switchOf(store, { switchId: params['switch'] as string });
  const natural = new Intl.Collator('en', { numeric: true }).compare;
  const reports = async (row: SwitchRow): Promise<PortReport[]> => {
    const rules = rulesOf(drivers, row);
    const rows = await portsOf(store, row.id);
    return rows.map((port) => reportOf(port, row, rules)).sort((a, b) => natural(a.port, b.port));
  };
  return {
    'switch.platforms': () => ({
      body: {
        platforms: [
          { driver: 'ovs', platform: null, title: 'Open vSwitch' },
          { driver: 'netconf', platform: null, title: 'NETCONF with OpenConfig models' },
          { driver: 'gnmi', platform: null, title: 'gNMI with OpenConfig models' },
          ...drivers.platforms.map(({ name, title }) => ({ driver: 'ssh', platform: name, title })),
        ],
      },
    }),
    'switch.list': async () => ({ body: { switches: (await listSwitches(store)).map(shown) } }),
    'switch.create': async (_, { body }) => {
      const id = await addSwitch(parts, body as SwitchSettings);
      return { body: shown(await switchOf(store, { switchId: id })) };
    },
    'switch.show': async (_, { params }) => ({ body: shown(await one(params)) }),
    'switch.update': async (_, { params, body }) => {
      const id = await setSwitch(parts, params['switch'] as string, body as SwitchSettings);
      return { body: shown(await switchOf(store, { switchId: id })) };
    },
    'switch.delete': async (_, { params, query }) => {
      await removeSwitch(parts, params['switch'] as string, query['force'] === true);
      return {};
    },
    'switch.ports': async (context, { params, query }) => {
      const row = await one(params);
      if (query['fresh'] === true) {
        const deadlineMs = ((query['deadline_s'] as number | undefined) ?? DEADLINE_S) * 1000;
        await service.readSwitches([row.id], { deadlineMs, signal: context.signal });
      }
      const all = await reports(await one(params));
      const differs = ({ state, differences }: PortReport) =>
        state === 'failed' || state === 'pending' || differences.length > 0;
      return { body: { ports: query['differing'] === true ? all.filter(differs) : all } };
    },
    'switch.apply': async (context, { params, body }) => {
      const row = await one(params);
      const asked = (body ?? {}) as { deadline_s?: number; ports?: { port: string; plan: PortPlan | null }[] };
      const who = `${context.caller.userName ?? 'admin'} by hand`;
      const wishes =
        asked.ports?.map(({ port, plan }) => ({ port, plan, owner: who })) ??
        (await reports(row)).flatMap(({ port, plan, owner }) =>
          plan === null ? [] : [{ port, plan, owner: owner ?? who }],
        );
      const done = await service.applyPorts(
        wishes.map(({ port, plan, owner }) => ({ link: { switchId: row.id, portId: port }, plan, owner })),
        { deadlineMs: (asked.deadline_s ?? DEADLINE_S) * 1000, signal: context.signal },
      );
      return { body: { ports: done } };
    },
  };
}
