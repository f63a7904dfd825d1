import { copyConfig, freshConfig, freshPort, type LabConfig, type LabPort } from '../state.ts';
import { bindList, type ListLanguage, listOpened, parseAce, showBound, showLists } from './access-lists.ts';
import { type Dialect, Refused, type Terminal } from './dialect.ts';

/** What a line below `interface` does. */
export type PortLine = readonly [RegExp, (port: LabPort, match: RegExpExecArray, config: LabConfig) => void];

/** Command lines of the Cisco kind: exec, configure, interface, `show running-config`. */
export interface BlockLanguage {
  name: string;
  banner: string;
  host: string;
  portName(n: number): string;
  /** Mode of ports from the factory. */
  factory: LabPort['mode'];
  /** `interface …` of a bond; the number is group 1. */
  bondName: RegExp;
  /** Bonds are written so. */
  bond(group: number): string;
  portLines: readonly PortLine[];
  /** `show running-config` of a port. */
  render(port: LabPort, bond: boolean): string[];
  renderVlan(id: number, name: string): string[];
  vlanLine: RegExp;
  vlanNameLine: RegExp | null;
  indent: string;
  refusal: string;
  /** Begins a candidate and commits it. */
  candidate?: { begin: RegExp; commit: RegExp; abort: RegExp; aroundConfigure?: true };
  saves: RegExp;
  saved: string;
  /** Asks before it saves. */
  confirms?: string;
  /** Needs `enable` first; the password. */
  enable?: string;
  ignored: RegExp;
  nativeIsAccess?: true;
  lists?: ListLanguage;
}

