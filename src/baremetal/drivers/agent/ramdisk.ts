import { capabilityOf } from '../../model/capabilities.ts';
import { forgetRamdisk } from '../../model/agent-steps.ts';
import type { Document, Node } from '../../model/node.ts';
import type { DriverCall, InstancePayload, NetworkInterface, Wait } from '../contract.ts';
import { ask } from './command.ts';
import type { AgentContext } from './context.ts';
import { instancePayload } from './instance-payload.ts';
import { together } from '../together.ts';

type Network = Parameters<NetworkInterface['flip']>[1];

/**
 * Starts the ramdisk on a network: off, flip and boot files (a switch and a BMC, both slow, at once), on. May run again from its start at any time: an agent that
 * had started meanwhile is gone with the power, and its token with it.
 */
export async function startRamdisk(
  context: AgentContext,
  call: DriverCall,
  network: Network,
  parameters: Document = {},
): Promise<Wait> {
  await call.power.off();
  call.notes.internal(forgetRamdisk());
  const offer = async () => {
    await firmwareMode(call);
    await call.interfaces.boot.prepareRamdisk(call, { ...parametersOf(context, call), ...parameters });
  };
  await together(() => call.interfaces.network.flip(call, network), offer);
  const since = context.clock.now();
  await call.power.on('boot the ramdisk');
  const timeoutMs = call.interfaces.boot.patienceMs?.(call);
  return {
    kind: 'wait',
    for: 'agent',
    since,
    what: 'boot the ramdisk',
    boots: true,
    staysOn: true,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** Kernel parameters that ironic-python-agent, and ours, are told where to call by. */
function parametersOf(context: AgentContext, call: DriverCall): Document {
  if (context.boot === undefined) return {};
  const { callbackUrl } = context.boot;
  return {
    'ipa-api-url': callbackUrl,
    ...(call.purpose === 'inspect'
      ? {
          'ipa-inspection-callback-url': `${callbackUrl}/v1/continue_inspection`,
          // Only what every release of ironic-python-agent has: one that it does not know ends its inspection. LLDP is
          // in the inventory by the parameter below.
          'ipa-inspection-collectors': 'default,logs,pci-devices',
          'ipa-collect-lldp': '1',
        }
      : {}),
  };
}

/** Ends the ramdisk: off, no boot files, no network. Idempotent. */
export async function leaveRamdisk(call: DriverCall): Promise<void> {
  // What the agent did is known: a successor must not ask an agent for it that this ends.
  await call.saveNotes();
  await call.power.off();
  call.notes.internal(forgetRamdisk());
  const { boot, network } = call.interfaces;
  await together(
    () => boot.cleanUpRamdisk(call),
    () => network.flip(call, 'nothing'),
  );
}

/** Boots the instance on its own network. */
export async function startInstance(call: DriverCall): Promise<void> {
  await call.power.off();
  const { boot, network } = call.interfaces;
  await together(
    () => network.flip(call, 'tenant'),
    () => boot.prepareInstance(call, payloadOf(call.node)),
  );
  await call.power.on('boot the system');
}

/** What an instance boots that is not on its disk; undefined for all others. */
export function payloadOf(node: Node): InstancePayload | undefined {
  return node.interfaces.deploy === 'ramdisk' ? instancePayload(node) : undefined;
}

/** Boot mode and Secure Boot as the node, or the instance, asks for; nothing where nobody asks. */
async function firmwareMode(call: DriverCall): Promise<void> {
  const { node } = call;
  const { management } = call.interfaces;
  const mode = capabilityOf(node, 'boot_mode');
  if (mode === 'uefi' || mode === 'bios') {
    const now = await management.getBootMode(call);
    if (now !== null && now !== mode) {
      call.assertMayWrite();
      await management.setBootMode(call, mode);
      call.notes.bootMode(mode);
    }
  }
  const wanted = wantsSecureBoot(call);
  const had = node.driverInternalInfo['secure_boot_on'] === true;
  if (!wanted && !had) return;
  const now = await management.getSecureBoot(call);
  if (now !== wanted) {
    call.assertMayWrite();
    await management.setSecureBoot(call, wanted);
    call.notes.secureBoot(wanted);
  }
  call.notes.internal({ secure_boot_on: wanted ? true : undefined });
}

/** Did the instance, or the node, ask for Secure Boot? */
export function wantsSecureBoot(call: DriverCall): boolean {
  return /^(true|1|yes|on)$/i.test(capabilityOf(call.node, 'secure_boot') ?? '');
}

/**
 * Ends the ramdisk: what it wrote goes to the disk, then the BMC switches the machine off. The agent is not asked to:
 * ramdisks without an init say that they will and do not.
 */
export async function endAgent(context: AgentContext, call: DriverCall): Promise<void> {
  if ((await context.records.of(call.node)) !== undefined) await ask(context, call, 'standby.sync', {});
  // What the agent did is known: a successor must not ask an agent for it that this ends.
  await call.saveNotes();
  await call.power.off();
  call.notes.internal(forgetRamdisk());
}
