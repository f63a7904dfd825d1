import { IngotError, messageOf } from '#kernel/errors';
import { type BmcPlace, placeName } from '../../model/bmc-ranges.ts';
import { type BmcReport, createCommand, NO_BOOT, nodeNameOf } from '../../model/bmc-report.ts';
import type { Document } from '../../model/node.ts';
import type { ProbeParts } from './contract.ts';
import { type Detected, detect } from './detect.ts';
import { probeIpmi } from './ipmi.ts';
import { probeRedfish } from './redfish.ts';

/**
 * Looks at one place: what it speaks, and with one login what machines are behind it. Empty: nobody answers. What went wrong
 * is in the report. Throws only when told to stop.
 */
export async function probe(place: BmcPlace, parts: ProbeParts): Promise<BmcReport[]> {
  const detected = await detect(place, parts);
  const { redfish, ipmi } = detected;
  if (redfish === null && ipmi === null) return [];
  const seen = seenAt(place, detected);
  const port = redfish?.port ?? ipmi?.port ?? 0;
  if (parts.isKnown(seen.protocol, port)) return [{ ...seen, notes: ['A node drives it already: it was left alone.'] }];
  if (parts.login.username === null) {
    return [{ ...seen, notes: ['No login was given: nothing more is known of it.'] }];
  }
  try {
    const facts =
      redfish === null && ipmi !== null
        ? [await probeIpmi(place, ipmi, parts)]
        : redfish === null
          ? []
          : await probeRedfish(redfish, parts);
    return facts.map((one) => complete({ ...seen, ...one }));
  } catch (error) {
    parts.signal.throwIfAborted();
    const code = error instanceof IngotError ? error.code : 'ProbeFailed';
    return [{ ...seen, error: { code, message: messageOf(error) } }];
  }
}

function complete(report: BmcReport): BmcReport {
  return { ...report, command: createCommand(report, nodeNameOf(report)) };
}

function seenAt(place: BmcPlace, { redfish, ipmi }: Detected): BmcReport {
  const protocol = redfish === null ? 'ipmi' : 'redfish';
  const where: Document = redfish === null ? { ipmi_address: place.host } : { redfish_address: redfish.origin };
  return {
    place: placeName(place),
    protocol,
    protocols: [...(redfish === null ? [] : ['redfish' as const]), ...(ipmi === null ? [] : ['ipmi' as const])],
    driver: protocol,
    driver_info: where,
    vendor: redfish?.vendor ?? null,
    model: null,
    serial: null,
    uuid: null,
    firmware: null,
    bios_version: null,
    power_state: null,
    health: null,
    boot: NO_BOOT,
    quirks: [],
    properties: {},
    macs: [],
    fingerprint: redfish?.fingerprint ?? null,
    notes: [],
    error: null,
    command: null,
  };
}
