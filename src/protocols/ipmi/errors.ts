import { defineErrors } from '#kernel/errors';

/** Errors of asking a BMC over IPMI. `call` names the command. */
export const errors = defineErrors({
  IpmiUnreachable: [503, (call: string, address: string) => `IPMI ${call}: ${address} opens no session`],
  IpmiLoginRefused: [
    502,
    (call: string, address: string, said: string) =>
      `IPMI ${call}: ${address} refuses the session: user name, password, K_g key or privilege level are wrong (${said})`,
  ],
  IpmiNoAnswer: [504, (call: string, address: string) => `IPMI ${call}: ${address} did not answer`],
  IpmiRefused: [
    502,
    (call: string, code: number, said: string) =>
      `IPMI ${call} was refused with completion code ${code.toString(16).padStart(2, '0')}h: ${said}`,
  ],
  IpmiResting: [503, (call: string, address: string) => `IPMI ${call}: not sent, ${address} did not answer lately`],
  IpmiGarbage: [502, (call: string, said: string) => `IPMI ${call}: the answer cannot be read: ${said}`],
});
