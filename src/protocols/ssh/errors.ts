import { defineErrors } from '#kernel/errors';

/** What can go wrong between us and an SSH server. */
export const errors = defineErrors({
  SshUnreachable: [503, (where: string, why: string) => `${where} cannot be reached by SSH: ${why}`],
  SshLogin: [502, (where: string) => `${where} refuses the user name, the password or the key`],
  SshOtherKey: [502, (where: string, key: string) => `${where} shows the host key ${key}, which is not the one known`],
  SshClosed: [502, (where: string, why: string) => `the SSH connection to ${where} ended: ${why}`],
  SshSilent: [504, (where: string, what: string, ms: number) => `${where} did not answer ${what} in ${ms} ms`],
});
