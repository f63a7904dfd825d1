import { type TSchema, Type } from 'typebox';
import type { Secret } from '#kernel/secret';

/** What a setting says of itself beside its JSON schema. Ajv takes these as annotations. */
export type Facts = {
  /** One or two sentences for `docs/config.md`. */
  description: string;
  /** What may stand there, for error messages; without it the schema is put into words. */
  allowed?: string;
  /** The flag of `ingot up` that sets it. */
  flag?: string;
  /** An environment variable beside `INGOT_<SECTION>_<KEY>`. */
  env?: string;
};

export const text = (facts: Facts & { default: string; pattern?: string; minLength?: number }) => Type.String(facts);
export const optionalText = ({ pattern, ...facts }: Facts & { pattern?: string }) =>
  Type.Union([Type.String(pattern === undefined ? {} : { pattern }), Type.Null()], { ...facts, default: null });
export const secretText = (facts: Facts) =>
  Type.Unsafe<Secret | null>({ type: ['string', 'null'], secret: true, default: null, ...facts });
export const flag = (facts: Facts & { default: boolean }) => Type.Boolean(facts);
export const whole = (facts: Facts & { default: number; minimum: number; maximum: number }) => Type.Integer(facts);
export const choice = <T extends string>(values: readonly T[], facts: Facts & { default: T }) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...facts });
export const list = (facts: Facts & { default: string[]; items?: readonly string[] }) => {
  const { items, ...rest } = facts;
  return Type.Array(Type.String(items === undefined ? { minLength: 1 } : { enum: [...items] }), {
    ...rest,
    uniqueItems: true,
  });
};
export const section = <P extends Record<string, TSchema>>(description: string, properties: P) =>
  Type.Object(properties, { description, additionalProperties: false });

/** `HOST:PORT`, as listening settings take it. */
export const HOST_PORT =
  '^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/]+):(\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])$';
