/** The hardware manager whose steps these are, by ironic-python-agent's own name: operators' settings name it. */
export const MANAGER_NAME = 'GenericHardwareManager';

/** As inspection reports and `hardware_manager_version` name it. */
export const MANAGER = { name: 'generic_hardware_manager', version: '1.2' } as const;
