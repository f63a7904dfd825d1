/** The GUID at an offset, as UEFI stores it: three parts little-endian, two as they are read. */
export function guidAt(bytes: Buffer, at: number): string {
  const part = (from: number, to: number, flip: boolean) => {
    const piece = Buffer.from(bytes.subarray(at + from, at + to));
    return (flip ? piece.reverse() : piece).toString('hex');
  };
  return [part(0, 4, true), part(4, 6, true), part(6, 8, true), part(8, 10, false), part(10, 16, false)].join('-');
}

/** Its 16 bytes. */
export function guidBytes(guid: string): Buffer {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const flip = (hex: string) => Buffer.from(hex, 'hex').reverse();
  return Buffer.concat([flip(a), flip(b), flip(c), Buffer.from(d + e, 'hex')]);
}
