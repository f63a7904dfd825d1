import type { Bmc } from './bmc/bmc.ts';
import type { ScreenDoor } from './bmc/consoles/screen-door.ts';
import type { SshServer } from './bmc/consoles/ssh-server.ts';
import type { IpmiServer } from './bmc/ipmi/server.ts';
import type { RedfishDoor } from './bmc/redfish/door.ts';
import type { RedfishServer } from './bmc/redfish/server.ts';
import { faultEffects } from './faults/named.ts';
import type { Effects } from './faults/effects.ts';
import type { Machine } from './machine/contract.ts';
import type { MachineSpec } from './machine/spec.ts';
import { effectsOf } from './quirks/all.ts';

/** How to log in to a lab BMC. */
export interface Credentials {
  name: string;
  password: string;
}

/** One machine of the lab with its BMC's doors. */
export class LabMachine {
  readonly machine: Machine;
  readonly bmc: Bmc;
  readonly redfish: RedfishServer<RedfishDoor>;
  readonly ipmi: IpmiServer;
  readonly ssh: SshServer | null;
  readonly screen: ScreenDoor | null;
  readonly credentials: Credentials;
  /** Unix sockets and files of an emulated machine; null for simulated ones. */
  readonly dir: string | null;

  constructor(parts: {
    machine: Machine;
    bmc: Bmc;
    redfish: RedfishServer<RedfishDoor>;
    ipmi: IpmiServer;
    ssh: SshServer | null;
    screen: ScreenDoor | null;
    credentials: Credentials;
    dir: string | null;
  }) {
    this.machine = parts.machine;
    this.bmc = parts.bmc;
    this.redfish = parts.redfish;
    this.ipmi = parts.ipmi;
    this.ssh = parts.ssh;
    this.screen = parts.screen;
    this.credentials = parts.credentials;
    this.dir = parts.dir;
  }

  get name(): string {
    return this.machine.spec.name;
  }

  get spec(): MachineSpec {
    return this.machine.spec;
  }

  /** Switches a named fault on (`latency`, `{ ms: 500 }`); its name switches it off again. */
  fault(name: string, params: Readonly<Record<string, unknown>> = {}): void {
    this.bmc.effects.on(name, faultEffects(name, params));
  }

  /** Switches quirks of the list on. */
  quirk(...ids: readonly string[]): void {
    for (const id of ids) this.bmc.effects.on(id, effectsOf(id));
  }

  /** Switches effects of one's own on. */
  effect(name: string, effects: Effects): void {
    this.bmc.effects.on(name, effects);
  }

  /** Switches one thing off, or everything. */
  heal(name?: string): void {
    if (name === undefined) this.bmc.effects.clear();
    else this.bmc.effects.off(name);
  }

  /** What `ingot lab status` shows. */
  describe(): Record<string, unknown> {
    const { network } = this.bmc;
    return {
      name: this.name,
      kind: this.dir === null ? 'simulated' : 'emulated',
      power: this.machine.power,
      reported: this.bmc.power.reported(),
      firmware: this.bmc.lastPlan?.mode ?? this.spec.firmware.mode,
      redfish: this.redfish.url,
      system: `/redfish/v1/Systems/${this.bmc.traits.systemId}`,
      ipmi: { address: network.address, port: this.ipmi.port },
      ssh: this.ssh === null ? null : { address: network.address, port: this.ssh.port },
      user: this.credentials.name,
      uuid: this.spec.uuid,
      serial: this.spec.serialNumber,
      nics: this.spec.nics.map((n) => ({ id: n.id, mac: n.mac, port: n.link.kind === 'tap' ? n.link.ifname : null })),
      serialSocket: this.dir === null ? null : `${this.dir}/serial`,
      vncSocket: this.machine.vncPath,
      media: this.bmc.media.list().flatMap(({ slot, inserted }) => (inserted ? [slot.id] : [])),
      active: this.bmc.effects.list().map((e) => e.name),
      counters: {
        ...this.bmc.counters,
        redfishSessions: this.redfish.door.sessions.list().length,
        ipmiSessions: this.ipmi.sessions,
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.redfish.close(), this.ipmi.close(), this.ssh?.close(), this.screen?.close()]);
    await this.machine.close();
  }
}
