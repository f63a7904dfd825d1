import { Type } from 'typebox';
import type { Route } from '#http/contract';

/**
 * What ramdisks call. Open to whoever is on the provisioning network; a lookup tells little and only while a
 * ramdisk is expected, heartbeats prove themselves by the token the lookup gave once.
 */
export const ramdiskRoutes = [
  {
    id: 'ramdisk.lookup',
    method: 'GET',
    path: '/v1/lookup',
    since: 22,
    policy: null,
    summary: 'Tell a ramdisk which node it runs on',
    query: Type.Object(
      {
        addresses: Type.Optional(Type.Array(Type.String(), { description: "MAC addresses of the machine's NICs." })),
        node_uuid: Type.Optional(Type.String({ description: 'When the ramdisk was told.' })),
      },
      { additionalProperties: false },
    ),
    success: 200,
    response: Type.Object({}, { additionalProperties: true }),
  },
  {
    id: 'ramdisk.heartbeat',
    method: 'POST',
    path: '/v1/heartbeat/:node_ident',
    since: 22,
    policy: null,
    summary: 'Hear that a ramdisk is alive',
    params: Type.Object({ node_ident: Type.String() }),
    body: Type.Object(
      {
        callback_url: Type.Optional(Type.String({ maxLength: 1024 })),
        agent_version: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()], { 'x-since': '1.36' })),
        agent_token: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()])),
        agent_verify_ca: Type.Optional(
          Type.Union([Type.String({ maxLength: 65_536 }), Type.Null()], { 'x-since': '1.68' }),
        ),
        agent_status: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()], { 'x-since': '1.72' })),
        agent_status_message: Type.Optional(
          Type.Union([Type.String({ maxLength: 4096 }), Type.Null()], { 'x-since': '1.72' }),
        ),
        progress: Type.Optional(
          Type.Object({}, { additionalProperties: true, description: "How far a command of Ingot's agent is." }),
        ),
      },
      { additionalProperties: false },
    ),
    success: 202,
    audit: false,
  },
  {
    id: 'ramdisk.continue-inspection',
    method: 'POST',
    path: '/v1/continue_inspection',
    since: 1,
    policy: null,
    summary: 'Take the report of an inspection ramdisk',
    query: Type.Object(
      { node_uuid: Type.Optional(Type.String({ 'x-since': '1.84' })) },
      { additionalProperties: false },
    ),
    body: Type.Object({}, { additionalProperties: true }),
    bodyLimit: 16 * 1024 * 1024,
    success: 202,
    response: Type.Object({ uuid: Type.String() }),
    audit: false,
  },
] as const satisfies readonly Route[];
