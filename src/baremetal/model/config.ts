/** Settings of the Bare Metal API; names and defaults follow Ironic's `[api]` and `[DEFAULT]` where it has them. */
export interface BaremetalApiConfig {
  /** Rows of a list page, by default and at most. */
  maxLimit: number;
  /** Group of nodes that ask for none. */
  defaultConductorGroup: string;
  defaultResourceClass: string | null;
  /** May a node in `available` be deleted? */
  allowDeletingAvailableNodes: boolean;
  /** May a project's admin enrol and delete nodes its project owns? */
  projectAdminCanManageOwnNodes: boolean;
  /** `uefi` or `bios` in `capabilities:boot_mode` that enrolment refuses. */
  disallowedEnrollmentBootModes: readonly string[];
  /** Steps (`interface.step`) that requests may not name. */
  disallowedSteps: {
    clean: readonly string[];
    deploy: readonly string[];
    service: readonly string[];
  };
  /** Milliseconds a synchronous call of a driver may take. */
  driverCallDeadlineMs: number;
  /** Refuse agents that can be called by plain http only. */
  requireAgentTls: boolean;
}

/** All settings of the room. The conductor's part joins here. */
export interface BaremetalConfig {
  api: BaremetalApiConfig;
}

export const DEFAULT_API_CONFIG: BaremetalApiConfig = {
  maxLimit: 1000,
  defaultConductorGroup: '',
  defaultResourceClass: null,
  allowDeletingAvailableNodes: true,
  projectAdminCanManageOwnNodes: true,
  disallowedEnrollmentBootModes: [],
  disallowedSteps: { clean: ['vendor.send_raw'], deploy: ['vendor.send_raw'], service: ['vendor.send_raw'] },
  driverCallDeadlineMs: 60_000,
  requireAgentTls: true,
};