/** The language as a dialect. */
export function blockDialect(language: BlockLanguage): Dialect {
  const { lists } = language;
  const refuse = () => new Refused(language.refusal);
  const interfaceOf = (config: LabConfig, name: string, make: boolean): LabPort | undefined => {
    const bond = language.bondName.exec(name);
    if (bond !== null) {
      const group = Number(bond[1]);
      let one = config.channels.get(group);
      if (one === undefined && make) {
        one = freshPort(language.bond(group), language.factory);
        config.channels.set(group, one);
      }
      return one;
    }
    for (const [known, port] of config.ports) if (known.toLowerCase() === name.toLowerCase()) return port;
    return undefined;
  };
  const show = ({ device }: Terminal): string => {
    const lines: string[] = ['!', `hostname ${language.host}`, '!'];
    const block = (head: string, body: readonly string[]) =>
      lines.push(head, ...body.map((line) => `${language.indent}${line}`), '!');
    for (const [id, name] of device.running.vlans) {
      if (id === 1) continue;
      const [head = '', ...body] = language.renderVlan(id, name);
      block(head, body);
    }
    for (const [head, body] of lists === undefined ? [] : showLists(lists, device.running)) block(head, body);
    const all = (port: LabPort, bond: boolean) => [
      ...language.render(port, bond),
      ...(lists === undefined ? [] : showBound(lists, port)),
    ];
    for (const port of device.running.channels.values()) block(`interface ${port.name}`, all(port, true));
    for (const port of device.running.ports.values()) block(`interface ${port.name}`, all(port, false));
    return `${lines.join('\n')}\nend\n`;
  };
  const commit = (terminal: Terminal, wrote: () => void): string => {
    const { device } = terminal;
    wrote();
    if (device.commitFails()) return `${language.refusal.trim().replace(/:.*/, '')}: commit failed\n`;
    device.running = terminal.config;
    return '';
  };
  const exec = (terminal: Terminal, line: string, wrote: () => void): string => {
    const { device } = terminal;
    if (/^sh(ow)? run(ning-config|ning-configuration)?$/.test(line)) return show(terminal);
    if (language.saves.test(line)) {
      if (language.confirms !== undefined) {
        terminal.asks = () => {
          device.save();
          return language.saved;
        };
        return language.confirms;
      }
      device.save();
      return language.saved;
    }
    if (line === 'enable' && language.enable !== undefined) {
      terminal.asks = (password) => {
        terminal.enabled = password === language.enable;
        return terminal.enabled ? '' : '% Bad secrets\n';
      };
      return 'Password: ';
    }
    const around = language.candidate?.aroundConfigure === true;
    if (language.candidate?.begin.test(line) === true) {
      if (language.enable !== undefined && !terminal.enabled) throw refuse();
      if (!around) terminal.mode = 'config';
      terminal.config = copyConfig(device.running);
      return '';
    }
    if ((language.candidate === undefined || around) && /^conf(igure)?( t(erminal)?)?$/.test(line)) {
      if (language.enable !== undefined && !terminal.enabled) throw refuse();
      terminal.mode = 'config';
      if (!around) terminal.config = device.running;
      return '';
    }
    if (around && language.candidate?.commit.test(line) === true) return commit(terminal, wrote);
    if (around && language.candidate?.abort.test(line) === true) {
      terminal.config = device.running;
      return '';
    }
    if (line === 'exit') {
      terminal.mode = 'gone';
      return '';
    }
    if (language.ignored.test(line)) return '';
    throw refuse();
  };
  const configure = (terminal: Terminal, line: string, wrote: () => void): string => {
    const { config, device } = terminal;
    const { candidate } = language;
    if (candidate?.commit.test(line) === true) {
      terminal.mode = 'exec';
      return commit(terminal, wrote);
    }
    if (candidate?.abort.test(line) === true || line === 'end') {
      terminal.mode = 'exec';
      return '';
    }
    if (line === 'exit') {
      terminal.mode = terminal.mode === 'config' ? 'exec' : 'config';
      return '';
    }
    const vlan = language.vlanLine.exec(line);
    if (vlan !== null) {
      const id = Number(vlan[1]);
      if (!config.vlans.has(id)) config.vlans.set(id, `VLAN${String(id).padStart(4, '0')}`);
      terminal.mode = `vlan ${id}`;
      wrote();
      return '';
    }
    const gone = /^no interface (.+)$/.exec(line);
    if (gone !== null) {
      const bond = language.bondName.exec(gone[1] as string);
      if (bond === null || !config.channels.delete(Number(bond[1]))) throw refuse();
      for (const port of config.ports.values()) if (port.channel === Number(bond[1])) port.channel = null;
      wrote();
      return '';
    }
    const unlisted = lists !== undefined && line.startsWith('no ') ? listOpened(lists, line.slice(3)) : undefined;
    if (unlisted !== undefined) {
      const { family, name } = unlisted;
      if (!config.lists.delete(`${family}:${name}`)) throw refuse();
      wrote();
      return '';
    }
    const list = lists === undefined ? undefined : listOpened(lists, line);
    if (list !== undefined) {
      const key = `${list.family}:${list.name}`;
      if (!config.lists.has(key)) config.lists.set(key, []);
      terminal.mode = `list ${key}`;
      wrote();
      return '';
    }
    const into = /^interface (.+)$/.exec(line);
    if (into !== null) {
      const port = interfaceOf(config, into[1] as string, true);
      if (port === undefined) throw refuse();
      terminal.mode = `interface ${port.name}`;
      return '';
    }
    if (terminal.mode.startsWith('vlan ')) {
      if (/^no shutdown$/.test(line)) return '';
      const named = language.vlanNameLine?.exec(line);
      if (named == null) throw refuse();
      config.vlans.set(Number(terminal.mode.slice(5)), named[1] as string);
      wrote();
      return '';
    }
    if (lists !== undefined && terminal.mode.startsWith('list ')) {
      const key = terminal.mode.slice(5);
      const ace = parseAce(lists, key.startsWith('4') ? 4 : 6, line);
      if (ace === undefined) throw refuse();
      config.lists.get(key)?.push(ace);
      wrote();
      return '';
    }
    const port = interfaceOf(config, terminal.mode.replace('interface ', ''), false);
    if (port === undefined) throw refuse();
    if (lists !== undefined && bindList(lists, config, port, line)) {
      wrote();
      return '';
    }
    for (const [pattern, act] of language.portLines) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const { refusedVlan } = device.faults;
      if (refusedVlan !== null && new RegExp(`\\b${refusedVlan}\\b`).test(line)) throw refuse();
      act(port, match, config);
      wrote();
      return '';
    }
    throw refuse();
  };
  return {
    name: language.name,
    banner: language.banner,
    ports: (count) => Array.from({ length: count }, (_, i) => language.portName(i + 1)),
    fresh: (count) =>
      freshConfig(
        Array.from({ length: count }, (_, i) => language.portName(i + 1)),
        language.factory,
      ),
    access: (vlan) => ({ mode: 'access', access: vlan, native: language.nativeIsAccess === true ? vlan : 1 }),
    commits: language.candidate !== undefined,
    prompt({ mode, enabled }) {
      if (mode === 'exec') return `${language.host}${language.enable !== undefined && !enabled ? '>' : '#'} `;
      return `${language.host}(config${mode === 'config' ? '' : mode.startsWith('vlan') ? '-vlan' : mode.startsWith('list') ? '-acl' : '-if'})# `;
    },
    run(terminal, line, wrote) {
      if (line === '' || line.startsWith('!')) return '';
      return terminal.mode === 'exec' ? exec(terminal, line, wrote) : configure(terminal, line, wrote);
    },
  };
}
