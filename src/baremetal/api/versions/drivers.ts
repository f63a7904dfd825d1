import { INTERFACE_KINDS, type InterfaceKind } from '../../model/interfaces.ts';

const DYNAMIC = 30;
const KIND_SINCE: Partial<Record<InterfaceKind, number>> = { storage: 33, rescue: 38, bios: 40, firmware: 86 };

/** Fields of a driver. `detail`: shown only when it is shown whole. */
export const DRIVER_FIELDS: Readonly<Record<string, { since?: number; detail?: boolean }>> = {
  name: {},
  hosts: {},
  properties: { since: 14 },
  type: { since: DYNAMIC },
  ...Object.fromEntries(
    INTERFACE_KINDS.flatMap((kind) =>
      [`default_${kind}_interface`, `enabled_${kind}_interfaces`].map((name) => [
        name,
        { since: KIND_SINCE[kind] ?? DYNAMIC, detail: true },
      ]),
    ),
  ),
};

/** Arguments of the list of drivers. */
export const DRIVER_RULES = { type: DYNAMIC, detail: DYNAMIC, fields: 77 } as const;
