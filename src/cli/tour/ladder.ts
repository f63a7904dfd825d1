/** What the tour looks at in a node. */
export interface Rung {
  provision_state: string;
  inspection_finished_at: string | null;
}

/** The next verb of a node on its way up, and the state it ends in. */
export interface Climb {
  target: 'manage' | 'inspect' | 'provide';
  reaches: string;
}

/**
 * What to ask for next on the way from just found to offered: checked, inspected, cleaned. Undefined: it is there, or
 * stands where only a person should touch it.
 */
export function nextClimb(node: Rung): Climb | undefined {
  switch (node.provision_state) {
    case 'enroll':
      return { target: 'manage', reaches: 'manageable' };
    case 'manageable':
      return node.inspection_finished_at === null
        ? { target: 'inspect', reaches: 'manageable' }
        : { target: 'provide', reaches: 'available' };
    case 'inspect failed':
      return { target: 'inspect', reaches: 'manageable' };
    case 'clean failed':
      return { target: 'manage', reaches: 'manageable' };
    default:
      return undefined;
  }
}
