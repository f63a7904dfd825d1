/** Where the proof of a case stands. */
export type Proof =
  /** A test of `crash-cases.test.ts` with the case's name. */
  | { here: true }
  /** A test elsewhere: its file, and words of its title. */
  | { file: string; title: string };

/**
 * Requests and moments in which Ironic once answered 500, or a program of it fell over: each with the place in its
 * history, and what proves that it is otherwise here. The names are fixed; a test holds that each has a proof.
 */
export const CRASH_CASES: Readonly<Record<string, { source: string; proofs: readonly Proof[] }>> = {
  'PATCH protected with null': { source: 'protected-unset, a1c5559fa', proofs: [{ here: true }] },
  'node delete while it has an allocation': { source: '1d84df93d', proofs: [{ here: true }] },
  'unknown sort_key': { source: '243128ecf', proofs: [{ here: true }] },
  'VIF list on the noop network interface': { source: 'fix-noop-net-vif-list', proofs: [{ here: true }] },
  'port MAC update on an active node': { source: 'update-live-port', proofs: [{ here: true }] },
  'validation failure before inspect': { source: '3bda561e3, raise-bad-request', proofs: [{ here: true }] },
  'errors that hold what cannot be serialised, across processes': {
    source: 'fix-rpc-exceptions',
    proofs: [
      { here: true },
      { file: 'tests/baremetal/life/calls.test.ts', title: 'errors of the driver come back as they are' },
    ],
  },
  'conductors that come and go under requests': { source: 'hash-ring-race', proofs: [{ here: true }] },
  'API up before any conductor': { source: 'allinone', proofs: [{ here: true }] },
  'inventory that is not stored': { source: 'fix_swift_inventory', proofs: [{ here: true }] },
  'errors of no library while a BMC resource is validated': {
    source: 'dce19076d',
    proofs: [
      { here: true },
      { file: 'tests/drivers/redfish-faults.test.ts', title: 'an unknown power state is not off' },
    ],
  },
  'vendor passthru with wrong arguments': { source: 'a8bbfae5a', proofs: [{ here: true }] },
  'tracebacks in bodies while debugging': {
    source: 'debug-no-api-tracebacks',
    proofs: [{ here: true }, { file: 'tests/http/server.test.ts', title: 'tell nothing but the request id' }],
  },
  'port list while ports are deleted': { source: 'port-list-bad-request', proofs: [{ here: true }] },
  'GET vmedia of a locked node': { source: 'fix-get-vmedia-shared-lock', proofs: [{ here: true }] },
  'DHCP options doubled for dual stack': {
    source: 'c4721da2d',
    proofs: [{ file: 'src/boot/model/dhcp.test.ts', title: 'each is there once, in its own family only' }],
  },
  'sensors with an empty redfish_system_id': { source: 'e83bb1f15', proofs: [{ here: true }] },
  'upgrade check meets unknown newer tables': {
    source: '353b25604',
    proofs: [
      { file: 'tests/store/migrate.test.ts', title: 'a changed file, a newer database, and names that are wrong' },
    ],
  },
};

/** The names, written down once more: a case that somebody drops from the table above is missed. */
export const CASE_COUNT = 18;
