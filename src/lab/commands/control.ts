import { request } from 'node:http';
import { type LabIo, type LabOptionValues, numberOption, textOption } from '../command.ts';
import { errors } from '../errors.ts';

type Json = Record<string, unknown>;

/** One request to the running lab's control API. Throws what it answers. */
function ask(options: LabOptionValues, method: string, path: string, body?: Json): Promise<Json> {
  const port = numberOption(options, 'control', 1);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, method, signal: AbortSignal.timeout(30_000) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          const json = (text === '' ? {} : JSON.parse(text)) as Json;
          if ((response.statusCode ?? 500) < 300) resolve(json);
          else reject(errors.LabBadFault(String((json['error'] as Json | undefined)?.['message'] ?? text)));
        });
      },
    );
    outgoing.on('error', (cause) => reject(errors.LabNoLab(port, { cause })));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** `ms=500`, `reports=null`, `verbs=["on"]`: JSON where it is, else text. */
function settings(words: readonly string[]): Json {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw errors.LabBadFault(`${word} is not name=value`);
      const text = word.slice(at + 1);
      try {
        return [word.slice(0, at), JSON.parse(text) as unknown];
      } catch {
        return [word.slice(0, at), text];
      }
    }),
  );
}

const path = (...parts: string[]) => `/${parts.map(encodeURIComponent).join('/')}`;

export async function status(options: LabOptionValues, io: LabIo): Promise<void> {
  const { machines } = (await ask(options, 'GET', '/machines')) as { machines: Json[] };
  if (options['json'] === true) {
    io.write(`${JSON.stringify(machines, null, 2)}\n`);
    return;
  }
  for (const m of machines) {
    const active = m['active'] as string[];
    const told = m['reported'] === (m['power'] === 'on' ? 'On' : 'Off') ? '' : ` (reports ${m['reported']})`;
    io.write(
      `${m['name']}  ${m['kind']}  ${m['power']}${told}  ${m['redfish']}${active.length > 0 ? `  broken: ${active.join(', ')}` : ''}\n`,
    );
  }
}

export async function fault(args: readonly string[], options: LabOptionValues, io: LabIo): Promise<void> {
  const [machine, name, ...words] = args;
  if (machine === undefined || name === undefined) {
    const { faults } = (await ask(options, 'GET', '/faults')) as {
      faults: { name: string; does: string; params: Record<string, string> }[];
    };
    for (const f of faults) {
      io.write(`${f.name}: ${f.does}\n`);
      for (const [key, says] of Object.entries(f.params)) io.write(`    ${key}: ${says}\n`);
    }
    return;
  }
  await ask(options, 'PUT', path('machines', machine, 'faults', name), settings(words));
}

export async function quirk(args: readonly string[], options: LabOptionValues, io: LabIo): Promise<void> {
  const [machine, id] = args;
  if (machine === undefined || id === undefined) {
    const { quirks } = (await ask(options, 'GET', '/quirks')) as {
      quirks: { id: string; vendor: string; changes: string }[];
    };
    for (const q of quirks) io.write(`${q.id} (${q.vendor}): ${q.changes}\n`);
    return;
  }
  await ask(options, 'PUT', path('machines', machine, 'quirks', id), {});
}

export async function heal(args: readonly string[], options: LabOptionValues, _io: LabIo): Promise<void> {
  const [machine = '', name] = args;
  await ask(
    options,
    'DELETE',
    name === undefined ? path('machines', machine, 'effects') : path('machines', machine, 'effects', name),
  );
}

export async function act(args: readonly string[], options: LabOptionValues, _io: LabIo): Promise<void> {
  const [machine = '', action = '', ...words] = args;
  await ask(options, 'POST', path('machines', machine, 'actions', action), settings(words));
}

export async function ledger(args: readonly string[], options: LabOptionValues, io: LabIo): Promise<void> {
  const query = new URLSearchParams();
  if (args[0] !== undefined) query.set('machine', args[0]);
  for (const key of ['kind', 'action']) {
    const value = textOption(options, key);
    if (value !== undefined) query.set(key, value);
  }
  const { entries } = (await ask(options, 'GET', `/ledger?${query}`)) as { entries: Json[] };
  if (options['json'] === true) io.write(`${JSON.stringify(entries, null, 2)}\n`);
  else {
    for (const e of entries) {
      const caller = e['caller'] as { channel: string; address: string; user: string | null };
      io.write(
        `${e['at']} ${e['machine']} ${e['kind']} ${e['action']} by ${caller.channel} ${caller.user ?? '-'} ${caller.address} ${JSON.stringify(e['detail'])}\n`,
      );
    }
  }
}
