import { Type } from 'typebox';
import { ADMIN, ADMIN_READER } from '../../model/checks.ts';
import { id, Name, orNull, shown } from '../../model/fields.ts';
import type { Resource } from '../../model/resource.ts';
import { ALIVE } from '../../store/agents.ts';

const time = (column: string) => shown(`to_char(t.${column} at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS')`);
const word = (column: string) => shown(`t.${column}`, { filter: 'text', sort: true });

/** Agents: hosts that carry networks, and the conductors that drive switches. */
export const agents: Resource = {
  name: 'agent',
  collection: 'agents',
  title: 'agent',
  notFound: 'AgentNotFound',
  table: 'net_agents',
  fields: {
    id,
    agent_type: word('agent_type'),
    binary: word('program'),
    host: word('host'),
    topic: word('topic'),
    availability_zone: word('availability_zone'),
    admin_state_up: {
      sql: 't.admin_state_up',
      column: 'admin_state_up',
      input: Type.Boolean(),
      filter: 'boolean',
      sort: true,
    },
    alive: shown(ALIVE, { filter: 'boolean' }),
    description: { sql: 't.description', column: 'description', input: orNull(Name), filter: 'text' },
    configurations: shown('t.configurations'),
    started_at: time('started_at'),
    created_at: time('created_at'),
    heartbeat_timestamp: time('heartbeat_at'),
    resources_synced: shown('null::boolean'),
  },
  facts: {},
  // They come by themselves, and those that are gone for good may be taken off the list.
  rules: { get: ADMIN_READER, update: ADMIN, delete: ADMIN },
};
