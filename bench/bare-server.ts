import { createServer } from 'node:http';

// Bare `node:http` that answers every request with the same JSON: what the rates of the API are measured against.
// The body comes as the first message; the port goes back.

process.on('message', (body: string) => {
  const bytes = Buffer.from(body);
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
    response.end(bytes);
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
});
process.on('disconnect', () => process.exit(0));
