/** A link-layer neighbour as LLDP told it: TLVs, hex. */
export type LldpTlv = readonly [type: number, value: string];

export interface InventoryNic {
  name: string;
  mac_address: string;
  ipv4_address: string | null;
  ipv6_address: string | null;
  has_carrier: boolean;
  lldp: readonly LldpTlv[] | null;
  vendor: string | null;
  product: string | null;
  /** InfiniBand's DHCP client id. */
  client_id: string | null;
  biosdevname: string | null;
  speed_mbps: number | null;
  pci_address: string | null;
  driver: string | null;
  /** Ingot only: `infiniband` or `ethernet`. */
  link_layer?: 'infiniband' | 'ethernet';
  /** Ingot only: an RDMA device stands behind it (RoCE on Ethernet). */
  rdma?: boolean;
}

export interface InventoryDisk {
  name: string;
  model: string | null;
  size: number;
  rotational: boolean;
  wwn: string | null;
  serial: string | null;
  vendor: string | null;
  wwn_with_extension: string | null;
  wwn_vendor_extension: string | null;
  hctl: string | null;
  by_path: string | null;
  logical_sectors: number | null;
  physical_sectors: number | null;
  tran: string | null;
}

export interface InventoryCpu {
  model_name: string | null;
  frequency: string | null;
  count: number;
  architecture: string;
  flags: readonly string[];
  socket_count: number | null;
}

/** `inventory` of an inspection report and of `poll.get_hardware_info`. */
export interface Inventory {
  interfaces: readonly InventoryNic[];
  cpu: InventoryCpu;
  disks: readonly InventoryDisk[];
  memory: { total: number; physical_mb: number | null };
  bmc_address: string | null;
  bmc_v6address: string | null;
  bmc_mac?: string | null;
  system_vendor: {
    product_name: string | null;
    serial_number: string | null;
    manufacturer: string | null;
    firmware: { vendor: string | null; version: string | null; build_date: string | null };
  };
  boot: { current_boot_mode: 'uefi' | 'bios'; pxe_interface: string | null };
  hostname: string | null;
  /** Ingot only. */
  tpm?: { version: '1.2' | '2.0'; description: string | null } | null;
}

/** Body of `POST <ipa-inspection-callback-url>`. */
export interface InspectionReport {
  inventory: Inventory;
  root_disk: InventoryDisk | null;
  boot_interface: string | null;
  configuration: {
    collectors: readonly string[];
    managers: readonly { name: string; version: string }[];
  };
  error?: string | null;
  /** base64 of a tar.gz */
  logs?: string;
  pci_devices?: readonly Readonly<Record<string, unknown>>[];
  usb_devices?: readonly Readonly<Record<string, unknown>>[];
  numa_topology?: Readonly<Record<string, unknown>>;
  dmi?: Readonly<Record<string, unknown>>;
  lldp_raw?: Readonly<Record<string, readonly LldpTlv[]>>;
  [more: string]: unknown;
}
