import type { Truth, UnitKind } from '../../model/truth.ts';
import { networkRows } from './network.ts';
import { portRows } from './port.ts';
import { routerRows } from './router.ts';
import { addressGroupRows, baseRows, groupRows } from './security-group.ts';
import { BASE_UNIT, unitKey, type WantedRow } from './wanted.ts';

/** A unit and the rows it is to have: none when the truth does not know it any more. */
export interface WantedUnit {
  key: string;
  rows: WantedRow[];
}

/** The rows that are there in any case. */
export const baseUnit = (): WantedUnit => ({ key: BASE_UNIT, rows: baseRows() });

/** From truth to the rows of one unit. Pure. */
export function wantedUnit(unit: UnitKind, id: string, truth: Truth): WantedUnit {
  return { key: unitKey(unit, id), rows: rowsOf(unit, id, truth) };
}

function rowsOf(unit: UnitKind, id: string, truth: Truth): WantedRow[] {
  switch (unit) {
    case 'address_group': {
      const group = truth.addressGroups.get(id);
      return group === undefined ? [] : addressGroupRows(group);
    }
    case 'security_group': {
      const group = truth.groups.get(id);
      return group === undefined ? [] : groupRows(group);
    }
    case 'network': {
      const network = truth.networks.get(id);
      return network === undefined ? [] : networkRows(network, truth.chassis, truth.metadata);
    }
    case 'port': {
      const port = truth.ports.get(id);
      const network = port === undefined ? undefined : truth.networks.get(port.networkId);
      return port === undefined || network === undefined ? [] : portRows(port, network, truth.metadata);
    }
    case 'router': {
      const router = truth.routers.get(id);
      return router === undefined ? [] : routerRows(router, truth.chassis);
    }
  }
}
