import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import type { Door } from './contract.ts';

const REASONS: Record<string, readonly [status: number, message: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The request headers are too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time'],
};

/** Answers what is not HTTP, or came too slowly to be: there is no request yet, only a socket. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket, door: Door): void {
  // A socket that already carried part of a reply must not get a second one in the middle of it.
  const begun = (socket as Socket & { _httpMessage?: { _headerSent?: boolean } })._httpMessage?._headerSent === true;
  if (error.code === 'ECONNRESET' || !socket.writable || begun) {
    socket.destroy();
    return;
  }
  const [status, message] = REASONS[error.code ?? ''] ?? [400, 'The request is not valid HTTP'];
  const body = JSON.stringify(door.errorBody({ status, code: 'BadRequest', message }, true));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // `end` waits for the client to close; one that never does must not keep the socket.
  socket.destroySoon();
}
