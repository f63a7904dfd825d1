/** One server-sent event. */
export interface ServerEvent {
  event: string;
  data: string;
  id: string | undefined;
}

/** Cuts a stream of text into events (the `text/event-stream` format of the HTML standard). */
export class EventLines {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id: string | undefined;

  /** Takes the next piece, gives the events that are whole by now. */
  push(piece: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const text = this.#rest + piece;
    // A CR at the very end may be the first half of a CRLF.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    this.#rest = `${lines.pop() ?? ''}${text.slice(whole.length)}`;
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) {
          events.push({ event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id });
        }
        this.#event = '';
        this.#data = [];
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue; // a comment, sent to keep the connection alive
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (name === 'event') this.#event = value;
      else if (name === 'data') this.#data.push(value);
      else if (name === 'id') this.#id = value;
    }
    return events;
  }
}
