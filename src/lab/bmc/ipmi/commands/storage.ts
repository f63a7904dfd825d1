import type { BmcEvent } from '../../event-log.ts';
import { byteAt, CODE, type Command, type CommandContext, Completion, EMPTY, NETFN, u16, u32 } from '../command.ts';
import { fullSensorRecord } from './sensors.ts';
import { fruImage } from './fru.ts';

/** The management controller's own record (table 43-11). */
function controllerRecord(recordId: number): Buffer {
  const name = Buffer.from('BMC', 'latin1');
  const head = Buffer.from([
    0,
    0,
    0x51,
    0x12,
    11 + name.length,
    0x20,
    0x00,
    0x00,
    0x8f,
    0,
    0,
    0,
    0x2e,
    0x01,
    0x00,
    0xc0 | name.length,
  ]);
  head.writeUInt16LE(recordId, 0);
  return Buffer.concat([head, name]);
}

function records({ bmc }: CommandContext): Buffer[] {
  const sensors = bmc.sensors.list();
  return [...sensors.map((s, i) => fullSensorRecord(s, i + 1)), controllerRecord(sensors.length + 1)];
}

const LAST = 0xffff;

function getSdr(context: CommandContext, data: Buffer): Buffer {
  const all = records(context);
  byteAt(data, 5);
  const id = data.readUInt16LE(2);
  const index = id === 0 ? 0 : id === LAST ? all.length - 1 : id - 1;
  const record = all[index];
  if (record === undefined) throw new Completion(CODE.notPresent);
  const offset = byteAt(data, 4);
  const count = byteAt(data, 5);
  if (offset > record.length) throw new Completion(CODE.outOfRange);
  const next = index + 1 < all.length ? index + 2 : LAST;
  return Buffer.concat([u16(next), record.subarray(offset, count === 0xff ? undefined : offset + count)]);
}

const seconds = (ms: number) => Math.floor(ms / 1000);

/** One event as a SEL record (table 32-1). */
function selRecord(event: BmcEvent): Buffer {
  const { ipmi } = event;
  const record = Buffer.alloc(16);
  record.writeUInt16LE(event.id & 0xffff, 0);
  record.writeUInt8(0x02, 2);
  record.writeUInt32LE(seconds(event.at), 3);
  record.writeUInt16LE(0x0020, 7);
  record.set([0x04, ipmi.sensorType, ipmi.sensorNumber, (ipmi.deassert ? 0x80 : 0) | ipmi.eventType, ...ipmi.data], 9);
  return record;
}

function selInfo({ bmc }: CommandContext): Buffer {
  const entries = bmc.log.list();
  const free = (bmc.log.capacity - entries.length) * 16;
  const newest = entries.at(-1);
  const head = Buffer.from([0x51]);
  const times = [u32(newest === undefined ? 0 : seconds(newest.at)), u32(seconds(bmc.log.clearedAt))];
  return Buffer.concat([head, u16(entries.length), u16(Math.min(free, 0xffff)), ...times, Buffer.from([0x0a])]);
}

function getSel({ bmc }: CommandContext, data: Buffer): Buffer {
  byteAt(data, 5);
  const entries = bmc.log.list();
  const id = data.readUInt16LE(2);
  const index = id === 0 ? 0 : id === LAST ? entries.length - 1 : entries.findIndex((e) => (e.id & 0xffff) === id);
  const entry = entries[index];
  if (entry === undefined) throw new Completion(CODE.notPresent);
  const next = entries[index + 1];
  const offset = byteAt(data, 4);
  const count = byteAt(data, 5);
  const record = selRecord(entry).subarray(offset, count === 0xff ? undefined : offset + count);
  return Buffer.concat([u16(next === undefined ? LAST : next.id & 0xffff), record]);
}

