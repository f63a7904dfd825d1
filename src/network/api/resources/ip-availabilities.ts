import { ADMIN_READER } from '../../model/checks.ts';
import { shown } from '../../model/fields.ts';
import type { Resource } from '../../model/resource.ts';

// How many addresses there are, and how many are used. Of IPv6 there are more than 64 bits count: PostgreSQL's numeric.

const NUMBER = (ip: string) => `(case family(${ip}) when 4 then (${ip} - '0.0.0.0'::inet)::numeric else
  (select sum(get_byte(b, i) * 256::numeric ^ (15 - i))
     from (select substring(inet_send(${ip}) from 5) as b) x, generate_series(0, 15) i) end)`;

const TOTAL = (
  subnets: string,
) => `(select coalesce(sum(${NUMBER('p.last_ip')} - ${NUMBER('p.first_ip')} + 1), 0)::numeric(40, 0)
  from net_allocation_pools p where p.subnet_id ${subnets})`;
const USED = (subnets: string) => `(select count(*) from net_fixed_ips f where f.subnet_id ${subnets})`;
const ALL = 'in (select s.id from net_subnets s where s.network_id = t.id)';

const SUBNETS = `(select coalesce(json_agg(json_build_object('subnet_id', s.id, 'subnet_name', s.name, 'cidr', s.cidr::text,
    'ip_version', s.ip_version, 'total_ips', ${TOTAL('= s.id')}, 'used_ips', ${USED('= s.id')}) order by s.seq), '[]')
  from net_subnets s where s.network_id = t.id)`;

/** How full the networks are. */
export const ipAvailabilities: Resource = {
  name: 'network_ip_availability',
  collection: 'network_ip_availabilities',
  path: 'network-ip-availabilities',
  title: 'IP availability of a network',
  notFound: 'NetworkNotFound',
  table: 'net_networks',
  fields: {
    network_id: shown('t.id', { filter: 'uuid', sort: true }),
    network_name: shown('t.name', { filter: 'text', sort: true }),
    project_id: shown('t.project_id', { filter: 'text', sort: true }),
    tenant_id: shown('t.project_id', { filter: 'text' }),
    ip_version: {
      filter: (values, bind) =>
        `exists (select from net_subnets s where s.network_id = t.id and s.ip_version::text = any(${bind(values)}::text[]))`,
    },
    total_ips: shown(TOTAL(ALL)),
    used_ips: shown(USED(ALL)),
    subnet_ip_availability: shown(SUBNETS),
  },
  facts: {},
  rules: { get: ADMIN_READER },
};
