import { IDENTITY, type Quirk } from './quirk.ts';

export const lenovoQuirks: readonly Quirk[] = [
  {
    id: 'lenovo-media-by-patch',
    vendor: 'Lenovo',
    changes: 'Virtual media have no actions; they are written (SD530 and others).',
    source: 'openstack/sushy release note fix-virtual-media-fallback; stmcginnis/gofish dafb96b',
    effects: { traits: { ...IDENTITY.lenovo, mediaByPatch: true } },
  },
  {
    id: 'lenovo-restoration-screen',
    vendor: 'Lenovo',
    changes: 'A boot change by the BMC together with changed UEFI variables stops the firmware at a question.',
    source: 'openstack/ironic release note limit-boot-to-disk-calls-lenovo',
    effects: { traits: { ...IDENTITY.lenovo, restorationScreen: true } },
  },
  {
    id: 'lenovo-bios-pending',
    vendor: 'Lenovo',
    changes: 'BIOS settings live at /Bios/Pending, and accounts have other ids.',
    source: 'NVIDIA/bare-metal-manager-core endpoints_reference',
    effects: { traits: { ...IDENTITY.lenovo, biosSettingsPath: 'Pending' } },
  },
];
