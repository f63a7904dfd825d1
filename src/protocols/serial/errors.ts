import { defineErrors } from '#kernel/errors';

/** Errors of opening a serial line. */
export const errors = defineErrors({
  SerialUnreachable: [503, (where: string, why: string) => `The console at ${where} cannot be reached: ${why}`],
  SerialRefused: [502, (where: string, why: string) => `The console at ${where} refuses: ${why}`],
  SerialTaken: [
    409,
    (where: string) => `The console at ${where} is already open for another node of this BMC; it has one console only`,
  ],
  SerialAbsent: [400, (why: string) => `This machine gives no serial console: ${why}`],
  HostKeyChanged: [
    502,
    (where: string, seen: string, known: string) =>
      `The SSH server at ${where} shows the host key ${seen}, not ${known} as before: nothing was sent to it. If the ` +
      'BMC was replaced, set redfish_ssh_host_key in driver_info to its new fingerprint.',
  ],
});
