/** One IPMI request inside a session (IPMI 2.0, 13.8). */
export interface IpmiRequest {
  netFn: number;
  command: number;
  data: Buffer;
  rsAddr: number;
  rsLun: number;
  rqAddr: number;
  rqLun: number;
  rqSeq: number;
}

/** The sum that makes a run of bytes add up to zero. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xff;
  return (0x100 - sum) & 0xff;
}

/** Reads a request; undefined when a checksum is wrong or it is too short. */
export function readRequest(bytes: Buffer): IpmiRequest | undefined {
  if (bytes.length < 7) return undefined;
  if (checksum(bytes.subarray(0, 2)) !== bytes[2]) return undefined;
  if (checksum(bytes.subarray(3, -1)) !== bytes[bytes.length - 1]) return undefined;
  const at = (i: number) => bytes[i] ?? 0;
  return {
    rsAddr: at(0),
    netFn: at(1) >> 2,
    rsLun: at(1) & 3,
    rqAddr: at(3),
    rqSeq: at(4) >> 2,
    rqLun: at(4) & 3,
    command: at(5),
    data: bytes.subarray(6, -1),
  };
}

/** The bytes of a request; for tests and outside peers. */
export function writeRequest(request: IpmiRequest): Buffer {
  const head = Buffer.from([request.rsAddr, (request.netFn << 2) | request.rsLun]);
  const body = Buffer.concat([
    Buffer.from([request.rqAddr, (request.rqSeq << 2) | request.rqLun, request.command]),
    request.data,
  ]);
  return Buffer.concat([head, Buffer.from([checksum(head)]), body, Buffer.from([checksum(body)])]);
}

/** The bytes of the answer to a request. `seq` differs from the request's only for a quirk. */
export function writeResponse(request: IpmiRequest, code: number, data: Buffer, seq = request.rqSeq): Buffer {
  const head = Buffer.from([request.rqAddr, ((request.netFn | 1) << 2) | request.rqLun]);
  const body = Buffer.concat([Buffer.from([request.rsAddr, (seq << 2) | request.rsLun, request.command, code]), data]);
  return Buffer.concat([head, Buffer.from([checksum(head)]), body, Buffer.from([checksum(body)])]);
}
