/** DER (X.690), as much as certificates and signatures need. */

/** One element: its type byte, the length, the content. */
export function tag(type: number, content: Buffer): Buffer {
  const n = content.length;
  const size =
    n < 0x80
      ? [n]
      : n < 0x100
        ? [0x81, n]
        : n < 0x1_0000
          ? [0x82, n >> 8, n & 0xff]
          : [0x83, n >> 16, (n >> 8) & 0xff, n & 0xff];
  return Buffer.concat([Buffer.from([type, ...size]), content]);
}

export const sequence = (...parts: Buffer[]): Buffer => tag(0x30, Buffer.concat(parts));
export const octets = (content: Buffer): Buffer => tag(0x04, content);
export const oid = (hex: string): Buffer => tag(0x06, Buffer.from(hex, 'hex'));
export const utf8 = (text: string): Buffer => tag(0x0c, Buffer.from(text, 'utf8'));
export const integer = (value: number): Buffer => tag(0x02, Buffer.from([value]));
export const NULL = tag(0x05, Buffer.alloc(0));

/** A SET OF, in the order DER asks for. */
export const set = (...parts: Buffer[]): Buffer => tag(0x31, Buffer.concat(parts.toSorted(Buffer.compare)));

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return date.getUTCFullYear() < 2050
    ? tag(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tag(0x18, Buffer.from(`${digits}Z`));
}

/** An element that was read. */
export interface Element {
  type: number;
  content: Buffer;
  /** With its type and length. */
  whole: Buffer;
}

/** The elements that stand one after the other in `bytes`. Throws RangeError where they are cut off. */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const type = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const wide = first < 0x80 ? 0 : first & 0x7f;
    const length = wide === 0 ? first : bytes.readUIntBE(at + 2, wide);
    const from = at + 2 + wide;
    if (from + length > bytes.length) throw new RangeError('a DER element is cut off');
    found.push({ type, content: bytes.subarray(from, from + length), whole: bytes.subarray(at, from + length) });
    at = from + length;
  }
  return found;
}
