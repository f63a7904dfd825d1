import type { Client } from '#sdk/client';
import { WaitError } from '../baremetal/context.ts';
import { followDeploy } from '../deploy/follow.ts';
import { startDeploy } from '../deploy/start.ts';
import { configDriveFrom, type Wanted } from '../deploy/wanted.ts';

/** What is put on a machine, and how its owner gets in. */
export interface TourInstance {
  /** URL of the image, and `sha256:<hex>` of its bytes. */
  image: { url: string; checksum: string };
  hostname: string;
  /** For logging in on the console; absent where nothing runs that could be logged in to. */
  password?: string;
  userData?: string;
}

/** Deploys an offered node as `ingot deploy` does, with its progress shown. Throws why it failed. */
export async function deployNode(client: Client, uuid: string, name: string, instance: TourInstance): Promise<void> {
  const chosen = { uuid, name, allocated: false };
  const wanted: Wanted = {
    node: uuid,
    image: instance.image.url,
    checksum: instance.image.checksum,
    name: instance.hostname,
    ...(instance.password === undefined ? {} : { password: instance.password }),
    ...(instance.userData === undefined ? {} : { userData: instance.userData }),
    traits: [],
  };
  // Where nothing runs nobody reads a config drive, and it takes a program (xorriso) to make one.
  const drive = instance.password === undefined ? undefined : await configDriveFrom(wanted);
  await startDeploy(client, chosen, wanted, drive);
  const { error } = await followDeploy(client, chosen);
  if (error !== null) throw new WaitError(error);
}
