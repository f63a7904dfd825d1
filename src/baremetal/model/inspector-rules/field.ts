import { errors } from '../../errors.ts';

/** Keys of what inspector's hooks made of an inventory, and where the same stands here. */
const MADE_BY_HOOKS: Readonly<Record<string, string>> = {
  cpus: 'node[properties][cpus]',
  cpu_arch: 'node[properties][cpu_arch]',
  memory_mb: 'node[properties][memory_mb]',
  local_gb: 'node[properties][local_gb]',
  ipmi_address: 'inventory[bmc_address]',
  ipmi_v6address: 'inventory[bmc_v6address]',
};

const brackets = (keys: readonly string[]) => keys.map((key) => `[${key}]`).join('');

/** Where a key of inspector's introspection data stands here: `inventory[cpu]` or `plugin_data[cpu]`. */
export function placeOfData(keys: readonly string[]): string {
  const [first = '', ...rest] = keys;
  const made = Object.hasOwn(MADE_BY_HOOKS, first) && rest.length === 0 ? MADE_BY_HOOKS[first] : undefined;
  if (made !== undefined) return made;
  return first === 'inventory' ? `inventory${brackets(rest)}` : `plugin_data${brackets(keys)}`;
}

const TOKEN = /^(?:\.?\*|\.?([\p{L}_][\p{L}\p{N}_-]*)|\[(\*|\d+|'[\p{L}\p{N}_-]+'|"[\p{L}\p{N}_-]+")\])/u;

/**
 * Reads the JSON path of a condition's `field`: names, `[0]`, `[*]`, with `node://` or `data://` before them. Gives the
 * place where its value stands, and whether there may be many. Throws 400 for what of JSON path is not offered here.
 */
export function placeOfField(field: string): { place: string; many: boolean } {
  const cut = field.indexOf('://');
  const scheme = cut < 0 ? 'data' : field.slice(0, cut);
  if (scheme !== 'node' && scheme !== 'data') {
    throw errors.Invalid(`Unsupported scheme for field: ${scheme.slice(0, 64)}, valid values are node:// or data://`);
  }
  const path = cut < 0 ? field : field.slice(cut + 3);
  const bad = (why: string) => errors.Invalid(`Unable to parse field JSON path ${field.slice(0, 200)}: ${why}`);
  const keys: string[] = [];
  for (let rest = path.replace(/^\$\.?/, ''); rest !== ''; ) {
    const token = TOKEN.exec(rest);
    if (token === null) throw bad(`only names, [number] and [*] are known here, not ${rest.slice(0, 40)}`);
    keys.push(token[1] ?? token[2]?.replace(/^['"]|['"]$/g, '') ?? '*');
    rest = rest.slice(token[0].length);
  }
  if (keys.length === 0 || keys.length > 30 || keys[0] === '*') throw bad('it names no key');
  const many = keys.includes('*');
  if (scheme === 'data') return { place: placeOfData(keys), many };
  const [first, ...rest] = keys;
  return { place: `node[${first === 'id' ? 'uuid' : first}]${brackets(rest)}`, many };
}

/** The other way round; undefined for places inspector knows nothing of (`ports`, `item`). */
export function fieldOfPlace(place: string): string | undefined {
  const keys = place.split(/[.[\]]+/).filter((key) => key !== '');
  const [root, ...rest] = keys;
  if (keys.some((key) => !/^(\*|[\p{L}\p{N}_-]+)$/u.test(key))) return undefined;
  const path = (names: readonly string[]) =>
    names.map((name, i) => (/^(\*|\d+)$/.test(name) ? `[${name}]` : i === 0 ? name : `.${name}`)).join('');
  if (root === 'inventory') return path(keys);
  if (rest.length === 0) return undefined;
  if (root === 'plugin_data') return path(rest);
  return root === 'node' ? `node://${path(rest)}` : undefined;
}
