import { defineErrors } from '#kernel/errors';

/** What can go wrong with switches. `SwitchUnreachable`, `SwitchCut` and `SwitchBusy` are worth another try. */
export const errors = defineErrors({
  SwitchUnknown: [404, (name: string) => `no switch is registered as ${name}; see: ingot switch add`],
  SwitchExists: [409, (what: string) => `a switch ${what} is registered already`],
  SwitchInUse: [
    409,
    (name: string, ports: number) =>
      `${ports} ports of ${name} are looked after; machines use them. Remove it with force to forget them`,
  ],
  SwitchBadSetting: [400, (what: string, why: string) => `${what}: ${why}`],
  SwitchBadPort: [400, (port: string, why: string) => `"${port}" ${why}`],
  SwitchBadPlan: [400, (port: string, why: string) => `${port}: ${why}`],
  SwitchCannot: [
    400,
    (name: string, port: string, what: string) => `${name} cannot be asked for ${what} (port ${port})`,
  ],
  SwitchNoPort: [404, (name: string, port: string) => `${name} has no port ${port}`],
  SwitchUnreachable: [503, (name: string, why: string) => `${name} cannot be reached: ${why}`],
  SwitchLogin: [502, (name: string, why: string) => `${name} refuses the login: ${why}`],
  SwitchOtherKey: [
    502,
    (name: string, key: string) =>
      `${name} shows another key than before (${key}). If the switch was replaced or reset, set its host key anew: ingot switch set --host-key`,
  ],
  /** What was said last may or may not have been done. */
  SwitchCut: [502, (name: string, why: string) => `the connection to ${name} ended: ${why}`],
  SwitchBusy: [503, (name: string, why: string) => `${name} is busy: ${why}`],
  SwitchRefused: [502, (name: string, what: string, why: string) => `${name} refused ${what}: ${why}`],
  /** It said yes and did something else. */
  SwitchNotSo: [
    502,
    (name: string, port: string, differences: string) => `${name} accepted it, but port ${port} reads ${differences}`,
  ],
  SwitchTorn: [
    502,
    (name: string, port: string, why: string) =>
      `port ${port} of ${name} is neither as it was nor as wanted, and could not be put back: ${why}`,
  ],
  SwitchGarbage: [502, (name: string, why: string) => `${name} answered what is not understood: ${why}`],
  SwitchPortsFailed: [502, (why: string) => why],
  SwitchLate: [504, (why: string) => why],
  SwitchLeaseLost: [503, (name: string) => `another conductor writes to ${name} now`],
});
