import { defineErrors } from '#kernel/errors';

/** What goes wrong in the agent; the code becomes `type` of a command's error. */
export const errors = defineErrors({
  BadParameters: [400, (why: string) => `Invalid command params: ${why}`],
  UnknownCommand: [400, (name: string) => `Invalid command: Unknown command: ${name}`],
  UnknownExtension: [404, (name: string) => `Not found: Extension with id ${name} not found.`],
  UnknownResult: [404, (id: string) => `Not found: Command with id ${id} not found.`],
  Busy: [409, (command: string) => `Agent is busy: executing command ${command}`],
  TokenInvalid: [401, () => '401 Unauthorized: Token invalid.'],
  NotAllowed: [401, () => '401 Unauthorized'],
  NotFound: [404, () => 'Not found'],
  BodyTooLarge: [413, (most: number) => `The request has more than ${most} bytes`],
  NoApiUrl: [500, () => 'No ipa-api-url on the kernel command line: nobody to call'],
  LookupFailed: [504, (seconds: number, last: string) => `No node was found within ${seconds} s; last answer: ${last}`],
  TokenTaken: [403, () => 'The token of this node was handed out already: somebody else holds it'],
  RequestFailed: [502, (what: string, why: string) => `${what} failed: ${why}`],
  DeviceUnusable: [500, (device: string, why: string) => `${device} cannot be used: ${why}`],
  DeviceTooSmall: [
    500,
    (device: string, has: number, needs: number) => `${device} has ${has} bytes, ${needs} are needed`,
  ],
  NoRootDevice: [404, (why: string) => `No suitable device was found for deployment: ${why}`],
  BadHint: [400, (hint: string, why: string) => `The root device hint ${hint} cannot be read: ${why}`],
  ImageRefused: [400, (why: string) => `The image is refused: ${why}`],
  ImageUnavailable: [502, (why: string) => `The image could not be fetched: ${why}`],
  ImageChanged: [502, (url: string) => `${url} changed while it was read`],
  ChecksumMismatch: [
    500,
    (what: string, algorithm: string, expected: string, actual: string) =>
      `${what} has ${algorithm} ${actual}, expected was ${expected}`,
  ],
  ConfigDriveRefused: [400, (why: string) => `The config drive is refused: ${why}`],
  PartitioningFailed: [500, (device: string, why: string) => `${device} cannot be partitioned: ${why}`],
  BootloaderFailed: [500, (why: string) => `The boot loader could not be set up: ${why}`],
  EraseFailed: [500, (device: string, why: string) => `${device} could not be erased: ${why}`],
  EraseNotProven: [500, (device: string, why: string) => `${device} still shows data after its erase: ${why}`],
  StepUnknown: [400, (step: string) => `The step ${step} is not one of this agent's`],
  VersionMismatch: [
    409,
    (agent: string, node: string) => `Hardware managers have changed: agent ${agent}, node ${node}`,
  ],
  RaidRefused: [400, (why: string) => `The RAID configuration is refused: ${why}`],
  RaidFailed: [500, (why: string) => `The RAID could not be made: ${why}`],
  BurnInFailed: [500, (what: string, why: string) => `Burn-in of ${what} failed: ${why}`],
  RescueFailed: [500, (why: string) => `Rescue could not be set up: ${why}`],
  KexecImpossible: [409, (why: string) => `The written system cannot be started by kexec: ${why}`],
  CaptureFailed: [502, (why: string) => `The disk could not be captured: ${why}`],
});
