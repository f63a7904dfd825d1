import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InstanceFiles } from '#contracts/metadata';
import { ipFamily } from '#kernel/ip-family';
import type { Log } from '#platform/log';
import type { Reader } from '#store/contract';
import { portThatAsks } from '../store/metadata.ts';
import { askNova, type NovaSettings } from '#protocols/nova/metadata';
import { answerAt } from './paths.ts';

export interface AnswerParts {
  store: Reader;
  instances: InstanceFiles;
  /** Whose virtual machines are; null: nobody's that we could ask. */
  nova: NovaSettings | null;
  log: Log;
}

interface Said {
  status: number;
  type: string;
  body: string | Buffer;
}

const plain = (status: number, body: string): Said => ({ status, type: 'text/plain', body });
const NOTHING = plain(404, 'Not Found\n');

/**
 * Answers one request that came in on a network. Who asks is the network, by whose socket it came, and the address it
 * came from, which OVN or the switch has judged. No header counts.
 */
export async function answerRequest(
  parts: AnswerParts,
  network: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let said: Said;
  try {
    said = await answer(parts, network, request);
  } catch (error) {
    parts.log.warn({ network, err: error }, 'the metadata service could not answer');
    said = plain(502, 'Bad Gateway\n');
  }
  const { status, type, body } = said;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(parts: AnswerParts, network: string, request: IncomingMessage): Promise<Said> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Method Not Allowed\n');
  const ip = request.socket.remoteAddress ?? '';
  const port = ipFamily(ip) === 4 ? await portThatAsks(parts.store, network, ip) : undefined;
  const [path = '/'] = (request.url ?? '/').split('?');
  if (port === undefined || !path.startsWith('/')) return NOTHING;
  if (parts.nova !== null && port.deviceOwner.startsWith('compute:') && port.deviceId !== '')
    return askNova(parts.nova, path, { id: port.deviceId, project: port.projectId, ip });
  if (port.machine === null) return NOTHING;
  const files = await parts.instances.filesOf(port.machine);
  if (files === undefined) return NOTHING;
  if (files === null)
    return plain(404, "This instance was given a ready-made config drive: what is in it is on the machine's disk.\n");
  const found = answerAt(path, files, { ip, mac: port.mac });
  return found === undefined ? NOTHING : { status: 200, ...found };
}
