import type { Call, Changes } from '../../model/resource.ts';
import { readForPorts } from '../../store/foreseen.ts';
import { quotaAsked, quotaKey } from '../../store/quotas.ts';

/** The resource's own description, as far as its quota goes. */
export const PORT_QUOTA = { name: 'port', fallback: 500 } as const;

/**
 * What a request asks for that makes ports of the caller's own project in one network, by one statement: four round
 * trips less. Requests of other kinds ask one by one.
 */
export async function foreseePorts(call: Call, sent: readonly Changes[]): Promise<void> {
  const { project, tx, room } = call;
  const networks = new Set(sent.map(({ network_id: network }) => String(network).toLowerCase()));
  const [network] = networks;
  const own = sent.every((one) => (one['project_id'] ?? one['tenant_id'] ?? project) === project);
  if (network === undefined || networks.size > 1 || !own || project === '') return;
  const asked = quotaAsked(room.config.quotas, { ...PORT_QUOTA, table: 'net_ports' }, project, sent.length);
  const found = await readForPorts(tx, network, project, asked);
  const know = (key: string, value: unknown) => void call.once(key, async () => value);
  know(`network ${network}`, found.network);
  know(`subnets ${network}`, found.subnets);
  know(quotaKey(PORT_QUOTA.name, project, sent.length), found.allowed);
  if (found.group !== undefined) know(`default group ${project}`, found.group);
}

/** Ports in one network are made together, but those that name a host: their switch ports may have to be moved. */
export const togetherInNetwork = (sent: Changes): string | null =>
  Object.keys(sent).some((name) => name.startsWith('binding:')) ? null : String(sent['network_id']);
