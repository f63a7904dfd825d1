/** The arguments of each action, in Ironic's names; what they do is in `run.ts`. */
export const ACTIONS: Readonly<Record<string, { required: readonly string[]; optional: readonly string[] }>> = {
  fail: { required: ['msg'], optional: [] },
  log: { required: ['msg'], optional: ['level'] },
  'set-attribute': { required: ['path', 'value'], optional: [] },
  'extend-attribute': { required: ['path', 'value'], optional: ['unique'] },
  'del-attribute': { required: ['path'], optional: [] },
  'add-trait': { required: ['name'], optional: [] },
  'remove-trait': { required: ['name'], optional: [] },
  'set-capability': { required: ['name', 'value'], optional: [] },
  'unset-capability': { required: ['name'], optional: [] },
  'set-plugin-data': { required: ['path', 'value'], optional: [] },
  'extend-plugin-data': { required: ['path', 'value'], optional: ['unique'] },
  'unset-plugin-data': { required: ['path'], optional: [] },
  'set-port-attribute': { required: ['port_id', 'path', 'value'], optional: [] },
  'extend-port-attribute': { required: ['port_id', 'path', 'value'], optional: ['unique'] },
  'del-port-attribute': { required: ['port_id', 'path'], optional: [] },
  'api-call': { required: ['url'], optional: ['headers', 'timeout', 'retries', 'backoff_factor'] },
};
