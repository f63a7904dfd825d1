import { errors } from '../errors.ts';

const KEYS = new Set([
  'port_id',
  'switch_id',
  'hostname',
  'switch_info',
  'network_type',
  'vtep-logical-switch',
  'vtep-physical-switch',
]);

/** Sets of keys that make a link complete; one of them must be there unless the link is empty. */
const COMPLETE = [
  ['port_id', 'switch_id'],
  ['port_id', 'hostname'],
  ['port_id', 'vtep-logical-switch', 'vtep-physical-switch'],
];

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
/** An OpenFlow datapath: eight bytes with colons. */
const DATAPATH = /^[0-9a-f]{2}(:[0-9a-f]{2}){7}$/i;

function refuse(why: string): never {
  throw errors.InvalidParameterValue(`Schema error for local_link_connection: ${why}`);
}

/**
 * Checks where a port's cable goes (Ironic's LOCAL_LINK schemas) and gives it in its stored form: the switch's MAC
 * address or datapath in lower case. Throws 400.
 */
export function readLocalLink(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  const link = value as Record<string, unknown>;
  const keys = Object.keys(link);
  if (keys.length === 0) return {};
  for (const key of keys) {
    if (!KEYS.has(key)) refuse(`Additional properties are not allowed ('${key.slice(0, 40)}' was unexpected)`);
    if (typeof link[key] !== 'string') refuse(`'${key}' is not of type 'string'`);
  }
  const network = link['network_type'];
  if (network !== undefined && network !== 'managed' && network !== 'unmanaged') {
    refuse("'network_type' is not one of ['managed', 'unmanaged']");
  }
  const both = ['vtep-logical-switch', 'vtep-physical-switch'].filter((key) => link[key] !== undefined);
  if (both.length === 1) refuse('vtep-logical-switch and vtep-physical-switch go together');
  const complete = network === 'unmanaged' || COMPLETE.some((set) => set.every((key) => link[key] !== undefined));
  if (!complete) refuse("'port_id' and 'switch_id' are required properties");
  const id = link['switch_id'] as string | undefined;
  if (id === undefined) return { ...link };
  if (MAC.test(id)) return { ...link, switch_id: id.toLowerCase().replaceAll('-', ':') };
  if (DATAPATH.test(id)) return { ...link, switch_id: id.toLowerCase() };
  throw errors.InvalidSwitchId(id.slice(0, 100));
}
