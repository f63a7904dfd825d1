/** A qcow2 header as qemu-img writes it, with wishes. */
export function qcow2Header(wish: { size?: bigint; version?: 2 | 3; features?: bigint; l1?: number }): Buffer {
  const head = Buffer.alloc(65_536);
  head.write('QFI\xfb', 0, 'latin1');
  head.writeUInt32BE(wish.version ?? 3, 4);
  head.writeUInt32BE(16, 20);
  head.writeBigUInt64BE(wish.size ?? 1024n ** 3n, 24);
  head.writeUInt32BE(wish.l1 ?? 32, 36);
  head.writeBigUInt64BE(0x30000n, 40);
  head.writeBigUInt64BE(0x10000n, 48);
  head.writeUInt32BE(1, 56);
  if (wish.version !== 2) {
    head.writeBigUInt64BE(wish.features ?? 0n, 72);
    head.writeUInt32BE(4, 96);
    head.writeUInt32BE(112, 100);
  }
  return head;
}
