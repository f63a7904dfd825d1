/** A test that shows how a bad day ends: its file, and words of its title. */
export interface Proof {
  file: string;
  title: string;
}

const deploy = (file: string, title: string): Proof => ({ file: `tests/baremetal/deploy/${file}.test.ts`, title });
const emulated = (title: string): Proof => ({ file: 'tests/e2e/bad-days.test.ts', title });

/**
 * What goes wrong with machines while they are worked on, and the tests that show that each ends in a booted instance or
 * in a failed state that names the step, with power, network, media, files and tokens in order: on simulated machines for
 * all, on emulated ones for what hardware, firmware or a real ramdisk has a part in. Those run where they are asked for
 * (CONTRIBUTING.md), but for `short`. A string says why there is none.
 */
export const BAD_DAYS: Readonly<Record<string, { simulated: readonly Proof[]; emulated: readonly Proof[] | string }>> =
  {
    'the agent disappears, at each phase': {
      simulated: [
        deploy('faults', 'an agent that fails, vanishes or lies never ends in success'),
        deploy('bad-days', 'agents that vanish or fail in inspection, rescue and service'),
      ],
      emulated: [emulated('power that is cut while the image is written')],
    },
    'the machine reboots in the middle': {
      simulated: [
        deploy('faults', 'an agent that fails, vanishes or lies never ends in success'),
        deploy('plain', 'a machine that starts anew in the middle of its work, into its disk'),
      ],
      emulated: 'not there yet',
    },
    'the agent lies': {
      simulated: [
        deploy('faults', 'an agent that fails, vanishes or lies never ends in success'),
        { file: 'tests/agent/cleaning.test.ts', title: 'a drive that says it erased itself and did not is found out' },
      ],
      emulated: 'a real ramdisk does what it says',
    },
    'the image server is slow or cut': {
      simulated: [
        deploy('bad-days', 'an image that cannot be had'),
        { file: 'tests/image/prepare.test.ts', title: 'a cut download goes on where it ended' },
        { file: 'tests/agent/images.test.ts', title: 'goes on where a cut connection left it' },
      ],
      emulated: [emulated('an image server that is cut, whose image changes, or that is slow')],
    },
    'the image changes between requests': {
      simulated: [
        { file: 'tests/image/prepare.test.ts', title: 'a source that changes in the middle' },
        { file: 'tests/agent/images.test.ts', title: 'notices an image that changed between two requests' },
      ],
      emulated: [emulated('an image server that is cut, whose image changes, or that is slow')],
    },
    'another machine promised a block and died': {
      simulated: [
        {
          file: 'tests/agent/blocks.test.ts',
          title: 'blocks that another machine said to have, and does not give, are had elsewhere',
        },
      ],
      emulated: 'it is between agents, and those are the same',
    },
    'the disk is too small, fails, or takes no writes': {
      simulated: [
        deploy('bad-days', 'a disk that is too small, fails or takes no writes'),
        { file: 'tests/agent/images.test.ts', title: 'names what a failing disk said' },
      ],
      emulated: [emulated('a disk that fails, takes no writes, or is too small')],
    },
    'power is cut in the middle of the write': {
      simulated: [deploy('faults', 'an agent that fails, vanishes or lies never ends in success')],
      emulated: [
        { file: 'tests/e2e/short.test.ts', title: 'whose power is cut while it is written' },
        emulated('power that is cut while the image is written'),
      ],
    },
    'the firmware boots something else': {
      simulated: [
        deploy('boot-ways', 'notices that a one-time boot was ignored by a machine that %s'),
        deploy('bad-days', 'a BMC that ignores power, or a boot order that leads to the disk'),
      ],
      emulated: [emulated('a BMC that boots the disk instead, with the last tenant’s system on it')],
    },
    'two machines have one MAC': {
      simulated: [deploy('others', 'of two machines with one MAC the first is worked on; the other gets no token')],
      emulated: 'it is about who is given a token, and any agent asks for one in the same way',
    },
    'a token is stolen': {
      simulated: [deploy('bad-days', 'a stolen token turns nothing to the thief')],
      emulated: 'it is between the thief and the API',
    },
    'the conductor is killed at each step': {
      simulated: [
        deploy('crash', 'a conductor killed during $operation through an agent'),
        { file: 'tests/baremetal/life/crash/kill.test.ts', title: 'a conductor killed during $operation' },
      ],
      emulated: [{ file: 'tests/e2e/ways.ts', title: `node: 'killed'` }],
    },
    'a person gives up in the middle': {
      simulated: [deploy('bad-days', 'an abort in the middle of the write')],
      emulated: 'an abort is the same to any machine',
    },
  };
