import { request as httpRequest, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Bmc } from '../bmc.ts';
import type { BmcEvent } from '../event-log.ts';
import { refuse } from '../refusal.ts';
import { isoTime, type Json } from './resource.ts';

export interface Subscription {
  id: string;
  destination: string;
  context: string | null;
  protocol: string;
  eventTypes: readonly string[];
  registryPrefixes: readonly string[];
  headers: Record<string, string>;
  delivered: number;
  failed: number;
}

const DELIVERY_MS = 5_000;
const RETRIES = 3;
const RETRY_GAP_MS = 1_000;

/** Tells subscribers and open event streams what happens (DSP0266, eventing). */
export class Events {
  readonly #bmc: Bmc;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #streams = new Map<ServerResponse, string>();
  #next = 1;

  constructor(bmc: Bmc) {
    this.#bmc = bmc;
    bmc.log.onEvent((event) => this.#spread(event));
  }

  /** Streams open now. */
  get streams(): number {
    return this.#streams.size;
  }

  list(): Subscription[] {
    return [...this.#subscriptions.values()];
  }

  get(id: string): Subscription | undefined {
    return this.#subscriptions.get(id);
  }

  /** Throws EventSubscriptionLimitExceeded. */
  subscribe(wish: Omit<Subscription, 'id' | 'delivered' | 'failed'>): Subscription {
    if (this.#subscriptions.size >= this.#bmc.traits.maxSubscriptions) throw refuse('EventSubscriptionLimitExceeded');
    const subscription = { ...wish, id: String(this.#next++), delivered: 0, failed: 0 };
    this.#subscriptions.set(subscription.id, subscription);
    return subscription;
  }

  unsubscribe(id: string): boolean {
    return this.#subscriptions.delete(id);
  }

  /** Keeps a response open as a stream of server-sent events. */
  stream(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'odata-version': '4.0',
    });
    response.write(': stream\n\n');
    this.#streams.set(response, '');
    response.on('close', () => this.#streams.delete(response));
  }

  /** Ends all streams; subscriptions live in the BMC's flash and stay. */
  close(): void {
    for (const response of this.#streams.keys()) response.end();
    this.#streams.clear();
  }

  #spread(event: BmcEvent): void {
    for (const response of this.#streams.keys()) {
      const data = JSON.stringify(eventBody(event, null));
      response.write(`id: ${event.id}\ndata: ${data}\n\n`);
    }
    for (const subscription of this.#subscriptions.values()) {
      const prefix = event.messageId.split('.')[0] ?? '';
      const wanted = subscription.registryPrefixes.length === 0 || subscription.registryPrefixes.includes(prefix);
      if (wanted) void this.#deliver(subscription, event);
    }
  }

  async #deliver(subscription: Subscription, event: BmcEvent): Promise<void> {
    const body = JSON.stringify(eventBody(event, subscription.context));
    for (let attempt = 0; attempt < RETRIES; attempt++) {
      if (!this.#subscriptions.has(subscription.id) || this.#bmc.rebooting) return;
      if (await post(subscription, body)) {
        subscription.delivered++;
        return;
      }
      await this.#bmc.clock.sleep(RETRY_GAP_MS);
    }
    subscription.failed++;
  }
}

/** The body of one event (Event schema). */
export function eventBody(event: BmcEvent, context: string | null): Json {
  return {
    '@odata.type': '#Event.v1_7_0.Event',
    Id: String(event.id),
    Name: 'Event',
    ...(context === null ? {} : { Context: context }),
    Events: [
      {
        MemberId: '0',
        EventType: event.messageId.includes('StatusChanged') ? 'Alert' : 'StatusChange',
        EventId: String(event.id),
        EventTimestamp: isoTime(event.at),
        Severity: event.severity,
        MessageSeverity: event.severity,
        Message: event.message,
        MessageId: event.messageId,
        MessageArgs: event.args,
        OriginOfCondition: { '@odata.id': event.origin },
      },
    ],
  };
}

function post(subscription: Subscription, body: string): Promise<boolean> {
  return new Promise((resolve) => {
    const send = subscription.destination.startsWith('https:') ? httpsRequest : httpRequest;
    const headers = {
      ...subscription.headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    };
    const options = {
      method: 'POST',
      headers,
      agent: false,
      rejectUnauthorized: false,
      signal: AbortSignal.timeout(DELIVERY_MS),
    };
    try {
      const request = send(subscription.destination, options, (response) => {
        response.resume();
        resolve((response.statusCode ?? 500) < 300);
      });
      request.on('error', () => resolve(false));
      request.end(body);
    } catch {
      resolve(false);
    }
  });
}
