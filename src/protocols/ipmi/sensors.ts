/** One sensor as `ipmitool -v sdr` prints it. */
export interface SensorReading {
  name: string;
  /** `Temperature`, `Fan`, `Voltage`… */
  kind: string;
  facts: Record<string, string>;
}

/** Reads `ipmitool -v sdr list all`. Lines that make no sense are left out. */
export function readSensors(text: string): SensorReading[] {
  const found: SensorReading[] = [];
  for (const block of text.split(/^(?=Sensor ID\s*:)/m)) {
    const facts: Record<string, string> = {};
    for (const line of block.split('\n')) {
      const at = line.indexOf(':');
      const key = line.slice(0, at).trim();
      const value = line.slice(at + 1).trim();
      if (at > 0 && key !== '' && value !== '') facts[key] = value;
    }
    const name = facts['Sensor ID'];
    const kindKey = Object.keys(facts).find((key) => key.startsWith('Sensor Type'));
    const kind = kindKey === undefined ? undefined : facts[kindKey]?.replace(/\s*\(0x[0-9a-f]+\)$/i, '');
    if (name !== undefined && kind !== undefined) found.push({ name, kind, facts });
  }
  return found;
}
