import { createHash } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { XMLParser } from 'fast-xml-parser';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { type Clock, systemClock } from '#kernel/clock';
import { LabSwitchDevice } from '../device.ts';
import { newHostKey } from '../ssh/host-key.ts';
import { copyConfig, freshConfig, type LabConfig } from '../state.ts';
import { aclTree, checkAcls, putAclInterface, putAclSet, removeAclInterface, removeAclSet } from './acl.ts';
import {
  addVlan,
  BadEdit,
  interfaceAt,
  interfaceTrees,
  removeInterface,
  setAggregate,
  setFacts,
  setVlans,
  type Tree,
  vlanTrees,
} from './tree.ts';

export interface NetconfSwitchOptions {
  ports?: number;
  /** Where it listens; default any. */
  port?: number;
  username?: string;
  password?: string;
  clock?: Clock;
  /** Speaks 1.0 framing only. */
  old?: boolean;
  /** No candidate: what is edited runs at once. */
  direct?: boolean;
}

const CAPABILITY = 'urn:ietf:params:netconf:';
const parser = new XMLParser({
  ignoreAttributes: false,
  removeNSPrefix: true,
  parseTagValue: false,
  attributeNamePrefix: '@',
});
const list = (value: unknown): Tree[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]) as Tree[];
const inner = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? (at as Tree)[name] : undefined), value);
const text = (value: unknown): string =>
  String(typeof value === 'object' && value !== null ? ((value as Tree)['#text'] ?? '') : (value ?? ''));

/** A switch that speaks NETCONF with OpenConfig models over SSH, on 127.0.0.1. It forwards nothing. */
export class EmulatedNetconfSwitch {
  readonly device: LabSwitchDevice;
  readonly fingerprint: string;
  readonly #server: ssh2.Server;
  readonly #clock: Clock;
  readonly #options: NetconfSwitchOptions;
  #candidate: LabConfig;
  /** Whose lock it is. */
  #lock: object | undefined;
  /** What runs again unless a confirmed commit is confirmed. */
  #before: { config: LabConfig; cancel: () => void } | undefined;
  port = 0;

