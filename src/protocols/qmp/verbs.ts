import type { QmpClient } from './client.ts';

/** The machine's run state as QEMU names it: `running`, `paused`, `prelaunch`, `shutdown`, `guest-panicked`, … */
export async function queryStatus(qmp: QmpClient): Promise<{ running: boolean; status: string }> {
  const answer = (await qmp.execute('query-status')) as { running?: boolean; status?: string };
  return { running: answer.running === true, status: answer.status ?? 'unknown' };
}

/** Lets the processors run. */
export async function resume(qmp: QmpClient): Promise<void> {
  await qmp.execute('cont');
}

/** Stops the processors; memory stays. */
export async function pause(qmp: QmpClient): Promise<void> {
  await qmp.execute('stop');
}

/** Presses the ACPI power button; what follows is the guest's business. */
export async function pressPowerButton(qmp: QmpClient): Promise<void> {
  await qmp.execute('system_powerdown');
}

/** Sends a non-maskable interrupt to every processor. */
export async function injectNmi(qmp: QmpClient): Promise<void> {
  await qmp.execute('inject-nmi');
}

/** Resets the machine as its reset button does. With `-action reboot=shutdown` QEMU stops instead, and says so. */
export async function systemReset(qmp: QmpClient): Promise<void> {
  await qmp.execute('system_reset');
}

/** Puts an image (a file, raw) in the tray of a CD drive, replacing what is there. */
export async function insertDisc(qmp: QmpClient, driveId: string, file: string): Promise<void> {
  await qmp.execute('blockdev-change-medium', {
    id: driveId,
    filename: file,
    format: 'raw',
    'read-only-mode': 'read-only',
    force: true,
  });
}

/** Empties a CD drive, locked or not, and closes the tray. */
export async function removeDisc(qmp: QmpClient, driveId: string): Promise<void> {
  await qmp.execute('blockdev-open-tray', { id: driveId, force: true });
  await qmp.execute('blockdev-remove-medium', { id: driveId });
  await qmp.execute('blockdev-close-tray', { id: driveId });
}

/** Plugs a removable USB disk. */
export async function plugUsbDisk(
  qmp: QmpClient,
  disk: { id: string; file: string; readOnly: boolean; bus: string; bootindex?: number },
): Promise<void> {
  await qmp.execute('blockdev-add', {
    'node-name': `${disk.id}-node`,
    driver: 'raw',
    'read-only': disk.readOnly,
    file: { driver: 'file', filename: disk.file, 'read-only': disk.readOnly },
  });
  await qmp.execute('device_add', {
    driver: 'usb-storage',
    id: disk.id,
    drive: `${disk.id}-node`,
    bus: disk.bus,
    removable: true,
    ...(disk.bootindex === undefined ? {} : { bootindex: disk.bootindex }),
  });
}

/** Unplugs what `plugUsbDisk` plugged, and waits until it is gone. */
export async function unplugUsbDisk(qmp: QmpClient, id: string, timeoutMs = 10_000): Promise<void> {
  const gone = qmp.nextEvent('DEVICE_DELETED', timeoutMs);
  gone.catch(() => {});
  await qmp.execute('device_del', { id });
  await gone;
  await qmp.execute('blockdev-del', { 'node-name': `${id}-node` });
}

/** Pulls or plugs a NIC's cable. */
export async function setLink(qmp: QmpClient, deviceId: string, up: boolean): Promise<void> {
  await qmp.execute('set_link', { name: deviceId, up });
}
