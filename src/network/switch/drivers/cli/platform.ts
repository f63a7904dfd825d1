import type { SwitchAbilities } from '#contracts/switches';

// A kind of switch with a command line, as data: what is typed for each thing, and how its configuration reads. A
// template has `{port}`, `{vlan}`, `{native}`, `{allowed}`, `{gone}`, `{parking}`, `{group}`, `{lag}`, `{mtu}`,
// `{text}`, `{percent}`, `{words}` (`{allowed}` with blanks), `{frame}` (`{mtu}` with the header). All of them are numbers, lists of numbers, or names that matched `portName`. A line that begins
// with `?` may be refused.

/** Lines of a template, typed one after the other. */
export type Lines = readonly string[];

/** How to write each thing at a port. `{port}` is the port or its bond. */
export interface PortLines {
  /** To where the others are typed, and back. Empty where each line names its port. */
  enter: Lines;
  leave: Lines;
  access: Lines;
  /** A trunk with a native VLAN; `{allowed}` holds it. */
  trunkNative: Lines;
  /** A trunk that drops untagged frames. */
  trunkOnly: Lines;
  /** Where lists add up: takes `{gone}` out. */
  narrow?: Lines;
  /** Where lines have a limit: more of a list. */
  allowMore?: Lines;
  shut: Lines;
  open: Lines;
  describe: Lines;
  mtu?: Lines;
  edgeOn?: { access: Lines; trunk: Lines };
  edgeOff?: Lines;
  storm?: Lines;
}

/** Where VLANs are told which ports they have: what is typed for one VLAN and port. */
export interface MembershipLines {
  untagged: Lines;
  tagged: Lines;
  remove: Lines;
  /** What comes is put in before what goes is taken out: a port in no VLAN would fall into the default one. */
  addsFirst: boolean;
  /** Untagged frames nobody wants have to go somewhere: into the parking VLAN. */
  parks: boolean;
}

/** Bonds. */
export interface LagLines {
  range: readonly [first: number, last: number];
  /** Its name, `{group}` in it. */
  name: string;
  /** How a bond is called where it is read, if otherwise; group 1 is the number. */
  reads: RegExp;
  create: { lacp: Lines; static: Lines };
  /** Said of a bond that spans a pair of switches. */
  mlag?: Lines;
  join: { lacp: Lines; static: Lines };
  leave: Lines;
  remove: Lines;
  /** `bare`: a member must be in no VLAN before it joins. `alike`: it must stand as its bond does. */
  members: 'any' | 'bare' | 'alike';
  /** It comes to be with its first member, and both stand in the default VLAN meanwhile: they are shut for that time. */
  exposes?: true;
}

/**
 * How an entry is written where it is no line of Cisco's words: what it says of each thing, and nothing of what it does not
 * care about. `{name}`, `{n}` (10, 20…), `{priority}` (falling), and what is said: `{protocol}`, `{source}`,
 * `{destination}`, `{from}`, `{to}`, `{kind}`.
 */
export interface EntryLines {
  /** Said of every entry. */
  first?: Lines;
  source: Lines;
  destination: Lines;
  protocol: Lines;
  /** One port, or several; `{protocol}` is theirs. */
  port: Lines;
  range: Lines;
  kind: Lines;
  allow: Lines;
  deny: Lines;
  /** All that is said makes one line. */
  joined?: true;
  /** What tcp and udp are called, where otherwise. */
  protocols?: { tcp: string; udp: string };
}

/** How lists of one version of IP are written, `{name}` in them. */
export interface AclFamily {
  /** What protocols are called that are called otherwise elsewhere. */
  any: string;
  icmp: string;
  /** Left out: `permit tcp any 10.0.0.0/8 eq 22`. */
  entry?: EntryLines;
  begin: Lines;
  end: Lines;
  remove: Lines;
  /** At a port; `{direction}` is `in` or `out`, `{stage}` `ingress` or `egress`. */
  bind: Lines;
  unbind: Lines;
  /** What becomes of the list before when the next is bound. Left out: it has to go first. */
  next?: 'takes its place' | 'beside it';
}

/** Filters: lists with names, bound to ports. */
export interface AclLines {
  directions: readonly ('in' | 'out')[];
  /** Without the option `filters`: models differ in what they can. Left out: all. */
  usual?: readonly ('in' | 'out')[];
  /** One list has the entries of both versions of IP (as the first says), and an end that lets pass what is no IP. */
  together?: { rest: Lines };
  actions: { allow: string; deny: string };
  /** `bare`: CIDR, and an address alone for one host. */
  networks: 'cidr' | 'wildcard' | 'bare';
  /** Stands before a kind of ICMP. */
  kindWord?: string;
  /** It cannot tell kinds of ICMP apart. */
  noKinds?: true;
  families: Readonly<Record<4 | 6, AclFamily>>;
}

/** How the configuration is understood. */
export type ReaderName = 'blocks' | 'junos' | 'nvue' | 'sonic' | 'procurve';

/** Lines of a port's block and what they mean. Group 1 is the value. */
export interface BlockRules {
  /** `interface NAME` and `vlan LIST`. */
  port: RegExp;
  vlan: RegExp;
  access: RegExp;
  native: RegExp;
  allowed: RegExp;
  /** Group 1: `access` or `trunk`. */
  mode: RegExp | null;
  routed: RegExp | null;
  member: RegExp;
  lacp: RegExp;
  mlag: RegExp | null;
  edge: RegExp;
  guard: RegExp;
  storm: RegExp;
  /** A list, its name in group 1, and where one is bound: name and direction. */
  lists?: Readonly<Record<4 | 6, { head: RegExp; bound: RegExp }>>;
  /** Without this line a port may negotiate, and stands as `other`. */
  settled: RegExp | null;
  /** What is not written. */
  defaults: { mode: 'access' | 'trunk' | 'other'; mtu: number; allowed: 'all' | 'none' };
  /** The native VLAN of a trunk is written as its access VLAN, and passes always. */
  nativeIsAccess?: true;
}

export interface Platform {
  name: string;
  title: string;
  /** At the end of what it says when it waits. */
  prompt: RegExp;
  /** Typed after the login. */
  setup: Lines;
  /** When the prompt matches this, the password of `enable` is needed. */
  unprivileged?: { prompt: RegExp; command: string; asks: RegExp };
  /** What is answered to questions in between. */
  questions: readonly { asks: RegExp; answer: string }[];
  failures: readonly RegExp[];
  /** Not a failure: somebody else configures it just now. */
  busy: readonly RegExp[];
  begin: Lines;
  /** Ends, and commits where that is another thing. */
  end: Lines;
  /** After something was refused. */
  abort: Lines;
  save: Lines;
  /** All of a change is one commit. */
  atomic: boolean;
  show: string;
  /** Where the configuration does not name every port: what does, and each port at the beginning of a line. */
  showPorts?: { line: string; port: RegExp };
  portName: RegExp;
  /** What LLDP and people write, and what it is here. */
  aliases: readonly (readonly [RegExp, string])[];
  abilities: Omit<SwitchAbilities, 'acl'>;
  vlan: Lines;
  port: PortLines;
  membership?: MembershipLines;
  lag: LagLines | null;
  /** Left out: it filters nothing for us. */
  acl?: AclLines;
  reader: ReaderName;
  blocks?: BlockRules;
  /** Longest list of VLANs in one line. */
  longestList?: number;
  /** So many lines are typed ahead where none changes where the next is understood; 1 where that cannot be. */
  ahead: number;
}
