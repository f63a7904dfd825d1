import { defineErrors } from '#kernel/errors';

/** What can go wrong in the lab itself (what its BMCs answer on the wire is theirs). */
export const errors = defineErrors({
  LabBadSpec: [400, (why: string) => `That machine cannot be built: ${why}`],
  LabNoSuchMachine: [404, (name: string) => `The lab has no machine called ${name}`],
  LabNoSuchQuirk: [404, (id: string) => `The lab knows no quirk called ${id}`],
  LabBadFault: [400, (why: string) => `That fault cannot be switched on: ${why}`],
  LabMissingProgram: [501, (program: string, pack: string) => `${program} is not installed (Debian package ${pack})`],
  LabMachineFailed: [502, (name: string, why: string) => `Machine ${name} did not start: ${why}`],
  LabBadState: [409, (name: string, why: string) => `Machine ${name} cannot do that now: ${why}`],
  LabTimeout: [504, (what: string, ms: number) => `${what} did not happen within ${ms} ms`],
  LabBadTree: [400, (why: string) => `That is not a recorded Redfish tree: ${why}`],
  LabRecord: [502, (url: string, why: string) => `Cannot record ${url}: ${why}`],
  LabSwitch: [502, (why: string) => `The emulated switch failed: ${why}`],
  LabMedia: [400, (why: string) => `That image cannot be inserted: ${why}`],
  LabNoLab: [502, (port: number) => `No lab answers on port ${port} (ingot lab up starts one)`],
  LabBadVariables: [500, (why: string) => `That is not a UEFI variable store: ${why}`],
});
