import { defineErrors } from '#kernel/errors';

export const errors = defineErrors({
  BootNoWay: [400, (why: string) => `There is no way left to boot the node. ${why}`],
});
