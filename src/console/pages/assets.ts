import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Files of noVNC that its `rfb.js` loads, itself included; a test walks its imports and compares. */
const NOVNC =
  `core/base64.js core/crypto/aes.js core/crypto/bigint.js core/crypto/crypto.js core/crypto/des.js core/crypto/dh.js
core/crypto/md5.js core/crypto/rsa.js core/decoders/copyrect.js core/decoders/h264.js core/decoders/hextile.js
core/decoders/jpeg.js core/decoders/raw.js core/decoders/rre.js core/decoders/tight.js core/decoders/tightpng.js
core/decoders/zlib.js core/decoders/zrle.js core/deflator.js core/display.js core/encodings.js core/inflator.js
core/input/domkeytable.js core/input/fixedkeys.js core/input/gesturehandler.js core/input/keyboard.js
core/input/keysym.js core/input/keysymdef.js core/input/util.js core/input/vkeys.js core/input/xtscancodes.js
core/ra2.js core/rfb.js core/util/browser.js core/util/cursor.js core/util/element.js core/util/events.js
core/util/eventtarget.js core/util/int.js core/util/logging.js core/util/strings.js core/websock.js
vendor/pako/lib/utils/common.js vendor/pako/lib/zlib/adler32.js vendor/pako/lib/zlib/crc32.js
vendor/pako/lib/zlib/deflate.js vendor/pako/lib/zlib/inffast.js vendor/pako/lib/zlib/inflate.js
vendor/pako/lib/zlib/inftrees.js vendor/pako/lib/zlib/messages.js vendor/pako/lib/zlib/trees.js
vendor/pako/lib/zlib/zstream.js`.split(/\s+/);

/** What a page may load of the packages installed beside us: path in the page → package's entry and file. */
const FILES = new Map<string, { from: string; file: string }>([
  ['xterm/xterm.mjs', { from: '@xterm/xterm', file: 'lib/xterm.mjs' }],
  ['xterm/xterm.css', { from: '@xterm/xterm', file: 'css/xterm.css' }],
  ['xterm/addon-fit.mjs', { from: '@xterm/addon-fit', file: 'lib/addon-fit.mjs' }],
  ...NOVNC.map((file): [string, { from: string; file: string }] => [`novnc/${file}`, { from: '@novnc/novnc', file }]),
]);

/** Paths below `assets/` that exist. */
export const ASSETS: readonly string[] = [...FILES.keys()];

export interface Asset {
  bytes: Buffer;
  type: string;
  etag: string;
}

const require = createRequire(import.meta.url);
const loaded = new Map<string, Promise<Asset>>();

/** A file of the list; undefined for every other path. */
export function asset(path: string): Promise<Asset> | undefined {
  const known = FILES.get(path);
  if (known === undefined) return undefined;
  let found = loaded.get(path);
  if (found === undefined) {
    found = load(known.from, known.file);
    loaded.set(path, found);
  }
  return found;
}

async function load(from: string, file: string): Promise<Asset> {
  // The packages' main files all lie one folder below their roots.
  const root = dirname(dirname(require.resolve(from)));
  const bytes = await readFile(join(root, file));
  return {
    bytes,
    type: file.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  };
}
