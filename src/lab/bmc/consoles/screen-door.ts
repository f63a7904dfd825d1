import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Bmc } from '../bmc.ts';

/**
 * The machine's screen on the network: RFB without a password, which only a lab may do. While the machine is off there
 * is nobody behind it.
 */
export class ScreenDoor {
  readonly #bmc: Bmc;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(bmc: Bmc) {
    this.#bmc = bmc;
    this.#server = createServer((socket) => this.#connected(socket));
    bmc.onReboot(() => this.#cut());
  }

  /** Starts to listen; port 0 is any free one. */
  static async listen(bmc: Bmc, address: string, port: number): Promise<ScreenDoor> {
    const door = new ScreenDoor(bmc);
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject);
      door.#server.listen(port, address, resolve);
    });
    const at = door.#server.address();
    const taken = typeof at === 'object' && at !== null ? at.port : 0;
    bmc.network = { ...bmc.network, vncPort: taken };
    return door;
  }

  async close(): Promise<void> {
    this.#cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #connected(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const path = this.#bmc.machine.vncPath;
    if (path === null || this.#bmc.rebooting) {
      socket.destroy();
      return;
    }
    const screen = connect(path);
    this.#sockets.add(socket);
    screen.on('error', () => socket.destroy());
    screen.once('close', () => socket.destroy());
    socket.once('close', () => {
      this.#sockets.delete(socket);
      screen.destroy();
    });
    socket.pipe(screen).pipe(socket);
  }
}
