import { IngotError } from '#kernel/errors';
import { systemClock } from '#kernel/clock';
import { errors as workErrors } from '#work/errors';
import type { DriverCall, DriverStep, NodeInterfaces } from '../contract.ts';
import type { InterfaceKind } from '../../model/interfaces.ts';
import type { Node } from '../../model/node.ts';

/** What reaches a machine and cannot be taken back. */
export type Reached = 'on' | 'off' | 'soft' | 'nmi';

/** The system on a machine, as its serial line has it. */
export interface Guest {
  says(text: string): void;
  /** What was typed to it. */
  heard(): string;
}

/** One implementation of every kind, on a machine that is there, and what the suite needs to know of it. */
export interface Subject {
  interfaces: NodeInterfaces;
  /** A node whose settings are right. Gives a fresh machine, powered off. */
  node(): Promise<Node>;
  /** A call with the right to write; `may` stands in for the lease. */
  call(node: Node, may?: () => void): DriverCall;
  /** Writes the machine has had so far. */
  writes(node: Node): Promise<number>;
  /** What its power control and its interrupt line have had so far, in order. */
  reached(node: Node): Promise<Reached[]>;
  /** Waits until a system runs, which hears power buttons; absent where a machine has none. */
  booted?(node: Node): Promise<void>;
  /** Milliseconds a power change may take. */
  powerMs: number;
  /** The other end of the serial line; absent where there is none. */
  guest?(node: Node): Guest;
  /** A newer BIOS, where its BMC can fetch it; absent where firmware cannot be updated. */
  bios?(): Promise<{ url: string; version: string }>;
}

/** The right is gone. */
export const lost = () => {
  throw workErrors.LeaseLost('the test took it away');
};

/** What an implementation answers, or null where it says with 400 that the machine has no such thing. */
export async function supported<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof IngotError && error.code === 'UnsupportedDriverExtension' && error.status === 400) return null;
    throw error;
  }
}

export async function untilPower({ interfaces, powerMs }: Subject, call: DriverCall, want: string): Promise<void> {
  const deadline = systemClock.monotonic() + powerMs;
  while ((await interfaces.power.get(call)) !== want) {
    if (systemClock.monotonic() > deadline) throw new Error(`not ${want} within ${powerMs} ms`);
    await systemClock.sleep(10);
  }
}

/** A step of an interface; undefined when it has none of that name. */
export async function stepOf(
  { interfaces }: Subject,
  node: Node,
  kind: InterfaceKind,
  name: string,
): Promise<DriverStep | undefined> {
  return ((await interfaces[kind].steps?.(node)) ?? []).find(({ step }) => step === name);
}
