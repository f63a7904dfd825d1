import type { CatalogService } from '#contracts/identity';

/** What an application credential may be used for. */
export interface AccessRule {
  id: string;
  /** Type of the service, as in the catalog. */
  service: string;
  method: string;
  /** `*` stands for one part of a path, `**` for any rest, `{name}` for one part. */
  path: string;
}

/** What is asked for. */
export interface AskedRequest {
  method?: string | undefined;
  url?: string | undefined;
}

/** Tells for a request whether any of the rules lets it through. */
export type AccessCheck = (request: AskedRequest | undefined) => boolean;

/** Finds the service a path belongs to, and the path as seen from there. */
export type ServiceOfPath = (path: string) => { type: string; path: string };

/** Makes `ServiceOfPath` of what the product offers; the service at the root takes what no other one has. */
export function serviceFinder(services: readonly CatalogService[]): ServiceOfPath {
  const known = services
    .map(({ type, path }) => ({ type, prefix: path.replace(/\/\$\(.*$/, '').replace(/\/$/, '') }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return (path) => {
    for (const { type, prefix } of known) {
      if (path === prefix || path.startsWith(`${prefix}/`)) return { type, path: path.slice(prefix.length) || '/' };
    }
    return { type: '', path };
  };
}

/** Compiles rules. Without a request to look at (never by HTTP) nothing passes. */
export function compileAccessRules(rules: readonly AccessRule[], find: ServiceOfPath): AccessCheck {
  const compiled = rules.map((rule) => ({
    service: rule.service,
    method: rule.method,
    matches: pathMatcher(rule.path),
  }));
  return (request) => {
    if (request?.url === undefined || request.method === undefined) return false;
    const mark = request.url.indexOf('?');
    const full = mark < 0 ? request.url : request.url.slice(0, mark);
    // A path that could be read in two ways fits no rule.
    if (full.includes('//') || full.includes('/../') || full.includes('/./') || /%2f|%2e|\\/i.test(full)) return false;
    const { type, path } = find(full.length > 1 && full.endsWith('/') ? full.slice(0, -1) : full);
    return compiled.some(
      (rule) => rule.service === type && rule.method === request.method && (rule.matches(path) || rule.matches(full)),
    );
  };
}

/** Compares part by part; no regular expression is made of what users write. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const parts = pattern.split('/');
  return (path) => {
    const given = path.split('/');
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as string;
      if (part === '**') return i === parts.length - 1 ? given.length >= i : matchRest(parts.slice(i + 1), given, i);
      const text = given[i];
      if (text === undefined || !matchPart(part, text)) return false;
    }
    return given.length === parts.length;
  };
}

/** After a `**` in the middle: the rest must fit the end of the path. */
function matchRest(rest: readonly string[], given: readonly string[], from: number): boolean {
  if (rest.includes('**') || given.length - from < rest.length) return false;
  const tail = given.slice(given.length - rest.length);
  return rest.every((part, i) => matchPart(part, tail[i] as string));
}

function matchPart(part: string, text: string): boolean {
  if (part === '*' || /^\{[^{}]+\}$/.test(part)) return text !== '';
  const star = part.indexOf('*');
  if (star < 0) return part === text;
  // One star inside a part: `node-*`, `*.json`. More than one is compared as it stands.
  const head = part.slice(0, star);
  const tail = part.slice(star + 1);
  if (tail.includes('*')) return part === text;
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}