function addSel({ bmc }: CommandContext, data: Buffer): Buffer {
  byteAt(data, 15);
  const type = byteAt(data, 10);
  bmc.tell('OK', 'ResourceChanged', ['SEL'], `Managers/${bmc.traits.managerId}/LogServices/Sel`, {
    sensorType: type,
    sensorNumber: byteAt(data, 11),
    eventType: byteAt(data, 12) & 0x7f,
    data: [byteAt(data, 13), byteAt(data, 14), byteAt(data, 15)],
    deassert: (byteAt(data, 12) & 0x80) !== 0,
  });
  return u16((bmc.log.list().at(-1)?.id ?? 0) & 0xffff);
}

function clearSel({ bmc, caller }: CommandContext, data: Buffer): Buffer {
  if (data.toString('latin1', 2, 5) !== 'CLR') throw new Completion(CODE.badField);
  if (byteAt(data, 5) === 0xaa) {
    bmc.log.clear();
    bmc.ledger.add(bmc.name, 'action', caller, 'log.clear');
  }
  return Buffer.from([0x01]); // erased
}

const RESERVATION = u16(1);

function readFru({ bmc }: CommandContext, data: Buffer): Buffer {
  if (byteAt(data, 0) !== 0) throw new Completion(CODE.notPresent);
  const image = fruImage(bmc);
  byteAt(data, 3);
  const offset = data.readUInt16LE(1);
  if (offset >= image.length) throw new Completion(CODE.outOfRange);
  const part = image.subarray(offset, offset + byteAt(data, 3));
  return Buffer.concat([Buffer.from([part.length]), part]);
}

function sdrInfo(context: CommandContext): Buffer {
  const count = records(context).length;
  return Buffer.concat([Buffer.from([0x51]), u16(count), u16(0xffff), u32(1), u32(1), Buffer.from([0x02])]);
}

export const storageCommands: readonly Command[] = [
  {
    netFn: NETFN.storage,
    command: 0x10,
    name: 'get FRU area info',
    privilege: 2,
    run: ({ bmc }, data) => {
      if (byteAt(data, 0) !== 0) throw new Completion(CODE.notPresent);
      return Buffer.concat([u16(fruImage(bmc).length), Buffer.from([0])]);
    },
  },
  { netFn: NETFN.storage, command: 0x11, name: 'read FRU', privilege: 2, run: readFru },
  { netFn: NETFN.storage, command: 0x20, name: 'get SDR repository info', privilege: 2, run: sdrInfo },
  { netFn: NETFN.storage, command: 0x22, name: 'reserve SDR repository', privilege: 2, run: () => RESERVATION },
  { netFn: NETFN.storage, command: 0x23, name: 'get SDR', privilege: 2, run: getSdr },
  {
    netFn: NETFN.storage,
    command: 0x28,
    name: 'get SDR time',
    privilege: 2,
    run: ({ bmc }) => u32(seconds(bmc.now())),
  },
  { netFn: NETFN.storage, command: 0x40, name: 'get SEL info', privilege: 2, run: selInfo },
  { netFn: NETFN.storage, command: 0x42, name: 'reserve SEL', privilege: 2, run: () => RESERVATION },
  { netFn: NETFN.storage, command: 0x43, name: 'get SEL entry', privilege: 2, run: getSel },
  { netFn: NETFN.storage, command: 0x44, name: 'add SEL entry', privilege: 3, writes: true, run: addSel },
  { netFn: NETFN.storage, command: 0x47, name: 'clear SEL', privilege: 3, writes: true, run: clearSel },
  {
    netFn: NETFN.storage,
    command: 0x48,
    name: 'get SEL time',
    privilege: 2,
    run: ({ bmc }) => u32(seconds(bmc.now())),
  },
  {
    netFn: NETFN.storage,
    command: 0x49,
    name: 'set SEL time',
    privilege: 3,
    writes: true,
    run: ({ bmc }, data) => {
      byteAt(data, 3);
      bmc.settings.clockOffsetMs = data.readUInt32LE(0) * 1000 - bmc.clock.now();
      return EMPTY;
    },
  },
];
