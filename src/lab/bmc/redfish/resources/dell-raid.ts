import { refuse } from '../../refusal.ts';
import { accepted, type Ask, head, type Json, type Resource } from '../resource.ts';

export const dellRaidPath = (ask: Ask) => `${ask.paths.system}/Oem/Dell/DellRaidService`;
const CONVERT = 'DellRaidService.ConvertToRAID';

/** iDRAC's service for what Redfish's volumes do not know; here with the quirk `drivesNeedRaidMode` only. */
function service(ask: Ask): Json | undefined {
  if (!isThere(ask)) return undefined;
  const path = dellRaidPath(ask);
  return {
    ...head(path, 'DellRaidService.v1_5_1', 'DellRaidService', 'DellRaidService'),
    Actions: { [`#${CONVERT}`]: { target: `${path}/Actions/${CONVERT}` } },
  };
}

const isThere = (ask: Ask) => ask.bmc.traits.drivesNeedRaidMode && ask.params[0] === ask.bmc.traits.systemId;

export const dellRaidResources: readonly Resource[] = [
  { path: '/Systems/{system}/Oem/Dell/DellRaidService', get: service },
  {
    path: `/Systems/{system}/Oem/Dell/DellRaidService/Actions/${CONVERT}`,
    post(ask, body) {
      const { bmc } = ask;
      if (!isThere(ask)) throw refuse('ResourceNotFound', 'DellRaidService', CONVERT);
      const wanted: unknown = body['PDArray'];
      if (!Array.isArray(wanted)) throw refuse('ActionParameterMissing', CONVERT, 'PDArray');
      const ids = wanted.map((id: unknown) => {
        if (typeof id !== 'string' || bmc.storage.drive(id)?.raid !== true)
          throw refuse('PropertyValueNotInList', JSON.stringify(id), 'PDArray');
        return id;
      });
      const convert = async () => {
        for (const id of ids) bmc.storage.setRaidReady(id, true);
        bmc.ledger.add(bmc.name, 'action', ask.caller, 'raid.convert', { drives: ids });
      };
      return accepted(ask, bmc.tasks.start('RAID convert', { uri: ask.path, method: 'POST', body }, convert));
    },
  },
];
