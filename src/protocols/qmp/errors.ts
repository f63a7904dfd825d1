import { defineErrors } from '#kernel/errors';

/** What can go wrong between us and QEMU's monitor. */
export const errors = defineErrors({
  QmpUnreachable: [502, (path: string) => `No QEMU monitor answers at ${path}`],
  QmpClosed: [502, () => 'The QEMU monitor closed the connection'],
  QmpTimeout: [504, (command: string, ms: number) => `QEMU did not answer ${command} within ${ms} ms`],
  QmpRefused: [502, (command: string, why: string) => `QEMU refused ${command}: ${why}`],
  QmpGarbage: [502, (why: string) => `The QEMU monitor sent what is not QMP: ${why}`],
});
