import { baremetal } from '#sdk/generated/baremetal';
import type { Client } from '#sdk/client';
import { reachState } from '../baremetal/actions/provision.ts';
import { Progress } from '../baremetal/progress.ts';

/** What is put on a machine, and how its owner gets in. */
export interface TourInstance {
  /** URL of the image, and `sha256:<hex>` of its bytes. */
  image: { url: string; checksum: string };
  hostname: string;
  /** For logging in on the console. */
  password: string;
}

/** Deploys an offered node, with its progress shown. Throws what the API and the wait for it throw. */
export async function deployNode(client: Client, uuid: string, name: string, instance: TourInstance): Promise<void> {
  const params = { node_ident: uuid };
  const info = { image_source: instance.image.url, image_checksum: instance.image.checksum };
  await client.baremetal.loose(baremetal.nodeUpdate, {
    params,
    body: Object.entries(info).map(([key, value]) => ({ op: 'add', path: `/instance_info/${key}`, value })),
  });
  await client.baremetal.loose(baremetal.nodeStatesProvision, {
    params,
    body: {
      target: 'active',
      configdrive: {
        meta_data: { hostname: instance.hostname, name: instance.hostname, admin_pass: instance.password },
      },
    },
  });
  const progress = new Progress(client.baremetal.clock);
  try {
    const parts = { connection: client.baremetal, events: client.operations };
    await reachState(parts, uuid, 'active', DEPLOY_S, progress, name);
  } finally {
    progress.end();
  }
}

/** Under emulation a deploy takes a minute or two; on a busy host several. */
const DEPLOY_S = 1800;
