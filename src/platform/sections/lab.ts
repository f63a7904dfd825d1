import { choice, flag, section, whole } from './fields.ts';

export const labSettings = section('Emulated machines to rehearse on.', {
  rack: choice(['none', 'auto', 'emulated', 'simulated'], {
    default: 'none',
    flag: '--lab',
    description:
      'The rack to rehearse on that starts along. `emulated`: QEMU machines with a switch, in a network namespace that holds Ingot as well. `simulated`: BMCs and deploy agents played by the program itself, with nothing behind them; needs no packages and no privileges. `auto`: emulated where this host can, else simulated. `none`: no machine but those that are enrolled.',
  }),
  tour: flag({
    default: true,
    description:
      'Take that rack through its life once it runs: discover its machines, inspect, clean and offer them, deploy one.',
  }),
  networks: flag({
    default: true,
    description:
      "Networks of tenants in an emulated rack: its switch is registered, and its machines are moved between its VLANs, which an OVN of Ingot's own carries where it is installed. Off: all machines stay on one VLAN.",
  }),
  warm: flag({
    default: true,
    description:
      'Machines of an emulated rack wait in their ramdisk once they were cleaned, and a written system is started from there: no deploy waits for firmware. Off: as `agent.warm_pool` and `agent.kexec` say.',
  }),
  machines: whole({ default: 3, minimum: 1, maximum: 64, description: 'Machines in that rack.' }),
  memory_mib: whole({
    default: 1280,
    minimum: 512,
    maximum: 65_536,
    description: 'MiB of memory of each emulated machine. The deploy ramdisk needs about 1,000.',
  }),
  control: whole({
    default: 6390,
    minimum: 0,
    maximum: 65_535,
    description:
      "Port of the rack's control API on 127.0.0.1, for `ingot lab status`, `fault`, `do` and the like. 0: none. Where it is taken the rack has none, and says so.",
  }),
  image: choice(['debian-lean', 'debian', 'tiny', 'none'], {
    default: 'debian-lean',
    description:
      'What the first machine of the rack is deployed with: a lean Debian, Debian with cloud-init, or a tiny Linux, built here from Debian packages. `none`: no machine is deployed.',
  }),
});
