import type { SensorSpec } from '../../sensors.ts';
import { byteAt, CODE, type Command, type CommandContext, Completion, NETFN, u16 } from '../command.ts';

const TYPE: Record<SensorSpec['kind'], number> = { Temperature: 0x01, Voltage: 0x02, Rotational: 0x04, Power: 0x0b };
const UNIT: Record<SensorSpec['unit'], number> = { Cel: 1, V: 4, W: 6, RPM: 18 };
const ENTITY: Record<SensorSpec['context'], number> = {
  CPU: 0x03,
  Intake: 0x37,
  Exhaust: 0x07,
  SystemBoard: 0x07,
  Fan: 0x1d,
  PowerSupply: 0x0a,
  Memory: 0x20,
};

/** Values as IPMI's one byte. */
function rawOf(sensor: SensorSpec, value: number): number {
  const raw = Math.round(value / (sensor.step.m * 10 ** sensor.step.exponent));
  return Math.max(0, Math.min(255, raw));
}

/** Which thresholds a sensor has: bit 0 lower non-critical, 1 lower critical, 3 upper non-critical, 4 upper critical. */
function thresholdMask(sensor: SensorSpec): number {
  const bits: [number | null, number][] = [
    [sensor.warnLow, 0],
    [sensor.criticalLow, 1],
    [sensor.warnHigh, 3],
    [sensor.criticalHigh, 4],
  ];
  return bits.reduce((mask, [value, bit]) => (value === null ? mask : mask | (1 << bit)), 0);
}

const rawOr = (sensor: SensorSpec, value: number | null) => (value === null ? 0 : rawOf(sensor, value));

/** The full sensor record (IPMI 2.0, table 43-1) of one sensor. */
export function fullSensorRecord(sensor: SensorSpec, recordId: number): Buffer {
  const name = Buffer.from(sensor.name, 'latin1').subarray(0, 16);
  const record = Buffer.alloc(48);
  const mask = thresholdMask(sensor);
  record.writeUInt16LE(recordId, 0);
  record.set([0x51, 0x01, 43 + name.length], 2);
  record.set([0x20, 0, sensor.number, ENTITY[sensor.context], sensor.number & 0x7f], 5);
  record.set([0x7f, 0x44, TYPE[sensor.kind], 0x01], 10);
  record.writeUInt16LE(mask << 8, 14);
  record.set([mask, 0], 18);
  record.set([0x00, UNIT[sensor.unit], 0x00, 0x00], 20);
  record.set([sensor.step.m & 0xff, (sensor.step.m >> 8) << 6, 0, 0, 0, (sensor.step.exponent & 0x0f) << 4], 24);
  record.set([0x07, rawOf(sensor, sensor.on), 0xff, 0x00, 0xff, 0x00], 30);
  record.set([0, rawOr(sensor, sensor.criticalHigh), rawOr(sensor, sensor.warnHigh)], 36);
  record.set([0, rawOr(sensor, sensor.criticalLow), rawOr(sensor, sensor.warnLow)], 39);
  record.set([2, 2], 42);
  record.writeUInt8(0xc0 | name.length, 47);
  return Buffer.concat([record, name]);
}

function must({ bmc }: CommandContext, data: Buffer): SensorSpec {
  const sensor = bmc.sensors.byNumber(byteAt(data, 0));
  if (sensor === undefined) throw new Completion(CODE.notPresent);
  return sensor;
}

function reading(context: CommandContext, data: Buffer): Buffer {
  const sensor = must(context, data);
  const value = context.bmc.sensors.reading(sensor);
  if (value === null) return Buffer.from([0, 0xe0, 0xc0]);
  const above = (limit: number | null, bit: number) => (limit !== null && value >= limit ? 1 << bit : 0);
  const below = (limit: number | null, bit: number) => (limit !== null && value <= limit ? 1 << bit : 0);
  // a stopped fan of a machine without power is no alarm
  const alarms =
    context.bmc.sensors.health(sensor) === 'OK'
      ? 0
      : above(sensor.warnHigh, 3) |
        above(sensor.criticalHigh, 4) |
        below(sensor.warnLow, 0) |
        below(sensor.criticalLow, 1);
  return Buffer.from([rawOf(sensor, value), 0xc0, 0xc0 | alarms]);
}

function thresholds(context: CommandContext, data: Buffer): Buffer {
  const sensor = must(context, data);
  const values = [sensor.warnLow, sensor.criticalLow, null, sensor.warnHigh, sensor.criticalHigh, null];
  return Buffer.from([thresholdMask(sensor), ...values.map((v) => rawOr(sensor, v))]);
}

/** DCMI's power reading: watts now, least, most, on average. */
function dcmi({ bmc }: CommandContext, data: Buffer): Buffer {
  if (byteAt(data, 0) !== 0xdc) throw new Completion(CODE.badField);
  const sensor = bmc.sensors.get('PS1Input');
  const watts = Math.round((sensor === undefined ? null : bmc.sensors.reading(sensor)) ?? 0);
  const now = Math.floor(bmc.now() / 1000);
  const time = Buffer.alloc(8);
  time.writeUInt32LE(now, 0);
  time.writeUInt32LE(1000, 4);
  return Buffer.concat([
    Buffer.from([0xdc]),
    u16(watts),
    u16(watts),
    u16(watts),
    u16(watts),
    time,
    Buffer.from([0x40]),
  ]);
}

export const sensorCommands: readonly Command[] = [
  {
    netFn: NETFN.sensor,
    command: 0x25,
    name: 'get sensor hysteresis',
    privilege: 2,
    run: (c, data) => {
      must(c, data);
      return Buffer.from([2, 2]);
    },
  },
  { netFn: NETFN.sensor, command: 0x27, name: 'get sensor thresholds', privilege: 2, run: thresholds },
  {
    netFn: NETFN.sensor,
    command: 0x29,
    name: 'get sensor event enable',
    privilege: 2,
    run: (c, data) => {
      must(c, data);
      return Buffer.from([0xc0, 0, 0, 0, 0]);
    },
  },
  { netFn: NETFN.sensor, command: 0x2d, name: 'get sensor reading', privilege: 2, run: reading },
  {
    netFn: NETFN.sensor,
    command: 0x2f,
    name: 'get sensor type',
    privilege: 2,
    run: (c, data) => Buffer.from([TYPE[must(c, data).kind], 1]),
  },
  { netFn: NETFN.group, command: 0x02, name: 'dcmi power reading', privilege: 2, run: dcmi },
];
