import type { Clock } from '#kernel/clock';

export type SensorKind = 'Temperature' | 'Rotational' | 'Voltage' | 'Power';

/** One sensor: how it reads, when it warns, and how its value goes into IPMI's one byte. */
export interface SensorSpec {
  id: string;
  name: string;
  /** IPMI sensor number. */
  number: number;
  kind: SensorKind;
  unit: 'Cel' | 'RPM' | 'V' | 'W';
  context: 'CPU' | 'Intake' | 'Exhaust' | 'SystemBoard' | 'Fan' | 'PowerSupply' | 'Memory';
  /** The reading when the machine is off (null: none), and at work; it sways round the latter by `sway`. */
  off: number | null;
  on: number;
  sway: number;
  warnHigh: number | null;
  criticalHigh: number | null;
  warnLow: number | null;
  criticalLow: number | null;
  /** value = raw × step (IPMI's M and exponent). */
  step: { m: number; exponent: number };
}

const temperature = {
  kind: 'Temperature',
  unit: 'Cel',
  step: { m: 1, exponent: 0 },
  warnLow: null,
  criticalLow: null,
} as const;
const fan = {
  kind: 'Rotational',
  unit: 'RPM',
  step: { m: 100, exponent: 0 },
  warnHigh: null,
  criticalHigh: null,
} as const;

const SENSORS: readonly SensorSpec[] = [
  {
    ...temperature,
    id: 'CPU0Temp',
    name: 'CPU0 Temp',
    number: 1,
    context: 'CPU',
    off: null,
    on: 48,
    sway: 4,
    warnHigh: 85,
    criticalHigh: 95,
  },
  {
    ...temperature,
    id: 'InletTemp',
    name: 'Inlet Temp',
    number: 2,
    context: 'Intake',
    off: 21,
    on: 22,
    sway: 1,
    warnHigh: 38,
    criticalHigh: 42,
  },
  {
    ...temperature,
    id: 'ExhaustTemp',
    name: 'Exhaust Temp',
    number: 3,
    context: 'Exhaust',
    off: 23,
    on: 35,
    sway: 2,
    warnHigh: 70,
    criticalHigh: 75,
  },
  {
    ...temperature,
    id: 'DIMMTemp',
    name: 'DIMM Temp',
    number: 4,
    context: 'Memory',
    off: null,
    on: 38,
    sway: 2,
    warnHigh: 80,
    criticalHigh: 85,
  },
  {
    ...fan,
    id: 'Fan1',
    name: 'Fan1',
    number: 16,
    context: 'Fan',
    off: 0,
    on: 6200,
    sway: 200,
    warnLow: null,
    criticalLow: 1000,
  },
  {
    ...fan,
    id: 'Fan2',
    name: 'Fan2',
    number: 17,
    context: 'Fan',
    off: 0,
    on: 6100,
    sway: 200,
    warnLow: null,
    criticalLow: 1000,
  },
  {
    id: 'P12V',
    name: 'P12V',
    number: 32,
    kind: 'Voltage',
    unit: 'V',
    context: 'SystemBoard',
    off: 0,
    on: 12.06,
    sway: 0.06,
    warnHigh: 12.9,
    criticalHigh: 13.2,
    warnLow: 11.1,
    criticalLow: 10.8,
    step: { m: 6, exponent: -2 },
  },
  {
    id: 'P3V3',
    name: 'P3V3',
    number: 33,
    kind: 'Voltage',
    unit: 'V',
    context: 'SystemBoard',
    off: 0,
    on: 3.32,
    sway: 0.02,
    warnHigh: 3.56,
    criticalHigh: 3.62,
    warnLow: 3.04,
    criticalLow: 2.98,
    step: { m: 2, exponent: -2 },
  },
  {
    id: 'PS1Input',
    name: 'PS1 Input',
    number: 48,
    kind: 'Power',
    unit: 'W',
    context: 'PowerSupply',
    off: 12,
    on: 168,
    sway: 16,
    warnHigh: 720,
    criticalHigh: 800,
    warnLow: null,
    criticalLow: null,
    step: { m: 4, exponent: 0 },
  },
];

export type Health = 'OK' | 'Warning' | 'Critical';

/** All sensors of one machine. Readings depend on its power and sway slowly; a test may pin any of them. */
export class Sensors {
  readonly #clock: Clock;
  readonly #powered: () => boolean;
  readonly #pinned = new Map<string, number | null>();
  readonly #onHealth: (sensor: SensorSpec, from: Health, to: Health) => void;

  constructor(clock: Clock, powered: () => boolean, onHealth: (sensor: SensorSpec, from: Health, to: Health) => void) {
    this.#clock = clock;
    this.#powered = powered;
    this.#onHealth = onHealth;
  }

  list(): readonly SensorSpec[] {
    return SENSORS;
  }

  get(id: string): SensorSpec | undefined {
    return SENSORS.find((s) => s.id === id);
  }

  byNumber(number: number): SensorSpec | undefined {
    return SENSORS.find((s) => s.number === number);
  }

  /** The value in the sensor's unit; null when it cannot be read (its part has no power). */
  reading(sensor: SensorSpec): number | null {
    const pinned = this.#pinned.get(sensor.id);
    if (pinned !== undefined) return pinned;
    if (!this.#powered()) return sensor.off;
    const phase = this.#clock.now() / 60_000 + sensor.number;
    const value = sensor.on + Math.sin(phase) * sensor.sway;
    const unit = sensor.step.m * 10 ** sensor.step.exponent;
    return Number((Math.round(value / unit) * unit).toFixed(2));
  }

  /** Holds a reading (null: unreadable) until `unpin`; health changes are told at once. */
  pin(id: string, value: number | null): boolean {
    const sensor = this.get(id);
    if (sensor === undefined) return false;
    const before = this.health(sensor);
    this.#pinned.set(id, value);
    this.#tell(sensor, before);
    return true;
  }

  unpin(id: string): void {
    const sensor = this.get(id);
    if (sensor === undefined) return;
    const before = this.health(sensor);
    this.#pinned.delete(id);
    this.#tell(sensor, before);
  }

  /** A stopped fan of a machine without power is well. */
  health(sensor: SensorSpec): Health {
    const value = this.reading(sensor);
    if (value === null || (!this.#powered() && !this.#pinned.has(sensor.id))) return 'OK';
    if (sensor.criticalHigh !== null && value >= sensor.criticalHigh) return 'Critical';
    if (sensor.criticalLow !== null && value <= sensor.criticalLow) return 'Critical';
    if (sensor.warnHigh !== null && value >= sensor.warnHigh) return 'Warning';
    if (sensor.warnLow !== null && value <= sensor.warnLow) return 'Warning';
    return 'OK';
  }

  /** The worst of all. */
  worst(): Health {
    const all = SENSORS.map((s) => this.health(s));
    return all.includes('Critical') ? 'Critical' : all.includes('Warning') ? 'Warning' : 'OK';
  }

  #tell(sensor: SensorSpec, before: Health): void {
    const after = this.health(sensor);
    if (after !== before) this.#onHealth(sensor, before, after);
  }
}
