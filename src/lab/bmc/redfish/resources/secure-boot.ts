import { X509Certificate } from 'node:crypto';
import { KEY_DATABASES, type KeyDatabase } from '../../../machine/contract.ts';
import { refuse } from '../../refusal.ts';
import type { Enrolled } from '../../secure-boot.ts';
import {
  type Ask,
  collection,
  head,
  isoTime,
  type Json,
  onlyKnown,
  ref,
  type Reply,
  type Resource,
  stringOf,
} from '../resource.ts';
import { jobAtReset, mustHaveNoJob } from './boot.ts';

const base = (ask: Ask) => `${ask.paths.system}/SecureBoot`;
const ofSystem = (ask: Ask) => ask.params[0] === ask.bmc.traits.systemId;

/** What happened, for the ledger. */
const tell = (ask: Ask, action: string, facts: Json) =>
  ask.bmc.ledger.add(ask.bmc.name, 'action', ask.caller, action, facts);

function secureBoot(ask: Ask): Json | undefined {
  const { bmc } = ask;
  if (!ofSystem(ask)) return undefined;
  const path = base(ask);
  return {
    ...head(path, 'SecureBoot.v1_1_1', 'SecureBoot', 'UEFI Secure Boot'),
    SecureBootEnable: bmc.secureBoot.next.enabled,
    SecureBootCurrentBoot: bmc.secureBoot.current.enabled ? 'Enabled' : 'Disabled',
    SecureBootMode: bmc.secureBoot.mode,
    ...(bmc.secureBoot.supported ? { SecureBootDatabases: ref(`${path}/SecureBootDatabases`) } : {}),
    Actions: {
      '#SecureBoot.ResetKeys': {
        target: `${path}/Actions/SecureBoot.ResetKeys`,
        'ResetKeysType@Redfish.AllowableValues': ['ResetAllKeysToDefault', 'DeleteAllKeys', 'DeletePK'],
      },
    },
  };
}

/** The database that a path names; undefined where there is none. */
function databaseOf(ask: Ask): KeyDatabase | undefined {
  if (!ofSystem(ask) || !ask.bmc.secureBoot.supported) return undefined;
  return KEY_DATABASES.find((one) => one === ask.params[1]);
}

function mustHaveDatabase(ask: Ask): KeyDatabase {
  const found = databaseOf(ask);
  if (found === undefined) throw refuse('ResourceNotFound', 'SecureBootDatabase', ask.params[1] ?? '');
  return found;
}

const databasePath = (ask: Ask, database: KeyDatabase) => `${base(ask)}/SecureBootDatabases/${database}`;

function database(ask: Ask): Json | undefined {
  const found = databaseOf(ask);
  if (found === undefined) return undefined;
  const path = databasePath(ask, found);
  return {
    ...head(path, 'SecureBootDatabase.v1_0_2', found, `UEFI ${found} Secure Boot Database`),
    DatabaseId: found,
    Certificates: ref(`${path}/Certificates`),
    Actions: {
      '#SecureBootDatabase.ResetKeys': {
        target: `${path}/Actions/SecureBootDatabase.ResetKeys`,
        'ResetKeysType@Redfish.AllowableValues': ['ResetAllKeysToDefault', 'DeleteAllKeys'],
      },
    },
  };
}

function certificates(ask: Ask): Json | undefined {
  const found = databaseOf(ask);
  if (found === undefined) return undefined;
  const path = `${databasePath(ask, found)}/Certificates`;
  const members = ask.bmc.secureBoot.certificates(found).map(({ id }) => `${path}/${id}`);
  return collection(path, 'CertificateCollection', `Certificates of ${found}`, members);
}

function shown(path: string, one: Enrolled): Json {
  const read = new X509Certificate(one.der);
  return {
    ...head(path, 'Certificate.v1_7_0', one.id, 'Certificate'),
    CertificateString: read.toString(),
    CertificateType: 'PEM',
    Issuer: names(read.issuer),
    Subject: names(read.subject),
    SerialNumber: (read.serialNumber.match(/../g) ?? []).join(':'),
    Fingerprint: read.fingerprint256,
    FingerprintHashAlgorithm: 'TPM_ALG_SHA256',
    ValidNotBefore: isoTime(Date.parse(read.validFrom)),
    ValidNotAfter: isoTime(Date.parse(read.validTo)),
    UefiSignatureOwner: one.owner,
  };
}

