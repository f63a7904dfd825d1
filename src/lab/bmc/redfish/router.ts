import type { Resource } from './resource.ts';

interface Node {
  literal: Map<string, Node>;
  any: Node | undefined;
  resource: Resource | undefined;
}

const node = (): Node => ({ literal: new Map(), any: undefined, resource: undefined });

/** Finds the resource of a path. Literal parts win over `{…}`. */
export class Router {
  readonly #root = node();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      let at = this.#root;
      for (const part of resource.path.split('/').filter((p) => p !== '')) {
        let next = part.startsWith('{') ? at.any : at.literal.get(part);
        if (next === undefined) {
          next = node();
          if (part.startsWith('{')) at.any = next;
          else at.literal.set(part, next);
        }
        at = next;
      }
      if (at.resource !== undefined) throw new Error(`two resources at ${resource.path}`);
      at.resource = resource;
    }
  }

  /** `path` is below /redfish/v1 and has no trailing slash. */
  find(path: string): { resource: Resource; params: string[] } | undefined {
    const params: string[] = [];
    let at: Node | undefined = this.#root;
    for (const part of path.split('/').filter((p) => p !== '')) {
      const literal: Node | undefined = at.literal.get(part);
      if (literal === undefined && at.any !== undefined) params.push(decode(part));
      at = literal ?? at.any;
      if (at === undefined) return undefined;
    }
    return at.resource === undefined ? undefined : { resource: at.resource, params };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
