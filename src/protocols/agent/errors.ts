import { defineErrors } from '#kernel/errors';

/** Errors of talking to an agent. `call` is the command, `where` its address. */
export const errors = defineErrors({
  AgentAddressRefused: [502, (where: string, why: string) => `The agent at ${where} is not called: ${why}`],
  AgentUnreachable: [
    503,
    (call: string, where: string, why: string) => `${call}: the agent at ${where} cannot be reached: ${why}`,
  ],
  AgentTimeout: [
    504,
    (call: string, where: string, ms: number) => `${call}: the agent at ${where} did not answer within ${ms} ms`,
  ],
  AgentBroken: [
    503,
    (call: string, where: string, why: string) => `${call}: the answer of the agent at ${where} was lost: ${why}`,
  ],
  AgentNotTrusted: [
    502,
    (where: string, why: string) => `Who answers at ${where} is not the agent that called: ${why}`,
  ],
  AgentTokenRefused: [502, (call: string, where: string) => `${call}: the agent at ${where} refused its own token`],
  AgentBusy: [409, (call: string, where: string) => `${call}: the agent at ${where} is at work on another command`],
  AgentRefused: [502, (call: string, status: number, why: string) => `${call}: the agent answered ${status}: ${why}`],
  AgentBadAnswer: [502, (call: string, why: string) => `${call}: the agent's answer cannot be used: ${why}`],
});
