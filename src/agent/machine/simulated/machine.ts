import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { IngotError } from '#kernel/errors';
import { run as runChild, type RunResult } from '#kernel/run';
import { errors } from '../../errors.ts';
import type { BlockDevice, Machine, Mounted, ToolOptions } from '../contract.ts';
import { filterThrough } from '../filter.ts';
import { type SimulatedHardware, treeOf } from './hardware.ts';
import { openSparse, SparseDisk } from './sparse-device.ts';
import { done, type SimulatedTool, TOOLS, type ToolWorld } from './tools.ts';

export interface SimulatedOptions {
  hardware: SimulatedHardware;
  /** The address it is called at. Default 127.0.0.1. */
  address?: string;
  /** Called when the system ends itself. */
  onHalt?(how: 'off' | 'reboot' | 'kexec'): void;
  /** Tools that behave otherwise; null: not there. */
  tools?: Readonly<Record<string, SimulatedTool | null>>;
  /** Content of a mounted partition: path below it → text. Default: a removable-media loader. */
  mounted?: Readonly<Record<string, string>>;
  /** Why an access to a disk fails, or null. */
  fault?(device: string, what: 'read' | 'write'): string | null;
}

const LOADER = { 'EFI/BOOT/BOOTX64.EFI': 'simulated loader' };

/**
 * A machine that is only said to be one: sysfs in memory, disks of which only what is not zero is held, tools that
 * answer as real ones would. The agent on it speaks its whole protocol over real sockets; thousands fit a process.
 */
export class SimulatedMachine implements Machine {
  readonly kind = 'simulated';
  readonly calls: (readonly string[])[] = [];
  readonly #options: SimulatedOptions;
  readonly #files: Map<string, string>;
  readonly #links: Map<string, string>;
  readonly #disks = new Map<string, SparseDisk>();
  readonly #world: ToolWorld;
  #scratch: string | undefined;

  constructor(options: SimulatedOptions) {
    this.#options = options;
    const { files, links } = treeOf(options.hardware);
    this.#files = files;
    this.#links = links;
    for (const disk of options.hardware.disks) this.#disks.set(`/dev/${disk.name}`, new SparseDisk(disk.size));
    this.#world = {
      disk: (device) => this.#disks.get(device) ?? null,
      efi: { order: [], entries: new Map() },
      bmc: options.hardware.bmc ?? null,
    };
  }

  /** What a disk holds, for tests that look from outside. */
  disk(device: string): SparseDisk {
    const disk = this.#disks.get(device);
    if (disk === undefined) throw errors.DeviceUnusable(device, 'there is no such disk');
    return disk;
  }

  async run(tool: string, args: readonly string[], options: ToolOptions = {}): Promise<RunResult> {
    this.calls.push([tool, ...args]);
    // Converting is computing, not hardware: the real tool does it.
    if (tool === 'qemu-img') return await runChild(tool, args, { timeoutMs: 60_000, ...options });
    const given = this.#options.tools?.[tool];
    const simulated = given === undefined ? TOOLS[tool] : given;
    if (simulated === undefined || simulated === null) {
      throw new IngotError('ChildMissing', 501, `The program ${tool} is not installed`);
    }
    const output = simulated(args, this.#world);
    if (output === null) throw new IngotError('ChildFailed', 502, `${tool} exited with 1: simulated`);
    return done(output);
  }

  filter(tool: string, args: readonly string[]): Duplex {
    return filterThrough(tool, args);
  }

  async text(path: string): Promise<string | null> {
    return this.#files.get(path)?.trimEnd() ?? null;
  }

  async bytes(path: string): Promise<Buffer | null> {
    const text = this.#files.get(path);
    return text === undefined ? null : Buffer.from(text);
  }

  async names(path: string): Promise<readonly string[]> {
    const under = `${path}/`;
    const found = new Set<string>();
    for (const key of [...this.#files.keys(), ...this.#links.keys()]) {
      if (key.startsWith(under)) found.add(key.slice(under.length).split('/')[0] ?? '');
    }
    return [...found].sort();
  }

  async resolve(path: string): Promise<string | null> {
    return this.#links.get(path) ?? (this.#files.has(path) || (await this.names(path)).length > 0 ? path : null);
  }

  async put(path: string, content: string | Buffer): Promise<void> {
    this.#files.set(path, content.toString());
  }

  async remove(path: string): Promise<void> {
    for (const key of this.#files.keys()) if (key === path || key.startsWith(`${path}/`)) this.#files.delete(key);
  }

  async open(device: string): Promise<BlockDevice> {
    return openSparse(device, this.disk(device), (what) => this.#options.fault?.(device, what) ?? null);
  }

  async appears(): Promise<boolean> {
    return true;
  }

  async mount(device: string): Promise<Mounted> {
    const path = `/simulated${device}`;
    for (const [name, text] of Object.entries(this.#options.mounted ?? LOADER))
      this.#files.set(`${path}/${name}`, text);
    return { path, unmount: () => this.remove(path) };
  }

  async scratch(): Promise<{ path: string; free: number }> {
    this.#scratch ??= await mkdtemp(join(tmpdir(), 'simulated-machine-'));
    return { path: this.#scratch, free: 2 ** 31 };
  }

  async addresses() {
    const nic = this.#options.hardware.nics[0];
    const address = { address: this.#options.address ?? '127.0.0.1', family: 4 as const };
    return nic === undefined ? {} : { [nic.name]: [address] };
  }

  async addressTowards(): Promise<string> {
    return this.#options.address ?? '127.0.0.1';
  }

  async halt(how: 'off' | 'reboot' | 'kexec'): Promise<void> {
    this.#options.onHalt?.(how);
  }

  /** Frees what it holds outside of memory. */
  async close(): Promise<void> {
    if (this.#scratch !== undefined) await rm(this.#scratch, { recursive: true, force: true });
  }
}
