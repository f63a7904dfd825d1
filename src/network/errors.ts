import { defineErrors } from '#kernel/errors';

/** What can go wrong in the room of networks, outside its API. */
export const errors = defineErrors({
  OvnMissing: [
    500,
    (file: string) =>
      `OVN is not installed (${file} is not there): apt install openvswitch-switch ovn-central ovn-host`,
  ],
  OvnElsewhere: [
    500,
    (pid: string) => `an Open vSwitch (pid ${pid}) runs here already; set network.ovn = "join" and name its OVN`,
  ],
  OvnNoStart: [500, (why: string) => `OVN does not start: ${why}`],
});
