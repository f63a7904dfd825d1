import { sampleServer } from './sample.ts';

// A server on the socket its parent opened as file descriptor 3.
const server = await sampleServer();
const { port } = await server.listen({ fd: 3 });
process.stdout.write(`listening on ${port}\n`);
