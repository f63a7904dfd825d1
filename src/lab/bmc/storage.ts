import type { Machine, PresentedDisk } from '../machine/contract.ts';
import type { DiskSpec } from '../machine/spec.ts';
import { refuse } from './refusal.ts';

const MIB = 1024 * 1024;

export type RaidType = 'RAID0' | 'RAID1' | 'RAID5' | 'RAID6' | 'RAID10';

/** How many drives a level needs, and how much of their room it gives. */
const LEVELS: Record<RaidType, { min: number; even?: true; capacity: (drives: number) => number }> = {
  RAID0: { min: 1, capacity: (n) => n },
  RAID1: { min: 2, even: true, capacity: (n) => n / 2 },
  RAID5: { min: 3, capacity: (n) => n - 1 },
  RAID6: { min: 4, capacity: (n) => n - 2 },
  RAID10: { min: 4, even: true, capacity: (n) => n / 2 },
};

export const RAID_TYPES = Object.keys(LEVELS) as RaidType[];

export interface Volume {
  id: string;
  name: string;
  raidType: RaidType;
  sizeBytes: number;
  driveIds: readonly string[];
  /** The guest sees it from the next start on. */
  shown: boolean;
}

export interface Drive extends DiskSpec {
  /** Behind a RAID controller that wants its drives converted first (quirk). */
  raidReady: boolean;
}

/** A controller and what hangs on it. */
export interface Controller {
  id: string;
  name: string;
  model: string;
  protocol: 'NVMe' | 'SATA';
  raid: boolean;
  driveIds: readonly string[];
}

/**
 * The machine's storage as its controllers manage it: volumes are made of RAID drives, and what the guest
 * sees at its next start are the volumes and the drives in none.
 */
export class Storage {
  readonly #machine: Machine;
  readonly #drives: Drive[];
  readonly #volumes = new Map<string, Volume>();
  #next = 1;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#drives = machine.spec.disks.map((disk) => ({ ...disk, raidReady: false }));
  }

  controllers(): Controller[] {
    const on = (test: (d: Drive) => boolean) => this.#drives.filter(test).map((d) => d.id);
    const all: Controller[] = [
      {
        id: 'RAID',
        name: 'RAID Controller',
        model: 'LAB RAID 9',
        protocol: 'SATA',
        raid: true,
        driveIds: on((d) => d.raid),
      },
      {
        id: 'AHCI',
        name: 'SATA Controller',
        model: 'LAB AHCI',
        protocol: 'SATA',
        raid: false,
        driveIds: on((d) => !d.raid && d.bus === 'sata'),
      },
      {
        id: 'NVMe',
        name: 'NVMe Drives',
        model: 'LAB NVMe',
        protocol: 'NVMe',
        raid: false,
        driveIds: on((d) => d.bus === 'nvme'),
      },
    ];
    return all.filter((c) => c.driveIds.length > 0);
  }

  drives(): readonly Drive[] {
    return this.#drives;
  }

  drive(id: string): Drive | undefined {
    return this.#drives.find((d) => d.id === id);
  }

  volumes(): Volume[] {
    return [...this.#volumes.values()];
  }

  volume(id: string): Volume | undefined {
    return this.#volumes.get(id);
  }

  volumeOf(driveId: string): Volume | undefined {
    return this.volumes().find((v) => v.driveIds.includes(driveId));
  }

  /** Throws a refusal when such a volume cannot be made; gives its capacity. */
  checkVolume(
    raidType: string,
    driveIds: readonly string[],
    sizeBytes: number | undefined,
    needsRaidMode: boolean,
  ): number {
    const level = LEVELS[raidType as RaidType] as (typeof LEVELS)[RaidType] | undefined;
    if (level === undefined) throw refuse('PropertyValueNotInList', raidType, 'RAIDType');
    const drives = driveIds.map((id) => {
      const drive = this.drive(id);
      if (drive === undefined || !drive.raid) throw refuse('PropertyValueNotInList', id, 'Links/Drives');
      if (this.volumeOf(id) !== undefined) throw refuse('ResourceInUse');
      if (needsRaidMode && !drive.raidReady) throw refuse('PropertyValueConflict', 'Links/Drives', 'RAIDStatus');
      return drive;
    });
    const odd = level.even === true && drives.length % 2 !== 0;
    if (drives.length < level.min || odd || new Set(driveIds).size !== driveIds.length) {
      throw refuse('PropertyValueConflict', 'Links/Drives', 'RAIDType');
    }
    const most = Math.floor((Math.min(...drives.map((d) => d.sizeBytes)) * level.capacity(drives.length)) / MIB) * MIB;
    if (sizeBytes !== undefined && (sizeBytes < MIB || sizeBytes > most)) {
      throw refuse('PropertyValueOutOfRange', String(sizeBytes), 'CapacityBytes');
    }
    return sizeBytes === undefined ? most : Math.floor(sizeBytes / MIB) * MIB;
  }

  createVolume(name: string | undefined, raidType: RaidType, driveIds: readonly string[], sizeBytes: number): Volume {
    const id = String(this.#next++);
    const volume = { id, name: name ?? `Volume ${id}`, raidType, sizeBytes, driveIds, shown: false };
    this.#volumes.set(id, volume);
    return volume;
  }

  async deleteVolume(id: string): Promise<void> {
    if (!this.#volumes.delete(id)) throw refuse('ResourceNotFound', 'Volume', id);
    await this.#machine.dropDisk(`vol${id}`);
  }

  /** Wipes a drive's content, as its controller's secure erase does. Not while it is part of a volume. */
  async eraseDrive(id: string): Promise<void> {
    if (this.drive(id) === undefined) throw refuse('ResourceNotFound', 'Drive', id);
    if (this.volumeOf(id) !== undefined) throw refuse('ResourceInUse');
    await this.#machine.dropDisk(id);
  }

  setRaidReady(id: string, ready: boolean): void {
    const drive = this.drive(id);
    if (drive === undefined) throw refuse('ResourceNotFound', 'Drive', id);
    drive.raidReady = ready;
  }

  /** What the guest gets at the start that happens now. */
  present(): PresentedDisk[] {
    const disks: PresentedDisk[] = [];
    for (const volume of this.#volumes.values()) {
      volume.shown = true;
      const serial = `${this.#machine.spec.serialNumber}V${volume.id}`;
      disks.push({ id: `vol${volume.id}`, bus: 'sata', sizeBytes: volume.sizeBytes, serial, model: 'LAB RAID Volume' });
    }
    for (const { id, bus, sizeBytes, serial, model } of this.#drives) {
      if (this.volumeOf(id) === undefined) disks.push({ id, bus, sizeBytes, serial, model });
    }
    return disks;
  }
}
