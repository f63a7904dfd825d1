import { refuse } from '../../refusal.ts';
import type { InsertRequest, MediaState } from '../../virtual-media.ts';
import { type Ask, booleanOf, collection, head, type Json, onlyKnown, type Resource, stringOf } from '../resource.ts';

/** Virtual media hang below the manager with most makes, below the system with newer ones. */
function base(ask: Ask): string {
  return `${ask.bmc.traits.mediaUnderSystem ? ask.paths.system : ask.paths.manager}/VirtualMedia`;
}

const isHere = (ask: Ask) => ask.path.startsWith(base(ask));

function show(ask: Ask, media: MediaState): Json {
  const { traits } = ask.bmc;
  const path = `${base(ask)}/${media.slot.id}`;
  const actions: Json = {};
  if (!traits.mediaByPatch && media.slot.insert !== 'no-action') {
    actions['#VirtualMedia.InsertMedia'] = { target: `${path}/Actions/VirtualMedia.InsertMedia` };
    actions['#VirtualMedia.EjectMedia'] = { target: `${path}/Actions/VirtualMedia.EjectMedia` };
  }
  return {
    ...head(path, 'VirtualMedia.v1_6_4', media.slot.id, `Virtual ${media.slot.id}`),
    MediaTypes: media.slot.mediaTypes,
    Image: media.image,
    ImageName: media.image?.split('/').at(-1)?.split('?')[0] ?? null,
    Inserted: media.inserted,
    WriteProtected: media.writeProtected,
    ConnectedVia: media.inserted ? 'URI' : 'NotConnected',
    TransferMethod: media.inserted ? media.transferMethod : null,
    TransferProtocolType: protocolOf(media.transferProtocol),
    UserName: media.userName,
    Password: null,
    VerifyCertificate: media.verifyCertificate,
    Actions: actions,
  };
}

function protocolOf(protocol: string | null): string | null {
  return protocol === null ? null : protocol === 'FILE' ? 'OEM' : protocol;
}

const INSERT_KEYS = [
  'Image',
  'Inserted',
  'WriteProtected',
  'UserName',
  'Password',
  'TransferMethod',
  'TransferProtocolType',
  'VerifyCertificate',
  'MediaTypes',
];

function insertRequest(body: Json, missing: () => Error): InsertRequest {
  onlyKnown(body, INSERT_KEYS);
  const image = stringOf(body, 'Image');
  if (image === undefined || image === '') throw missing();
  return {
    image,
    inserted: booleanOf(body, 'Inserted'),
    writeProtected: booleanOf(body, 'WriteProtected'),
    userName: stringOf(body, 'UserName'),
    password: stringOf(body, 'Password'),
    verifyCertificate: booleanOf(body, 'VerifyCertificate'),
    transferMethod: stringOf(body, 'TransferMethod'),
    transferProtocol: stringOf(body, 'TransferProtocolType'),
  };
}

/** The older way, and Lenovo's only one: writing Image and Inserted. */
async function patch(ask: Ask, body: Json): Promise<undefined> {
  const { media } = ask.bmc;
  const id = ask.params[1] ?? '';
  if (body['Image'] === null || body['Image'] === '' || body['Inserted'] === false) {
    await media.eject(id, ask.caller);
    return undefined;
  }
  await media.insert(
    id,
    insertRequest(body, () => refuse('PropertyMissing', 'Image')),
    ask.caller,
  );
  return undefined;
}

function both(suffix: string, resource: Omit<Resource, 'path'>): Resource[] {
  return ['/Managers/{manager}', '/Systems/{system}'].map((parent) => ({
    ...resource,
    path: `${parent}/VirtualMedia${suffix}`,
  }));
}

export const virtualMediaResources: readonly Resource[] = [
  ...both('', {
    get: (ask) =>
      isHere(ask)
        ? collection(
            base(ask),
            'VirtualMediaCollection',
            'Virtual Media',
            ask.bmc.media.list().map((m) => `${base(ask)}/${m.slot.id}`),
          )
        : undefined,
  }),
  ...both('/{slot}', {
    writer: 'Operator',
    get: (ask) => {
      const media = ask.bmc.media.get(ask.params[1] ?? '');
      return media === undefined || !isHere(ask) ? undefined : show(ask, media);
    },
    patch,
  }),
  ...both('/{slot}/Actions/VirtualMedia.InsertMedia', {
    writer: 'Operator',
    post: async (ask, body) => {
      const slot = ask.bmc.media.get(ask.params[1] ?? '')?.slot;
      if (slot === undefined || !isHere(ask) || ask.bmc.traits.mediaByPatch)
        throw refuse('ResourceMissingAtURI', ask.path);
      if (slot.insert === 'no-action') throw refuse('OperationNotAllowed');
      const missing = () => refuse('ActionParameterMissing', 'VirtualMedia.InsertMedia', 'Image');
      await ask.bmc.media.insert(slot.id, insertRequest(body, missing), ask.caller);
      return undefined;
    },
  }),
  ...both('/{slot}/Actions/VirtualMedia.EjectMedia', {
    writer: 'Operator',
    post: async (ask) => {
      if (!isHere(ask) || ask.bmc.traits.mediaByPatch) throw refuse('ResourceMissingAtURI', ask.path);
      await ask.bmc.media.eject(ask.params[1] ?? '', ask.caller);
      return undefined;
    },
  }),
];
