import { defineErrors } from '#kernel/errors';

/** What a Redfish service says no with. `call` is the method and path, `said` its own words. */
export const errors = defineErrors({
  RedfishRefused: [502, (call: string, status: number, said: string) => `${call} was refused with ${status}: ${said}`],
  RedfishNotFound: [502, (call: string) => `${call}: the BMC has nothing there`],
  RedfishShape: [502, (what: string) => `The BMC's Redfish service ${what}`],
  RedfishTaskFailed: [502, (what: string, said: string) => `The BMC's task for ${what} failed: ${said}`],
  RedfishTaskLate: [504, (what: string, s: number) => `The BMC's task for ${what} did not end within ${s} s`],
});
