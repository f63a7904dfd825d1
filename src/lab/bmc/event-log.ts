import type { Clock } from '#kernel/clock';

export type Severity = 'OK' | 'Warning' | 'Critical';

/** What happened, for Redfish subscribers, the system event log and the IPMI SEL alike. */
export interface BmcEvent {
  id: number;
  /** Wall clock, milliseconds. */
  at: number;
  severity: Severity;
  /** A message id with its registry: `ResourceEvent.1.4.ResourcePoweredOn`. */
  messageId: string;
  message: string;
  args: readonly string[];
  /** Path of the resource it is about. */
  origin: string;
  /** The IPMI side of it: sensor type and number, event type, first data byte. */
  ipmi: {
    sensorType: number;
    sensorNumber: number;
    eventType: number;
    data: readonly [number, number, number];
    deassert: boolean;
  };
}

const CAPACITY = 512;

/** The BMC's log: bounded, oldest lost first; every entry is also told to listeners. */
export class EventLog {
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: BmcEvent) => void>();
  #events: BmcEvent[] = [];
  #next = 1;
  #clearedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(event: Omit<BmcEvent, 'id' | 'at'>): BmcEvent {
    const entry = { ...event, id: this.#next++, at: this.#clock.now() };
    this.#events.push(entry);
    if (this.#events.length > CAPACITY) this.#events.shift();
    for (const listener of [...this.#listeners]) listener(entry);
    return entry;
  }

  list(): readonly BmcEvent[] {
    return this.#events;
  }

  get(id: number): BmcEvent | undefined {
    return this.#events.find((e) => e.id === id);
  }

  delete(id: number): boolean {
    const before = this.#events.length;
    this.#events = this.#events.filter((e) => e.id !== id);
    return this.#events.length < before;
  }

  clear(): void {
    this.#events = [];
    this.#clearedAt = this.#clock.now();
  }

  get clearedAt(): number {
    return this.#clearedAt;
  }

  get capacity(): number {
    return CAPACITY;
  }

  onEvent(fn: (event: BmcEvent) => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }
}
