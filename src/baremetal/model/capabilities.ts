import type { Document, Node } from './node.ts';

/** Capabilities come as an object, as JSON in a text, or as `name:value,name:value`. What is none gives nothing. */
export function readCapabilities(value: unknown): Record<string, string> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value as Document).map(([name, one]) => [name, String(one)]));
  }
  if (typeof value !== 'string' || value.trim() === '') return {};
  if (value.trim().startsWith('{')) {
    try {
      return readCapabilities(JSON.parse(value));
    } catch {
      return {};
    }
  }
  const out: Record<string, string> = {};
  for (const pair of value.split(',')) {
    const at = pair.indexOf(':');
    if (at > 0) out[pair.slice(0, at).trim()] = pair.slice(at + 1).trim();
  }
  return out;
}

/** A capability: what the instance asks for goes before what the node says of itself. */
export function capabilityOf(node: Pick<Node, 'properties' | 'instanceInfo'>, name: string): string | undefined {
  return (
    readCapabilities(node.instanceInfo['capabilities'])[name] ?? readCapabilities(node.properties['capabilities'])[name]
  );
}
