import { defineErrors } from '#kernel/errors';

/** What can go wrong between us and a gNMI server. `details.status` is gRPC's number. */
export const errors = defineErrors({
  GnmiUnreachable: [503, (where: string, why: string) => `${where} cannot be reached by gNMI: ${why}`],
  GnmiLogin: [502, (where: string, why: string) => `${where} refuses the login: ${why}`],
  GnmiOtherKey: [
    502,
    (where: string, key: string) => `${where} shows the certificate ${key}, which is not the one known`,
  ],
  GnmiCut: [502, (where: string, what: string, why: string) => `${where} was lost in ${what}: ${why}`],
  GnmiBusy: [503, (where: string, why: string) => `${where} is busy: ${why}`],
  GnmiRefused: [502, (where: string, what: string, why: string) => `${where} refused ${what}: ${why}`],
  GnmiGarbage: [502, (where: string, why: string) => `${where} sent what is not JSON: ${why}`],
});
