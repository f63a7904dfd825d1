import type { Access } from '../../model/access.ts';
import { type BmcReport, nodeNameOf } from '../../model/bmc-report.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import type { Discovery } from '../../store/discoveries.ts';
import { createNode } from '../create-node.ts';
import { portKind } from '../records/kinds/ports.ts';
import { createRecord } from '../records/change.ts';

/** The newest version of the API: every field is known. */
const VERSION = 115;

/** Makes a node of a BMC that was found, and its ports. Gives the node's UUID. Throws 400, 403, 409. */
export async function enrolFound(
  deps: BaremetalDeps,
  discovery: Discovery,
  report: BmcReport,
  password: string | null,
): Promise<string> {
  const { request_id: requestId, user_id: userId, project_id: projectId, wish } = discovery;
  // whoever asked for the search was asked for the right to enrol then
  const access: Access = { actor: { requestId, userId, projectId }, projectId: null, system: true, allows: () => true };
  const values = (name: string | null) => ({
    name,
    driver: report.driver,
    driver_info: {
      ...report.driver_info,
      ...(password === null ? {} : { [`${report.driver}_password`]: password }),
    },
    properties: {
      ...report.properties,
      ...(report.boot.mode === null ? {} : { capabilities: `boot_mode:${report.boot.mode}` }),
    },
    conductor_group: wish.conductorGroup,
    ...(wish.resourceClass === null ? {} : { resource_class: wish.resourceClass }),
  });
  const create = (name: string | null) => createNode(deps, access, VERSION, 'enroll', values(name), 'uuid');
  const [uuid] = await create(nodeNameOf(report)).catch((error: { status?: number }) => {
    // the name is taken: it is only a convenience
    if (error.status !== 409) throw error;
    return create(null);
  });
  for (const address of report.macs) {
    await createRecord(
      deps,
      access,
      portKind,
      VERSION,
      { node_uuid: uuid, address, pxe_enabled: true },
      't.uuid',
    ).catch((error: { status?: number }) => {
      if (error.status !== 409) throw error; // another node's: inspection tells
    });
  }
  return uuid as string;
}
