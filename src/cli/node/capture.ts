import { Command } from 'commander';
import type { Client } from '#sdk/client';
import { baremetal } from '#sdk/generated/baremetal';
import { waitFor } from '#sdk/wait';
import { judgeNode } from '../baremetal/actions/provision.ts';
import { chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { harmless } from '../output/cell.ts';

/** Runs one service step on a node and waits until its instance runs again. Gives the node then. */
async function serve(client: Client, node: string, step: string, args: object): Promise<Record<string, unknown>> {
  const params = { node_ident: node };
  await client.baremetal.loose(baremetal.nodeStatesProvision, {
    params,
    body: { target: 'service', service_steps: [{ interface: 'deploy', step, args }] },
  });
  const { clock } = client.baremetal;
  const began = clock.monotonic();
  const seen = { moved: false };
  return await waitFor({
    connection: client.baremetal,
    events: client.operations,
    topic: 'nodes',
    operation: baremetal.nodeShow,
    params,
    query: { fields: ['uuid', 'provision_state', 'target_provision_state', 'last_error', 'driver_internal_info'] },
    timeoutMs: 0,
    judge: (facts) => judgeNode(node, facts, 'active', seen, clock.monotonic() - began),
  });
}

/** `ingot node capture NODE`: an image of its disk. */
export function capture(): Command {
  return usageExits(new Command('capture'))
    .summary('make an image of the disk of an instance')
    .description(
      'Boots the ramdisk beside the instance, stores its disk as an image (only blocks that are not stored yet), and boots the instance again. The instance is off meanwhile. The image may be used when it is active: all of it is hashed first.',
    )
    .argument('<node>', 'UUID or name of the node')
    .option('--name <name>', 'of the image')
    .option('--parent <image>', 'an earlier capture: only differences are stored')
    .action((node: string, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const args = { name: options['name'], parent: options['parent'] };
        const end = await serve(client, node, 'capture', JSON.parse(JSON.stringify(args)) as object);
        const info = end['driver_internal_info'] as { last_capture?: { image_id?: string } } | undefined;
        process.stdout.write(`${harmless(info?.last_capture?.image_id ?? 'captured')}\n`);
      }),
    );
}

/** `ingot node restore NODE IMAGE`: writes an image over its disk. */
export function restore(): Command {
  return usageExits(new Command('restore'))
    .summary('write a captured image over the disk of an instance')
    .argument('<node>', 'UUID or name of the node')
    .argument('<image>', 'the image')
    .action((node: string, image: string, _options: unknown, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        await serve(client, node, 'restore', { image });
        process.stdout.write(`${harmless(node)} runs what ${harmless(image)} holds\n`);
      }),
    );
}
