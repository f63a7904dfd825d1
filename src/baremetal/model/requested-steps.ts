import { errors } from '../errors.ts';
import type { Document } from './node.ts';

/** Kinds of steps requests may list. */
export type RequestedKind = 'clean' | 'deploy' | 'service';

/** Interfaces that offer steps. */
const INTERFACES = ['vendor', 'power', 'management', 'firmware', 'deploy', 'bios', 'raid'];

const KEYS: Record<RequestedKind, readonly string[]> = {
  clean: ['interface', 'step', 'args', 'order', 'execute_on_child_nodes', 'limit_child_node_execution'],
  service: ['interface', 'step', 'args', 'order', 'execute_on_child_nodes', 'limit_child_node_execution'],
  deploy: ['interface', 'step', 'args', 'priority'],
};

function refuse(kind: RequestedKind, why: string): never {
  throw errors.InvalidParameterValue(`Invalid ${kind}_steps: ${why}`);
}

/** A count, or digits: what `order` and `priority` may be. */
function isCount(value: unknown): boolean {
  return typeof value === 'number'
    ? Number.isInteger(value) && value >= 0
    : typeof value === 'string' && /^\d+$/.test(value);
}

/** Checks the form of steps a request lists. Throws 400. Whether the node has them is the conductor's to say. */
export function checkSteps(kind: RequestedKind, steps: readonly Document[]): void {
  for (const step of steps) {
    for (const key of Object.keys(step)) {
      if (!KEYS[kind].includes(key)) {
        refuse(kind, `Additional properties are not allowed ('${key.slice(0, 40)}' was unexpected)`);
      }
    }
    const required = kind === 'deploy' ? ['interface', 'step', 'args', 'priority'] : ['interface', 'step'];
    for (const key of required) if (step[key] === undefined) refuse(kind, `'${key}' is a required property`);
    const on = step['interface'];
    const allowed = kind === 'service' ? [...INTERFACES, 'network'] : INTERFACES;
    if (typeof on !== 'string' || !allowed.includes(on)) refuse(kind, `interface must be one of ${allowed.join(', ')}`);
    if (typeof step['step'] !== 'string' || step['step'] === '') refuse(kind, 'step must be a non-empty string');
    const args = step['args'];
    if (args !== undefined && (typeof args !== 'object' || args === null || Array.isArray(args))) {
      refuse(kind, 'args must be an object');
    }
    for (const key of ['order', 'priority']) {
      if (step[key] !== undefined && !isCount(step[key])) refuse(kind, `${key} must be a count`);
    }
    const everywhere = step['execute_on_child_nodes'];
    if (everywhere !== undefined && typeof everywhere !== 'boolean')
      refuse(kind, 'execute_on_child_nodes must be a boolean');
    const children = step['limit_child_node_execution'];
    if (children !== undefined && !Array.isArray(children)) refuse(kind, 'limit_child_node_execution must be a list');
  }
}

/** Refuses steps the operator has closed to requests (`interface.step`). */
export function checkDisallowed(kind: RequestedKind, steps: readonly Document[], disallowed: readonly string[]): void {
  for (const step of steps) {
    const name = `${String(step['interface'])}.${String(step['step'])}`;
    if (disallowed.includes(name)) throw errors.StepNotAllowed(kind, name);
  }
}
