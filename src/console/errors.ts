import { defineErrors } from '#kernel/errors';

/** Errors of the console room. */
export const errors = defineErrors({
  NodeNotFound: [404, (ident: string) => `Node ${ident} could not be found.`],
  ConsoleForbidden: [
    403,
    (rule: string) => `The console of this node is not yours to use now: policy ${rule} does not allow it.`,
  ],
  ConsoleOff: [
    409,
    (node: string) => `The console of node ${node} is switched off (PUT …/states/console switches it on).`,
  ],
  NoSerial: [
    400,
    (node: string, kind: string) => `Node ${node} has no serial console: its console interface is ${kind}.`,
  ],
  NoScreen: [400, (node: string, kind: string) => `Node ${node} has no screen: its console interface is ${kind}.`],
  ScreenUnsettled: [
    409,
    (node: string) =>
      `The screen of node ${node} can be seen once the deploy is through: until then it shows what came before.`,
  ],
  NotRecorded: [
    503,
    (node: string) => `No conductor has the console of node ${node} at the moment. Try again in a few seconds.`,
  ],
  RecorderAway: [
    503,
    (host: string, why: string) => `The conductor ${host}, which has this console, cannot be reached: ${why}`,
  ],
  TokenInvalid: [401, () => 'This console token is unknown, was used already, or is too old. Ask for a new session.'],
  OriginRefused: [403, (origin: string) => `Pages of ${origin} may not use consoles here.`],
  SessionUnknown: [404, (id: string) => `Console session ${id} could not be found.`],
  TimeInvalid: [
    400,
    (text: string) => `"${text}" is no time: give 10m, 2h, 1d, or a date such as 2026-11-28T22:00:00Z.`,
  ],
});