/** A distinguished name, as Node writes it, in Redfish's words. */
function names(text: string): Json {
  const words: Record<string, string> = {
    CN: 'CommonName',
    O: 'Organization',
    OU: 'OrganizationalUnit',
    L: 'City',
    ST: 'State',
    C: 'Country',
  };
  const pairs = text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return Object.fromEntries(
    pairs.flatMap(([key = '', value]) => (words[key] === undefined ? [] : [[words[key], value]])),
  );
}

function enrol(ask: Ask, body: Json): Reply {
  const found = mustHaveDatabase(ask);
  onlyKnown(body, ['CertificateString', 'CertificateType', 'UefiSignatureOwner']);
  const pem = stringOf(body, 'CertificateString');
  const type = stringOf(body, 'CertificateType');
  for (const [key, value] of Object.entries({ CertificateString: pem, CertificateType: type }))
    if (value === undefined) throw refuse('CreateFailedMissingReqProperties', key);
  if (type !== 'PEM') throw refuse('PropertyValueNotInList', type ?? '', 'CertificateType');
  const made = ask.bmc.secureBoot.enrol(found, pem ?? '', stringOf(body, 'UefiSignatureOwner'));
  tell(ask, 'secure-boot.enrol', { database: found, subject: new X509Certificate(made.der).subject });
  const path = `${databasePath(ask, found)}/Certificates/${made.id}`;
  return { status: 201, headers: { location: path }, body: shown(path, made) };
}

export const secureBootResources: readonly Resource[] = [
  {
    path: '/Systems/{system}/SecureBoot',
    get: secureBoot,
    patch: (ask, body) => {
      const enable = body['SecureBootEnable'];
      onlyKnown(body, ['SecureBootEnable']);
      if (typeof enable !== 'boolean')
        throw refuse('PropertyValueTypeError', JSON.stringify(enable), 'SecureBootEnable');
      if (!ask.bmc.secureBoot.supported) throw refuse('PropertyNotWritable', 'SecureBootEnable');
      mustHaveNoJob(ask.bmc);
      if (ask.bmc.traits.bootModeByJob) jobAtReset(ask, 'Secure Boot', () => ask.bmc.secureBoot.setEnabled(enable));
      else ask.bmc.secureBoot.setEnabled(enable);
      tell(ask, 'secure-boot.set', { enable });
      return undefined;
    },
  },
  {
    path: '/Systems/{system}/SecureBoot/Actions/SecureBoot.ResetKeys',
    post: (ask, body) => {
      const type = stringOf(body, 'ResetKeysType');
      if (type === undefined) throw refuse('ActionParameterMissing', 'SecureBoot.ResetKeys', 'ResetKeysType');
      ask.bmc.secureBoot.resetKeys(type);
      tell(ask, 'secure-boot.keys', { type });
      return undefined;
    },
  },
  {
    path: '/Systems/{system}/SecureBoot/SecureBootDatabases',
    get: (ask) =>
      ofSystem(ask) && ask.bmc.secureBoot.supported
        ? collection(
            `${base(ask)}/SecureBootDatabases`,
            'SecureBootDatabaseCollection',
            'UEFI Secure Boot Databases',
            KEY_DATABASES.map((one) => databasePath(ask, one)),
          )
        : undefined,
  },
  { path: '/Systems/{system}/SecureBoot/SecureBootDatabases/{database}', get: database },
  {
    path: '/Systems/{system}/SecureBoot/SecureBootDatabases/{database}/Actions/SecureBootDatabase.ResetKeys',
    post: (ask, body) => {
      const found = mustHaveDatabase(ask);
      const type = stringOf(body, 'ResetKeysType');
      if (type === undefined) throw refuse('ActionParameterMissing', 'SecureBootDatabase.ResetKeys', 'ResetKeysType');
      ask.bmc.secureBoot.resetDatabase(found, type);
      tell(ask, 'secure-boot.keys', { type, database: found });
      return undefined;
    },
  },
  {
    path: '/Systems/{system}/SecureBoot/SecureBootDatabases/{database}/Certificates',
    get: certificates,
    post: enrol,
  },
  {
    path: '/Systems/{system}/SecureBoot/SecureBootDatabases/{database}/Certificates/{certificate}',
    get: (ask) => {
      const found = databaseOf(ask);
      const one = found && ask.bmc.secureBoot.certificates(found).find(({ id }) => id === ask.params[2]);
      return found && one && shown(`${databasePath(ask, found)}/Certificates/${one.id}`, one);
    },
    delete: (ask) => {
      const found = mustHaveDatabase(ask);
      const id = ask.params[2] ?? '';
      ask.bmc.secureBoot.remove(found, id);
      tell(ask, 'secure-boot.remove', { database: found, id });
      return undefined;
    },
  },
];
