import type { SerialParts } from '#contracts/console';

/** What a recorder gives a driver to open a line with; keeps what the machine said. */
export function serialParts(signal: AbortSignal): SerialParts & { said(): string } {
  const heard: Buffer[] = [];
  const pins = new Map<string, string>();
  return {
    data: (bytes) => void heard.push(bytes),
    signal,
    pins: {
      known: async (endpoint) => pins.get(endpoint) ?? null,
      remember: async (endpoint, fingerprint) => void pins.set(endpoint, fingerprint),
    },
    lease: { host: 'h', incarnation: 'i', held: true, assertHeld: () => {} },
    said: () => Buffer.concat(heard).toString('latin1'),
  };
}
