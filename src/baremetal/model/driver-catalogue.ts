import type { InterfaceKind } from './interfaces.ts';

/** A vendor method as `/vendor_passthru/methods` shows it. */
export interface VendorMethodFacts {
  readonly http_methods: readonly string[];
  readonly async: boolean;
  readonly description: string;
  readonly attach: boolean;
  readonly require_exclusive_lock: boolean;
}

/** What the enabled implementations of one hardware type are, on the conductors that live. */
export interface DriverOffer {
  /** Hardware type: `fake-hardware`, `redfish`, `ipmi`… */
  readonly name: string;
  /** Enabled implementations by kind, sorted by name. */
  readonly enabled: { readonly [K in InterfaceKind]: readonly string[] };
  /** The implementation a node gets when it asks for none; null when the type has none enabled. */
  readonly defaults: { readonly [K in InterfaceKind]: string | null };
  /** Live conductors that run it, with their group, sorted by host. */
  readonly hosts: readonly { readonly host: string; readonly group: string }[];
  /** Keys of driver_info it reads: name → sentence (Ironic's `/drivers/{name}/properties`). */
  readonly properties: Readonly<Record<string, string>>;
  /** Property → sentence for `/drivers/{name}/raid/logical_disk_properties`; null when it has no RAID. */
  readonly raidProperties: Readonly<Record<string, string>> | null;
  /** Vendor methods of the type itself (`/drivers/{name}/vendor_passthru`). */
  readonly vendorMethods: Readonly<Record<string, VendorMethodFacts>>;
  /**
   * Any implementation may be chosen, enabled for the type or not (`fake-hardware`, so that combinations
   * can be tried).
   */
  readonly anyInterface: boolean;
}

/** A conductor as the API shows it. */
export interface ConductorRecord {
  readonly host: string;
  readonly group: string;
  /** Names of hardware types it runs. */
  readonly drivers: readonly string[];
  readonly alive: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Its last heartbeat; milliseconds since the epoch. */
  readonly updatedAt: number | null;
}

/**
 * What live conductors offer. Served from memory, so that enrolling a node costs no query for it; kept fresh by
 * heartbeats. Whoever misses something calls `refresh` once before saying no: only a positive answer may be old.
 */
export interface DriverCatalogue {
  /** Hardware types with at least one live conductor, sorted by name. */
  offers(): readonly DriverOffer[];
  /** One of them. */
  offer(driver: string): DriverOffer | undefined;
  /** Implementations known to the product for a kind, whether enabled or not. */
  implementations(kind: InterfaceKind): ReadonlySet<string>;
  /** Methods of a vendor interface, for `/nodes/{node}/vendor_passthru`. */
  vendorMethods(implementation: string): Readonly<Record<string, VendorMethodFacts>>;
  /** Does a network interface keep attached VIFs with the node's ports? `noop` takes any and keeps none. */
  storesVifs(implementation: string): boolean;
  /** Does this network interface move switch ports? */
  movesPorts(implementation: string): boolean;
  /** All conductors known, dead ones too, in the order they first came. */
  conductors(): readonly ConductorRecord[];
  /** Reads the database again. */
  refresh(): Promise<void>;
}
