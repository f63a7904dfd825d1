import type { Handler, RequestContext } from '#http/contract';
import { isUuid } from '#kernel/ids';
import { enforcementOf } from '../machines/enforcement.ts';
import { refusals } from '../refusals.ts';
import type { NetworkRoom } from '../room.ts';
import { boundTo, machineLinks, machinePort, neighboursOf, networksOfMachines } from '../store/machines.ts';

/** Handlers of what only this network service tells. */
export function machineHandlers({ store, config, switches }: NetworkRoom): Record<string, Handler> {
  return {
    'port.enforcement': async (context, { params }) => {
      const id = params['id'] ?? '';
      const found = isUuid(id) ? await machinePort(store, id) : undefined;
      if (found === undefined || !maySee(context, found)) throw refusals.PortNotFound(id);
      const { port } = found;
      const [link] = port.links ?? [];
      const by = link === undefined ? null : await switches?.()?.findSwitch(linkOf(link));
      const rules = enforcementOf({
        ...port,
        machine: found.vnicType !== 'normal',
        bound: port.links !== null,
        abilities: by?.abilities ?? null,
      });
      return {
        body: {
          security_group_enforcement: {
            port_id: id,
            strict: port.strict ?? config.strictSecurityGroups,
            rules: rules.map(({ rule, group, direction, enforcement, why }) => ({
              security_group_rule_id: rule,
              security_group_id: group,
              direction,
              enforcement,
              reason: why,
            })),
          },
        },
      };
    },
    'machine_link.list': async () => {
      const links = await machineLinks(store, null);
      const [heard, networks, reports] = await Promise.all([
        neighboursOf(store, null),
        networksOfMachines(store),
        switches?.()?.knownPorts(links.map(linkOf)) ?? links.map(() => null),
      ]);
      const bound = new Map<string, Awaited<ReturnType<typeof boundTo>>>();
      for (const { machine } of links) if (!bound.has(machine)) bound.set(machine, await boundTo(store, machine));
      const names = (await switches?.()?.listSwitches()) ?? [];
      return {
        body: {
          machine_links: links.map((link, i) => {
            const report = reports[i] ?? null;
            const ports = (bound.get(link.machine) ?? []).filter((port) =>
              port.links.some((one) => one.switchId === link.switchId && one.portId === link.portId),
            );
            const known = names.find(({ id }) => id === report?.switch.id);
            return {
              machine_id: link.machine,
              switch_id: link.switchId,
              port_id: link.portId,
              switch_info: link.switchInfo,
              switch: report?.switch.name ?? null,
              state: report?.state ?? 'unknown',
              found: report?.found ?? null,
              error: report?.error?.message ?? known?.error ?? null,
              differences: report?.differences ?? [],
              ports: ports.map(({ id, networkId, purpose, status }) => ({
                id,
                network_id: networkId,
                purpose,
                status,
              })),
            };
          }),
          neighbours: heard.map((one) => ({
            machine_id: one.machine,
            mac_address: one.mac,
            nic: one.nic,
            switch_id: one.switchId,
            port_id: one.portId,
            switch_info: one.switchInfo,
            vlan: one.vlan,
            frame_size: one.mtu,
            heard_at: one.heardAt,
          })),
          networks,
        },
      };
    },
  };
}

const maySee = (
  context: RequestContext,
  { projectId, networkProject }: { projectId: string; networkProject: string },
) => context.allows('get_port', { project_id: projectId, tenant_id: projectId, network_project: networkProject });

const linkOf = ({ switchId, portId, switchInfo }: { switchId: string; portId: string; switchInfo: string | null }) => ({
  switchId,
  portId,
  ...(switchInfo === null ? {} : { switchInfo }),
});
