import { IngotError } from '#kernel/errors';
import { errors } from '../../errors.ts';
import { hashRescuePassword, RESCUE_HASH } from '../../model/rescue-password.ts';
import type { DriverCall, RescueInterface } from '../contract.ts';
import { ask } from './command.ts';
import type { AgentContext } from './context.ts';
import { leaveRamdisk, startInstance, startRamdisk } from './ramdisk.ts';

/** Rescue by the ramdisk: it boots on the rescue network and lets its user in by password. */
export function agentRescue(context: AgentContext): RescueInterface {
  return {
    name: 'agent',
    properties: {
      rescue_kernel: 'URL of a kernel for the rescue ramdisk. Optional.',
      rescue_ramdisk: 'URL of an initrd for it. Optional.',
    },
    validate: () => {},
    rescue: (call) => startRamdisk(context, call, 'rescue'),
    async ramdiskCalled(call) {
      if ((await context.records.of(call.node)) === undefined) {
        return await startRamdisk(context, call, 'rescue');
      }
      try {
        await ask(context, call, 'rescue.finalize_rescue', { rescue_password: passwordOf(call), hashed: true });
      } catch (error) {
        // An agent that took the password ends its API: one that an earlier life reached is not reached again.
        const gone = call.resumed && error instanceof IngotError && error.code === 'AgentUnreachable';
        if (!gone) throw error;
        context.log.warn({ node: call.node.uuid, err: error.message }, 'the rescue ramdisk has its password already');
      }
      return { kind: 'done' };
    },
    async unrescue(call) {
      await leaveRamdisk(call);
      await startInstance(call);
    },
    cleanUp: leaveRamdisk,
  };
}

function passwordOf(call: DriverCall): string {
  const hash = call.node.secrets.instanceInfo[RESCUE_HASH]?.reveal();
  if (typeof hash === 'string' && hash !== '') return hash;
  // Asked for before passwords were kept as hashes only.
  const given = call.node.secrets.instanceInfo['rescue_password']?.reveal();
  if (typeof given !== 'string' || given === '') {
    throw errors.MissingParameterValue(`Node ${call.node.uuid} has no rescue_password.`);
  }
  return hashRescuePassword(given);
}
