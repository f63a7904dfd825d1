import { connect, type Socket } from 'node:net';
import { until } from './client.ts';

/** The tiny guest's shell on its serial line, through the socket that outlives the guest. */
export class GuestShell {
  readonly #socket: Socket;
  #text = '';

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on('error', () => {}); // its machine is gone: nobody waits for a word of it any more
    this.#socket.on('data', (bytes) => {
      this.#text += bytes.toString('latin1');
    });
  }

  /** Waits until the guest answers, also when it said that it is up before anybody listened. */
  async ready(timeoutMs = 60_000): Promise<void> {
    const awake = async () => {
      this.#socket.write('echo a""wake\n');
      return until(() => /^awake/m.test(this.#text), 1_000).then(
        () => true,
        () => false,
      );
    };
    await until(awake, timeoutMs);
    await this.do('true');
  }

  /** Runs one line; gives what it printed. */
  async do(line: string, timeoutMs = 30_000): Promise<string> {
    const mark = `DONE${Math.floor(performance.now() * 1000)}`;
    this.#text = '';
    this.#socket.write(`${line}; echo ${mark.slice(0, 4)}""${mark.slice(4)}:$?\n`);
    await until(() => this.#text.includes(`${mark}:`), timeoutMs);
    return this.#text;
  }

  /** True when `address` answers one ping of three. */
  async reaches(address: string): Promise<boolean> {
    return / 0% packet loss| 33% packet loss| 66% packet loss/.test(await this.do(`ping -c 3 -W 1 ${address}`));
  }

  end(): void {
    this.#socket.destroy();
  }
}
