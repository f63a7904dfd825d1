import type { Call } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { demandEnforceable } from '../qos/policies.ts';
import type { Reader } from '#store/contract';

// What has to hold for values of networks; each throws what the client is told.

/** A domain ends with a dot, as in DNS. */
export function demandDomain(domain: unknown): void {
  if (typeof domain !== 'string' || domain === '') return;
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+$/i.test(domain))
    throw refusals.InvalidInput(`'${domain}' is not a domain name that ends with a dot`);
}

export function demandMtu(mtu: number, largest: number): void {
  if (mtu > largest) throw refusals.InvalidInput(`Requested MTU is too big, maximum is ${largest}`);
}

/** Zones that hints name are there. */
export async function demandZones(reader: Reader, zones: unknown): Promise<void> {
  if (!Array.isArray(zones) || zones.length === 0) return;
  const text = `select z from unnest($1::text[]) z
    where not exists (select from net_agents a where a.availability_zone = z) limit 1`;
  const [row] = await reader.query<{ z: string }>({ name: 'network zones', text, values: [zones] });
  if (row !== undefined) throw refusals.AvailabilityZoneNotFound(row.z);
}

/** The caller sees the QoS policy, and all it says is enforced. */
export async function demandQosPolicy(call: Call, id: unknown): Promise<void> {
  if (typeof id !== 'string') return;
  const text = `select p.project_id, exists (select from net_rbac_policies r where r.object_type = 'qos_policy'
      and r.object_id = p.id and r.target_project in ('*', $2)) as shared
    from net_qos_policies p where p.id = $1`;
  const [row] = await call.tx.query<{ project_id: string; shared: boolean }>({
    name: 'network qos seen',
    text,
    values: [id, call.project],
  });
  const seen = row !== undefined && (row.shared || row.project_id === call.project || call.allows('network_admin'));
  if (!seen) throw refusals.QosPolicyNotFound(id);
  await demandEnforceable(call.tx, id);
}

/** There is one default external network at most. */
export async function demandOneDefault(
  reader: Reader,
  values: Readonly<Record<string, unknown>>,
  except: string | null,
): Promise<void> {
  if (values['is_default'] !== true) return;
  const text = 'select id from net_networks where is_default and id is distinct from $1';
  const rows = await reader.query({ name: 'network default', text, values: [except] });
  if (rows.length > 0) throw refusals.DefaultExternalNetworkExists();
}
