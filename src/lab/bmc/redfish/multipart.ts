import { refuse } from '../refusal.ts';

/** The parts of a multipart/form-data body by name (RFC 7578). Throws UnrecognizedRequestBody. */
export function multipart(contentType: string, body: Buffer): Map<string, Buffer> {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (boundary === null) throw refuse('UnrecognizedRequestBody');
  const mark = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
  const parts = new Map<string, Buffer>();
  let at = body.indexOf(mark);
  while (at >= 0) {
    const start = at + mark.length;
    const next = body.indexOf(mark, start);
    if (next < 0) break;
    const part = body.subarray(start + 2, next - 2);
    const gap = part.indexOf('\r\n\r\n');
    if (gap < 0) throw refuse('UnrecognizedRequestBody');
    const name = /name="([^"]+)"/i.exec(part.toString('latin1', 0, gap));
    if (name?.[1] !== undefined) parts.set(name[1], Buffer.from(part.subarray(gap + 4)));
    at = next;
  }
  return parts;
}
