import { createSocket } from 'node:dgram';
import { systemClock } from '#kernel/clock';
import { systemRandom } from '#kernel/random';
import { discover, readOffer } from '#protocols/dhcp/v4';
import { readAdvertisement, solicit } from '#protocols/dhcp/v6';

// Asks for DHCP, in the network namespace it is started in, and says who answered as one line of JSON.
//   argv: interface, its MAC address, for how long, `4`, `6` or `46`

const [device = '', mac = '', ms = '', families = '4'] = process.argv.slice(2);
const EVERY_MS = 1_000;

async function ask<T>(
  type: 'udp4' | 'udp6',
  [from, to]: readonly [number, number],
  where: string,
  message: (xid: number) => Buffer,
  read: (message: Buffer, xid: number) => T | null,
): Promise<T[]> {
  const xid = Buffer.from(systemRandom.bytes(4)).readUInt32BE(0) & 0xffffff;
  const found = new Map<string, T>();
  const socket = createSocket(type);
  socket.on('message', (bytes) => {
    const answer = read(bytes, xid);
    if (answer !== null) found.set(JSON.stringify(answer), answer);
  });
  try {
    await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(from, resolve));
    if (type === 'udp4') socket.setBroadcast(true);
    const end = systemClock.monotonic() + Number(ms);
    while (systemClock.monotonic() < end) {
      socket.send(message(xid), to, where, () => {});
      await systemClock.sleep(Math.min(EVERY_MS, Math.max(0, end - systemClock.monotonic())));
    }
  } finally {
    socket.close();
  }
  return [...found.values()];
}

const [offers, advertisements] = await Promise.all([
  families.includes('4') ? ask('udp4', [68, 67], '255.255.255.255', (xid) => discover(xid, mac), readOffer) : [],
  families.includes('6')
    ? ask('udp6', [546, 547], `ff02::1:2%${device}`, (xid) => solicit(xid, mac), readAdvertisement)
    : [],
]);
process.stdout.write(`${JSON.stringify({ offers, advertisements })}\n`);
