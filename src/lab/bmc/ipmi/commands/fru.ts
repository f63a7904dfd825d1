import type { Bmc } from '../../bmc.ts';
import { checksum } from '../message.ts';

const field = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1').subarray(0, 63);
  return Buffer.concat([Buffer.from([0xc0 | bytes.length]), bytes]);
};

/** An area: version, length in eights, content, end mark, zero padding, checksum. */
function area(content: Buffer): Buffer {
  const used = content.length + 4;
  const length = Math.ceil(used / 8) * 8;
  const bytes = Buffer.alloc(length);
  bytes.set([1, length / 8], 0);
  content.copy(bytes, 2);
  bytes.writeUInt8(0xc1, content.length + 2);
  bytes.writeUInt8(checksum(bytes.subarray(0, -1)), length - 1);
  return bytes;
}

/** The machine's FRU inventory (Platform Management FRU Information Storage Definition 1.3). */
export function fruImage(bmc: Bmc): Buffer {
  const spec = bmc.machine.spec;
  const maker = bmc.traits.manufacturer ?? spec.manufacturer;
  const model = bmc.traits.model ?? spec.model;
  const chassis = area(Buffer.concat([Buffer.from([0x17]), field(spec.sku), field(spec.serialNumber)]));
  const made = Buffer.from([0, 0, 0, 0]); // English, date unspecified
  const board = area(
    Buffer.concat([
      made,
      field(maker),
      field(`${model} Board`),
      field(`${spec.serialNumber}B`),
      field(`P-${spec.sku}`),
      field(''),
    ]),
  );
  const product = area(
    Buffer.concat([
      Buffer.from([0]),
      field(maker),
      field(model),
      field(`P-${spec.sku}`),
      field('1'),
      field(spec.serialNumber),
      field(bmc.settings.assetTag),
      field(''),
    ]),
  );
  const head = Buffer.from([1, 0, 1, 1 + chassis.length / 8, 1 + (chassis.length + board.length) / 8, 0, 0, 0]);
  head.writeUInt8(checksum(head.subarray(0, 7)), 7);
  return Buffer.concat([head, chassis, board, product]);
}
