/** Roles that are there from the start, strongest first. */
export const ALL_ROLES = ['admin', 'manager', 'member', 'reader', 'service'] as const;

/** prior → implied, as made by bootstrap. `service` stands apart. */
export const DEFAULT_IMPLICATIONS: readonly (readonly [prior: string, implied: string])[] = [
  ['admin', 'manager'],
  ['manager', 'member'],
  ['member', 'reader'],
];
