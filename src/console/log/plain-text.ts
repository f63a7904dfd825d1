import { StringDecoder } from 'node:string_decoder';

type State = 'ground' | 'escape' | 'charset' | 'csi' | 'string' | 'string-escape';

/** Control characters that turn text round and hide what is written. */
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const MAX_LINE = 2000;

/**
 * Makes plain lines of what a terminal was sent: UTF-8, escape sequences left out, moves of the cursor and returns
 * of the carriage taken as ends of lines, so that nothing is lost. What comes out holds no control character but tabs.
 */
export class PlainText {
  #decoder = new StringDecoder('utf8');
  #state: State = 'ground';
  #line = '';

  /** What is in the line that has not ended. */
  get rest(): string {
    return this.#line;
  }

  /** Calls `line` with each line that ended. */
  push(bytes: Buffer, line: (text: string) => void): void {
    const text = this.#decoder.write(bytes).replace(TURNING, '');
    for (const char of text) this.#take(char, line);
  }

  /** Ends the line begun, if there is one, and forgets a sequence begun. */
  end(line: (text: string) => void): void {
    this.#decoder = new StringDecoder('utf8');
    this.#state = 'ground';
    this.#break(line);
  }

  #break(line: (text: string) => void): void {
    if (this.#line === '') return;
    const text = this.#line;
    this.#line = '';
    line(text);
  }

  #take(char: string, line: (text: string) => void): void {
    const code = char.codePointAt(0) as number;
    // What cancels a sequence wherever it is.
    if (code === 0x18 || code === 0x1a) {
      this.#state = 'ground';
      return;
    }
    switch (this.#state) {
      case 'ground':
        this.#ground(char, code, line);
        return;
      case 'escape':
        this.#escape(char, code, line);
        return;
      case 'charset':
        this.#state = 'ground';
        return;
      case 'csi':
        if (code === 0x1b) this.#state = 'escape';
        else if (code >= 0x40 && code <= 0x7e) {
          this.#state = 'ground';
          // The cursor goes elsewhere: what follows is not of this line.
          if ('HfABEFd'.includes(char)) this.#break(line);
        } else if (code === 0x0a) {
          // A line feed inside a sequence is carried out, as terminals do.
          this.#break(line);
        }
        return;
      case 'string':
        if (code === 0x07) this.#state = 'ground';
        else if (code === 0x1b) this.#state = 'string-escape';
        return;
      case 'string-escape':
        this.#state = char === '\\' ? 'ground' : 'string';
        return;
    }
  }

  #ground(char: string, code: number, line: (text: string) => void): void {
    if (code === 0x0a || code === 0x0d || code === 0x0b || code === 0x0c) this.#break(line);
    else if (code === 0x1b) this.#state = 'escape';
    else if (code === 0x08) this.#line = this.#line.slice(0, -1);
    else if (code === 0x09 || (code >= 0x20 && code !== 0x7f && !(code >= 0x80 && code < 0xa0))) {
      this.#line += char;
      if (this.#line.length >= MAX_LINE) this.#break(line);
    }
  }

  #escape(char: string, code: number, line: (text: string) => void): void {
    if (char === '[') this.#state = 'csi';
    else if (']PX^_'.includes(char)) this.#state = 'string';
    else if ('()*+-./#% '.includes(char)) this.#state = 'charset';
    else if (code !== 0x1b) {
      this.#state = 'ground';
      if (char === 'E' || char === 'D' || char === 'M') this.#break(line);
      else if (code < 0x20) this.#ground(char, code, line);
    }
  }
}
