import { messageOf } from '#kernel/errors';
import { findCommand } from './commands/all.ts';
import { CODE, type CommandContext, Completion, EMPTY } from './command.ts';
import type { IpmiRequest } from './message.ts';

/** What comes of a command: an answer, or nothing at all (a fault ate it). */
export type Outcome = { code: number; data: Buffer } | 'nothing';

/**
 * Runs one command with rights, faults and quirks. `privilege` is the session's; 0 before there is one,
 * 4 for the in-band interface.
 */
export async function execute(context: CommandContext, request: IpmiRequest, privilege: number): Promise<Outcome> {
  const { bmc } = context;
  bmc.counters.ipmiCommands++;
  const effects = bmc.effects.ipmi(request.netFn, request.command, bmc.facts());
  for (const effect of effects) {
    if (effect.kind === 'drop') return 'nothing';
    if (effect.kind === 'code') return { code: effect.code, data: EMPTY };
    if (effect.kind === 'delay') await bmc.clock.sleep(effect.ms);
    if (effect.kind === 'garbage') return { code: 0, data: bmc.random.bytes(24) };
  }
  const command = findCommand(request.netFn, request.command);
  if (command === undefined) return { code: CODE.invalidCommand, data: EMPTY };
  if (command.privilege > privilege) return { code: CODE.privilege, data: EMPTY };
  const detail: Record<string, unknown> = {
    data: command.name === 'set user password' ? '******' : request.data.toString('hex'),
  };
  if (command.writes) bmc.ledger.add(bmc.name, 'request', context.caller, command.name, detail);
  let outcome: Outcome;
  try {
    outcome = { code: CODE.ok, data: await command.run(context, request.data) };
  } catch (error) {
    if (!(error instanceof Completion)) {
      bmc.ledger.add(bmc.name, 'event', context.caller, 'bmc.fault', { error: messageOf(error) });
    }
    outcome = { code: error instanceof Completion ? error.code : CODE.unspecified, data: EMPTY };
  }
  detail['code'] = outcome.code;
  return effects.some((e) => e.kind === 'drop-answer') ? 'nothing' : outcome;
}
