import { sampleServer } from './sample.ts';

// A server on the socket its parent opened as file descriptor 3.
const server = await sampleServer();
const { port } = await server.listen({ fd: 3 });
console.log(`listening on ${port}`);
