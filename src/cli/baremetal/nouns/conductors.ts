import type { CommandSpec } from '../spec.ts';

const FIELDS = ['hostname', 'conductor_group', 'alive', 'drivers', 'created_at', 'updated_at'];

/** What runs the service, and how nodes are dealt out. */
export const conductorCommands: readonly CommandSpec[] = [
  {
    name: 'conductor list',
    about: 'List conductors',
    action: {
      do: 'list',
      call: 'conductorList',
      key: 'conductors',
      columns: ['hostname', 'conductor_group', 'alive'],
      long: FIELDS,
      marker: 'hostname',
      paged: true,
    },
  },
  {
    name: 'conductor show',
    about: 'Show a conductor',
    args: [{ name: 'conductor', about: 'Host name of the conductor' }],
    action: { do: 'show', call: 'conductorShow', params: ['hostname'], fields: FIELDS },
  },
  {
    name: 'shard list',
    about: 'List shards and how many nodes each has',
    action: { do: 'list', call: 'shardList', key: 'shards', columns: ['name', 'count'] },
  },
];
