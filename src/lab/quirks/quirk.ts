import type { Edit, Effects, HttpEffect, HttpRule } from '../faults/effects.ts';

/** One way in which a make of BMC differs from the standard. Data: what it changes, and who reported it. */
export interface Quirk {
  /** `supermicro-usb-cd` */
  id: string;
  vendor: string;
  /** What a client sees. */
  changes: string;
  /** Where it was reported: a project's release note, commit, issue or file. */
  source: string;
  effects: Effects;
}

/** A refusal in the vendor's words. */
export function refusal(status: number, messageId: string, message: string): HttpEffect {
  return { kind: 'answer', answer: { status, messageId, message } };
}

/** Changes of every successful answer whose path matches. */
export function edits(path: string, ...changes: Edit[]): HttpRule {
  return { method: ['GET'], path, effect: { kind: 'edit', edits: changes } };
}

export const remove = (at: string): Edit => ({ at, op: 'remove' });
export const set = (at: string, value: unknown): Edit => ({ at, op: 'set', value });

/** Paths, whatever ids the make uses. */
export const PATHS = {
  system: '^/redfish/v1/Systems/[^/]+/?$',
  manager: '^/redfish/v1/Managers/[^/]+/?$',
  insert: 'VirtualMedia\\.InsertMedia$',
  eject: 'VirtualMedia\\.EjectMedia$',
  reset: 'ComputerSystem\\.Reset$',
  secureBoot: '/SecureBoot$',
  bios: '/Bios$',
} as const;

export const IDENTITY = {
  supermicro: { manufacturer: 'Supermicro', model: 'SYS-1029U-TR4T', bmcModel: 'AST2500', bmcVersion: '1.73.14' },
  supermicroX12: { manufacturer: 'Supermicro', model: 'SYS-120U-TNR', bmcModel: 'AST2600', bmcVersion: '01.01.10' },
  dell9: { manufacturer: 'Dell Inc.', model: 'PowerEdge R750', bmcModel: '15G Monolithic', bmcVersion: '5.10.30.00' },
  dell10: { manufacturer: 'Dell Inc.', model: 'PowerEdge R770', bmcModel: '17G Monolithic', bmcVersion: '1.10.17.00' },
  hpe: { manufacturer: 'HPE', model: 'ProLiant DL360 Gen10', bmcModel: 'iLO 5', bmcVersion: '2.72' },
  hpe6: { manufacturer: 'HPE', model: 'ProLiant DL360 Gen11', bmcModel: 'iLO 6', bmcVersion: '1.55' },
  lenovo: {
    manufacturer: 'Lenovo',
    model: 'ThinkSystem SD530',
    bmcModel: 'Lenovo XClarity Controller',
    bmcVersion: '3.10',
  },
  cisco: { manufacturer: 'Cisco Systems Inc', model: 'UCSX-210C-M6', bmcModel: 'Cisco IMC', bmcVersion: '5.0(1f)' },
  nvidia: { manufacturer: 'NVIDIA', model: 'DGXH100', bmcModel: 'DGX H100 BMC', bmcVersion: '23.09.20' },
  bluefield: { manufacturer: 'Nvidia', model: 'BlueField-3 DPU', bmcModel: 'BlueField BMC', bmcVersion: 'BF-23.10-5' },
  ami: { manufacturer: 'ASRockRack', model: '1U4LW-X570', bmcModel: 'AST2500', bmcVersion: '1.20.00' },
} as const;
