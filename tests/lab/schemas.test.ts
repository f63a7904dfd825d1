import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../src/kernel/certificate.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { startLab } from '../../src/lab/up.ts';
import { ask, reset } from './client.ts';

// DMTF's JSON schemas (Redfish-Publications, folder json-schema), where somebody has them.
const schemas = process.env['INGOT_REDFISH_SCHEMAS'] ?? '';

type Json = Record<string, unknown>;

function read(uri: string): Json {
  const file = join(schemas, uri.split('/').at(-1) ?? '');
  return existsSync(file) ? (withoutSwordfish(JSON.parse(readFileSync(file, 'utf8'))) as Json) : {};
}

/** Swordfish's schemas are published elsewhere; what refers to them may be anything. */
function withoutSwordfish(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSwordfish);
  if (typeof value !== 'object' || value === null) return value;
  const ref = (value as Json)['$ref'];
  if (typeof ref === 'string' && ref.includes('/swordfish/')) return {};
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutSwordfish(v)]));
}

describe('the lab BMC and the DMTF', () => {
  it('agree on every resource', async (context) => {
    context.skip(!existsSync(schemas), 'no DMTF schemas here (INGOT_REDFISH_SCHEMAS)');
    const disks = [
      { bus: 'nvme' as const },
      ...[1, 2].map(() => ({ bus: 'sata' as const, raid: true })),
      { bus: 'sata' as const },
    ];
    await using lab = await startLab({
      machines: [{ name: 'm', tpm: true, secureBoot: true, vnc: true, disks }],
      kind: 'simulated',
    });
    const machine = lab.machine('m');
    await reset(machine, 'On');
    machine.bmc.storage.createVolume('v', 'RAID1', ['sata1', 'sata2'], 1 << 30);
    const subscription = { Destination: 'http://127.0.0.1:1/x', Protocol: 'Redfish', Context: 'c' };
    await ask(machine, 'POST', '/redfish/v1/EventService/Subscriptions', { body: subscription });
    await ask(machine, 'POST', '/redfish/v1/SessionService/Sessions', {
      body: { UserName: 'admin', Password: 'password' },
    });
    await ask(machine, 'POST', '/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate', {
      body: { ImageURI: 'http://127.0.0.1:1/' },
    });
    const dates = { notBefore: new Date(0), notAfter: new Date(1e12) };
    const { cert } = selfSigned({ commonName: 'c', organization: 'o', names: [], ...dates }, systemRandom);
    await ask(machine, 'POST', '/redfish/v1/Systems/1/SecureBoot/SecureBootDatabases/db/Certificates', {
      body: { CertificateString: cert, CertificateType: 'PEM' },
    });
    const ajv = new Ajv({
      strict: false,
      allErrors: true,
      logger: false,
      validateFormats: false,
      loadSchema: async (uri) => read(uri),
    });
    const validators = new Map<string, ReturnType<Ajv['compile']>>();
    const wrong: string[] = [];
    const queue = ['/redfish/v1/', '/redfish/v1/Registries/LabBiosAttributeRegistry/Definition'];
    const seen = new Set(queue);
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      const { json, text } = await ask(machine, 'GET', path);
      for (const [, link] of text.matchAll(/"@odata\.id":"([^"#]+)"/g)) {
        if (link !== undefined && !seen.has(link)) queue.push(link);
        if (link !== undefined) seen.add(link);
      }
      const file = `${/^#(\w+(?:\.v\d+_\d+_\d+)?)\.\w+$/.exec(json['@odata.type'])?.[1]}.json`;
      let validate = validators.get(file);
      if (validate === undefined) {
        validate = await ajv.compileAsync({ ...read(file), $id: `lab:${file}` });
        validators.set(file, validate);
      }
      if (!validate(json)) wrong.push(`${path} (${file}): ${ajv.errorsText(validate.errors)}`);
    }
    expect(wrong).toEqual([]);
    expect(seen.size).toBeGreaterThan(110);
  });
});
