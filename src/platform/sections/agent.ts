import { flag, list, section, whole } from './fields.ts';

export const agentSettings = section('Working on machines through the ramdisk that runs on them.', {
  networks: list({
    default: [],
    description:
      "Networks in which ramdisks are, such as `10.20.0.0/16`; a conductor calls no other address. None: every address but this host's own, link-local ones and multicast.",
  }),
  answer_s: whole({
    default: 30,
    minimum: 1,
    maximum: 600,
    description: 'Seconds an agent may take to answer a question.',
  }),
  fast_track_s: whole({
    default: 0,
    minimum: 0,
    maximum: 86_400,
    description: 'A ramdisk that called within so many seconds is used as it is, without a new start. 0: never.',
  }),
  kexec: flag({
    default: false,
    description:
      "Start a written system from Ingot's ramdisk, without another start of the firmware. Where that cannot be the machine reboots and the node says why. A node's `driver_info.agent_kexec` goes before it.",
  }),
  warm_pool: flag({
    default: false,
    description:
      "Leave machines on in Ingot's ramdisk after they were cleaned, so that a deploy begins with writing. Only with a network that keeps each on a port of its own.",
  }),
});
