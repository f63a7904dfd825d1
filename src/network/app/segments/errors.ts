import { defineErrors } from '#kernel/errors';

/** What segments refuse, by Neutron's names. */
export const errors = defineErrors({
  SegmentInUse: [409, (id: string, why: string) => `Segment '${id}' cannot be deleted: ${why}.`],
});
