import { errors } from '../../errors.ts';
import { forgetRamdisk } from '../../model/agent-steps.ts';
import type { Node } from '../../model/node.ts';
import type { DeployInterface, DriverCall, DriverStep, StepOutcome } from '../contract.ts';
import { beginConfigDrive } from './config-drive.ts';
import type { AgentContext } from './context.ts';
import { runsAlready } from './fast-track.ts';
import { imageRequestOf, isWholeDisk } from './image-info.ts';
import { leaveRamdisk, payloadOf, startInstance, startRamdisk } from './ramdisk.ts';
import { agentSteps, learnSteps } from './steps.ts';
import { capture, endOpenCapture, restore } from './capture.ts';
import { keepWarm } from './warm.ts';

const PROPERTIES = {
  deploy_kernel: "URL of a kernel in place of that of Ingot's ramdisk. Optional.",
  deploy_ramdisk: "URL of an initrd in place of Ingot's. Optional.",
  image_download_source: 'Where machines fetch images: http (default, from Ingot) or local. Optional.',
};

/** What a deploy interface through a ramdisk has besides the steps that every one has. */
export interface AgentDeploy {
  name: string;
  /** Steps of its own, in the core's. */
  steps(): readonly DriverStep[];
  /** It writes an image: the instance must name one. */
  image: boolean;
  /** Instead of the check of the image. */
  validate?(node: Node): void;
}

/** A deploy interface that works through a ramdisk: frame, cleaning and service are the same for all. */
export function agentDeploy(context: AgentContext, own: AgentDeploy): DeployInterface {
  const inRamdisk = async (call: DriverCall, network: 'cleaning' | 'servicing'): Promise<StepOutcome> => {
    if (!call.resumed && (await runsAlready(context, call))) return { kind: 'done' };
    return await startRamdisk(context, call, network);
  };
  const disk = [capture(context), restore(context)];
  return {
    name: own.name,
    properties: PROPERTIES,
    stepsOfRamdisk: true,
    provesErase: true,
    validate: own.validate ?? ((node) => (own.image ? validateImage(node) : undefined)),
    steps(node) {
      const mine = [...own.steps(), ...disk];
      // ironic-python-agent offers a `write_image` too, for conductors that leave it the choice of the image.
      const taken = new Set(mine.map((step) => `${step.kinds.join()} ${step.step}`));
      const theirs = agentSteps(context, node, 'deploy');
      return [...mine, ...theirs.filter((step) => !taken.has(`${step.kinds.join()} ${step.step}`))];
    },
    async prepare(call) {
      call.notes.internal(forgetRamdisk());
      if (own.image) beginConfigDrive(call.node);
      if (own.image && context.images !== undefined) {
        // Reads the head only: what cannot be deployed is refused before the machine is touched.
        const facts = await context.images.examine(imageRequestOf(call.node), call.signal);
        call.notes.internal({ image_bytes: facts.virtualBytes ?? undefined });
      }
      call.notes.internal({ is_whole_disk_image: own.image ? isWholeDisk(call.node) : undefined });
      await call.interfaces.storage.attach(call);
    },
    async cleanUp(call) {
      call.notes.internal(forgetRamdisk());
      await call.interfaces.boot.cleanUpRamdisk(call);
      await call.interfaces.boot.cleanUpInstance(call);
    },
    prepareCleaning: (call) => inRamdisk(call, 'cleaning'),
    async ramdiskCalled(call, flow) {
      if ((await context.records.of(call.node)) === undefined) {
        return await startRamdisk(context, call, flow === 'clean' ? 'cleaning' : 'servicing');
      }
      await learnSteps(context, call, flow);
      return { kind: 'done' };
    },
    keepWarm: (call) => keepWarm(context, call),
    tearDownCleaning: leaveRamdisk,
    prepareService: (call) => inRamdisk(call, 'servicing'),
    async tearDownService(call) {
      await endOpenCapture(context, call);
      await leaveRamdisk(call);
      await startInstance(call);
    },
    async tearDown(call) {
      await call.power.off();
      await call.interfaces.storage.detach(call);
      await call.interfaces.network.flip(call, 'nothing');
      for (const key of INSTANCE_KEYS) call.notes.internal({ [key]: undefined });
    },
    // Nothing of an active machine lies with its conductor: boot files are in the database, disks are its own.
    takeOver: async (call) => await call.interfaces.boot.prepareInstance(call, payloadOf(call.node)),
  };
}

/** What a deploy noted of the instance. */
const INSTANCE_KEYS = [
  'root_device',
  'efi_system_partition_uuid',
  'image_bytes',
  'kexec_refused',
  'capture',
  'last_capture',
];

function validateImage(node: Node): void {
  const request = imageRequestOf(node);
  if (/^https?:/.test(request.source) && request.checksum === undefined) {
    throw errors.MissingParameterValue(
      "image_source's image_checksum or image_os_hash_value must be in instance_info for an image by URL",
    );
  }
}
