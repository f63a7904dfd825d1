import { refuse } from '../refusal.ts';
import { isJson, type Json } from './resource.ts';

const KNOWN = ['$expand', '$select', '$top', '$skip', 'only'];

/**
 * Applies Redfish's query parameters (DSP0266, query parameters) to a representation.
 * `load` gives the resource behind a link, for `$expand`. Throws QueryParameterValueError, QueryNotSupported.
 */
export function applyQuery(body: Json, query: URLSearchParams, load: (path: string) => Json | undefined): Json {
  for (const key of query.keys()) {
    if (key.startsWith('$') && !KNOWN.includes(key)) throw refuse('QueryNotSupported');
  }
  let out = body;
  if (query.has('only')) out = only(out, load);
  if (query.has('$skip') || query.has('$top')) out = page(out, query);
  const expand = query.get('$expand');
  if (expand !== null) {
    const levels = /^[.~*](\(\$levels=(\d)\))?$/.exec(expand);
    if (levels === null) throw refuse('QueryParameterValueError', '$expand');
    out = expanded(out, Math.min(2, Number(levels[2] ?? 1)), load, true) as Json;
  }
  const select = query.get('$select');
  return select === null ? out : selected(out, select.split(','));
}

function only(body: Json, load: (path: string) => Json | undefined): Json {
  const members = body['Members'];
  const first: unknown = Array.isArray(members) && members.length === 1 ? members[0] : undefined;
  const path = isJson(first) ? first['@odata.id'] : undefined;
  return (typeof path === 'string' ? load(path) : undefined) ?? body;
}

function page(body: Json, query: URLSearchParams): Json {
  const number = (key: string, otherwise: number) => {
    const text = query.get(key);
    if (text === null) return otherwise;
    if (!/^\d{1,6}$/.test(text)) throw refuse('QueryParameterValueError', key);
    return Number(text);
  };
  const members = body['Members'];
  if (!Array.isArray(members)) return body;
  const skip = number('$skip', 0);
  const top = number('$top', members.length);
  const next =
    skip + top < members.length
      ? { 'Members@odata.nextLink': `${body['@odata.id']}?$skip=${skip + top}&$top=${top}` }
      : {};
  return { ...body, Members: members.slice(skip, skip + top), ...next };
}

function selected(body: Json, names: readonly string[]): Json {
  const out: Json = {};
  for (const [key, value] of Object.entries(body)) {
    const kept = key.startsWith('@odata.') || names.includes(key) || names.some((n) => n.startsWith(`${key}/`));
    if (kept) out[key] = value;
  }
  return out;
}

function expanded(value: unknown, levels: number, load: (path: string) => Json | undefined, root: boolean): unknown {
  if (Array.isArray(value)) return value.map((v) => expanded(v, levels, load, false));
  if (!isJson(value)) return value;
  const path = value['@odata.id'];
  const keys = Object.keys(value);
  if (!root && keys.length === 1 && typeof path === 'string') {
    const loaded = levels > 0 ? load(path) : undefined;
    return loaded === undefined ? value : expanded(loaded, levels - 1, load, true);
  }
  // links are shown as links: expanding them would walk in circles
  return Object.fromEntries(
    keys.map((k) => [k, k === 'Links' || k === 'RelatedItem' ? value[k] : expanded(value[k], levels, load, false)]),
  );
}