  private constructor(options: NetconfSwitchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const names = Array.from({ length: options.ports ?? 8 }, (_, i) => `Ethernet${i + 1}`);
    this.device = new LabSwitchDevice(freshConfig(names), this.#clock);
    this.#candidate = copyConfig(this.device.running);
    const hostKey = newHostKey();
    const key = ssh2.utils.parseKey(hostKey);
    if (key instanceof Error) throw key;
    this.fingerprint = `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
    const { username = 'admin', password = 'switch' } = options;
    this.#server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
      const socket = (connection as unknown as { _sock: Socket })._sock;
      socket.setNoDelay(true);
      connection.on('error', () => {});
      connection.on('authentication', (context) => {
        if (context.method === 'password' && context.username === username && context.password === password)
          context.accept();
        else context.reject(['password']);
      });
      connection.on('ready', () => {
        const left = this.device.enter(() => socket.destroy());
        if (left === undefined) {
          connection.end();
          return;
        }
        this.#serve(connection, left);
      });
    });
  }

  static async start(options: NetconfSwitchOptions = {}): Promise<EmulatedNetconfSwitch> {
    const made = new EmulatedNetconfSwitch(options);
    await new Promise<void>((resolve) => made.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    made.port = (made.#server.address() as AddressInfo).port;
    return made;
  }

  async stop(): Promise<void> {
    this.#before?.cancel();
    this.device.cutAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(connection: Connection, left: () => void): void {
    const owner = {};
    connection.on('close', () => {
      left();
      if (this.#lock === owner) this.#lock = undefined;
    });
    connection.on('session', (accept) => {
      accept().on('subsystem', (ok, _no, { name }) => {
        if (name === 'netconf') this.#session(ok(), owner);
      });
    });
  }

  #session(channel: ServerChannel, owner: object): void {
    const { old, direct } = this.#options;
    const names = [
      'base:1.0',
      ...(old === true ? [] : ['base:1.1']),
      'capability:startup:1.0',
      'capability:rollback-on-error:1.0',
    ];
    if (direct !== true) names.push('capability:candidate:1.0', 'capability:confirmed-commit:1.1');
    const capabilities = names.map((name) => `<capability>${CAPABILITY}${name}</capability>`).join('');
    channel.on('error', () => {});
    channel.write(`<hello xmlns="${CAPABILITY}x"><capabilities>${capabilities}</capabilities></hello>]]>]]>`);
    let chunked = false;
    let greeted = false;
    let typed = '';
    let working: Promise<void> = Promise.resolve();
    const answer = (xml: string) => {
      channel.write(chunked ? `\n#${Buffer.byteLength(xml)}\n${xml}\n##\n` : `${xml}]]>]]>`);
    };
    const take = (message: string) => {
      if (!greeted) {
        greeted = true;
        chunked = old !== true && message.includes('base:1.1');
        return;
      }
      working = working.then(async () => {
        if (this.device.faults.slowMs > 0) await this.#clock.sleep(this.device.faults.slowMs);
        const rpc = inner(parser.parse(message), 'rpc') as Tree;
        const body = this.#answer(rpc, owner);
        if (body !== undefined) answer(`<rpc-reply message-id="${text(rpc['@message-id'])}">${body}</rpc-reply>`);
      });
    };
    channel.on('data', (bytes: Buffer) => {
      typed += bytes.toString('utf8');
      for (;;) {
        if (chunked) {
          const end = typed.indexOf('\n##\n');
          if (end < 0) return;
          const message = typed.slice(0, end + 1).replaceAll(/\n#\d+\n/g, '');
          typed = typed.slice(end + 4);
          take(message);
        } else {
          const end = typed.indexOf(']]>]]>');
          if (end < 0) return;
          const message = typed.slice(0, end);
          typed = typed.slice(end + 6);
          take(message);
        }
      }
    });
  }

  /** undefined: the line was cut. */
  #answer(rpc: Tree, owner: object): string | undefined {
    const { device } = this;
    const refuse = (tag: string, why: string) =>
      `<rpc-error><error-type>application</error-type><error-tag>${tag}</error-tag><error-severity>error</error-severity><error-message>${why}</error-message></rpc-error>`;
    const writes = ['edit-config', 'commit', 'lock'].find((name) => name in rpc);
    const cut = writes !== undefined && writes !== 'lock' && device.wrote();
    const reply = (() => {
      if ('get-config' in rpc) return this.#data();
      if ('lock' in rpc) {
        if (this.#lock !== undefined && this.#lock !== owner) return refuse('lock-denied', 'somebody else has it');
        this.#lock = owner;
        return '<ok/>';
      }
      if ('unlock' in rpc) {
        this.#lock = undefined;
        return '<ok/>';
      }
      if ('discard-changes' in rpc) {
        this.#candidate = copyConfig(device.running);
        return '<ok/>';
      }
      if ('copy-config' in rpc) {
        device.save();
        return '<ok/>';
      }
      if ('edit-config' in rpc) {
        const direct = this.#options.direct === true;
        const draft = copyConfig(direct ? device.running : this.#candidate);
        try {
          this.#edit(draft, inner(rpc, 'edit-config', 'config') as Tree);
          if (direct) checkAcls(draft);
        } catch (error) {
          if (!(error instanceof BadEdit)) throw error;
          return refuse('invalid-value', error.message);
        }
        if (direct) device.running = draft;
        else this.#candidate = draft;
        return '<ok/>';
      }
      if ('commit' in rpc) return this.#commit(rpc['commit'], refuse);
      return refuse('operation-not-supported', 'it knows no such operation');
    })();
    if (!cut) return reply;
    device.cutAll();
    return undefined;
  }

  #commit(commit: unknown, refuse: (tag: string, why: string) => string): string {
    const { device } = this;
    if (device.commitFails()) return refuse('operation-failed', 'the commit failed');
    const confirmed = typeof commit === 'object' && commit !== null && 'confirmed' in commit;
    try {
      checkAcls(this.#candidate);
    } catch (error) {
      if (!(error instanceof BadEdit)) throw error;
      return refuse('data-missing', error.message);
    }
    const before = this.#before?.config ?? device.running;
    this.#before?.cancel();
    this.#before = undefined;
    device.running = copyConfig(this.#candidate);
    if (confirmed) {
      const seconds = Number(text(inner(commit, 'confirm-timeout')) || 600);
      const back = () => {
        device.running = before;
        this.#candidate = copyConfig(before);
        this.#before = undefined;
      };
      // RFC 6241, 8.4: it is taken back when the session that asked for it ends, too; a test need not wait.
      this.#before = { config: before, cancel: this.#clock.after(seconds * 1000, back) };
    }
    return '<ok/>';
  }

  #edit(config: LabConfig, edit: Tree): void {
    for (const vlan of list(inner(edit, 'network-instances', 'network-instance', 'vlans', 'vlan'))) {
      addVlan(config, Number(text(vlan['vlan-id'])), text(inner(vlan, 'config', 'name')));
    }
    const gone: string[] = [];
    for (const one of list(inner(edit, 'interfaces', 'interface'))) {
      const name = text(one['name']);
      if (one['@operation'] === 'remove') {
        gone.push(name);
        continue;
      }
      const port = interfaceAt(config, name);
      setFacts(port, (one['config'] ?? {}) as Tree);
      const type = inner(one, 'aggregation', 'config', 'lag-type');
      if (type !== undefined) port.channelMode = text(type) === 'LACP' ? 'active' : 'on';
      const aggregate = inner(one, 'ethernet', 'config', 'aggregate-id');
      const removed = inner(aggregate, '@operation') === 'remove';
      if (aggregate !== undefined) setAggregate(config, port, removed ? null : text(aggregate));
      const vlans =
        inner(one, 'ethernet', 'switched-vlan', 'config') ?? inner(one, 'aggregation', 'switched-vlan', 'config');
      if (vlans !== undefined) setVlans(config, port, vlans as Tree, this.device.faults.refusedVlan);
    }
    for (const set of list(inner(edit, 'acl', 'acl-sets', 'acl-set'))) {
      const { '@operation': operation, ...tree } = set;
      if (operation === 'remove') removeAclSet(config, text(set['name']), text(set['type']));
      else putAclSet(config, tree);
    }
    for (const one of list(inner(edit, 'acl', 'interfaces', 'interface'))) {
      if (one['@operation'] === 'remove') removeAclInterface(config, text(one['id']));
      else putAclInterface(config, one);
    }
    for (const name of gone) removeInterface(config, name);
  }

  #data(): string {
    const { running } = this.device;
    const interfaces = interfaceTrees(running).map((one) => `<interface>${xml(one)}</interface>`);
    const acl = xml(aclTree(running, (module, identity) => `${module}:${identity}`));
    const modules =
      'xmlns:openconfig-acl="http://openconfig.net/yang/acl" xmlns:openconfig-packet-match-types="http://openconfig.net/yang/packet-match-types"';
    const vlans = vlanTrees(running).map((one) => `<vlan>${xml(one)}</vlan>`);
    return `<data><interfaces xmlns="http://openconfig.net/yang/interfaces">${interfaces.join('')}</interfaces><oc:network-instances xmlns:oc="http://openconfig.net/yang/network-instance"><oc:network-instance><name>default</name><vlans>${vlans.join('')}</vlans></oc:network-instance></oc:network-instances><acl xmlns="http://openconfig.net/yang/acl" ${modules}>${acl}</acl></data>`;
  }
}

function xml(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  }
  return Object.entries(value)
    .flatMap(([name, one]) => (Array.isArray(one) ? one : [one]).map((item) => `<${name}>${xml(item)}</${name}>`))
    .join('');
}
