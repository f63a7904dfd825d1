import type { Handler, HandlerInput, Handlers, RequestContext } from '#http/contract';
import type { Json } from '#work/contract';
import { callDriver } from '../../../app/call-driver.ts';
import { findNode } from '../../../app/find-node.ts';
import { errors } from '../../../errors.ts';
import type { BaremetalDeps } from '../../../model/deps.ts';
import type { DriverCallRequest } from '../../../model/verbs.ts';
import { accessOf } from '../../access.ts';
import { readBoolean, readUuid, shown } from '../../input/value.ts';
import { vendorMethod, vendorReply } from '../../vendor-call.ts';
import type { managementRoutes } from './routes.ts';

const MEDIA_SCHEMES = ['http', 'https', 'nfs', 'cifs'];
const MEDIA_DEVICES = ['cdrom', 'disk', 'floppy'];

/** Handlers of what is done to the BMC: boot device, NMI, indicators, virtual media, vendors' functions, validation. */
export function managementHandlers(deps: BaremetalDeps): Handlers<typeof managementRoutes> {
  const call = (
    context: RequestContext,
    input: HandlerInput,
    rule: string,
    request: DriverCallRequest,
  ): Promise<Json> => {
    const on = { ident: input.params['node_ident'] as string, version: context.version, rule };
    return callDriver(deps, accessOf(context), on, request);
  };
  const management = (method: string, args: DriverCallRequest['args'] = {}): DriverCallRequest => ({
    interface: 'management',
    method,
    args,
  });
  const validate = (context: RequestContext, ident: string): Promise<Json> =>
    callDriver(
      deps,
      accessOf(context),
      { ident, version: context.version, rule: 'baremetal:node:validate' },
      { interface: 'deploy', method: 'validateAll', args: {} },
    );

  const passthru =
    (httpMethod: string): Handler =>
    async (context, { params, query, body }) => {
      const ident = params['node_ident'] as string;
      const rule = 'baremetal:node:vendor_passthru';
      const columns = ['driver', 'vendor_interface'] as const;
      const node = await findNode(deps, accessOf(context), ident, context.version, [rule], columns);
      const methods = vendorMethods(deps, node.driver, node.vendor_interface);
      const facts = vendorMethod(methods, query['method'], httpMethod);
      const method = query['method'] as string;
      const args = { http_method: httpMethod, data: (body ?? {}) as Json };
      const request: DriverCallRequest = { interface: 'vendor', method, args };
      const { actor } = accessOf(context);
      const deadline = deps.config.api.driverCallDeadlineMs;
      return vendorReply(facts, await deps.verbs.driverCall(deps, actor, node.uuid, request, deadline));
    };

  return {
    'node.boot-device.show': async (context, input) => ({
      body: await call(context, input, 'baremetal:node:get_boot_device', management('getBootDevice')),
    }),
    'node.boot-device.set': async (context, input) => {
      const { boot_device, persistent } = input.body as { boot_device: string; persistent?: unknown };
      const lasting = persistent === undefined || persistent === null ? false : readBoolean('persistent', persistent);
      const args = { boot_device, persistent: lasting };
      await call(context, input, 'baremetal:node:set_boot_device', management('setBootDevice', args));
      return {};
    },
    'node.boot-device.supported': async (context, input) => ({
      body: {
        supported_boot_devices: await call(
          context,
          input,
          'baremetal:node:get_boot_device',
          management('supportedBootDevices'),
        ),
      },
    }),
    'node.nmi.inject': async (context, input) => {
      await call(context, input, 'baremetal:node:inject_nmi', management('injectNmi'));
      return {};
    },

    'node.indicator.list': async (context, input) => {
      const rule = 'baremetal:node:get_indicator_state';
      const found = await call(context, input, rule, management('indicators'));
      return { body: { indicators: indicatorList(context.baseUrl, input.params['node_ident'] as string, found) } };
    },
    'node.indicator.show': async (context, input) => ({
      body: {
        state: await call(
          context,
          input,
          'baremetal:node:get_indicator_state',
          management('getIndicator', indicatorOf(input)),
        ),
      },
    }),
    'node.indicator.set': async (context, input) => {
      const { state } = input.body as { state: string };
      const args = { ...indicatorOf(input), state };
      await call(context, input, 'baremetal:node:set_indicator_state', management('setIndicator', args));
      return {};
    },

    'node.vmedia.show': async (context, input) => ({
      body: await call(context, input, 'baremetal:node:vmedia:get', management('virtualMedia.list')),
    }),
    'node.vmedia.attach': async (context, input) => {
      const { device_type, image_url } = input.body as { device_type: string; image_url: string };
      const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(image_url)?.[1]?.toLowerCase() ?? '';
      if (!MEDIA_SCHEMES.includes(scheme)) {
        throw errors.Invalid(`Unsupported or missing URL scheme: ${shown(scheme)}`);
      }
      const args = { device_type, image_url };
      await call(context, input, 'baremetal:node:vmedia:attach', management('virtualMedia.insert', args));
      return {};
    },
    'node.vmedia.detach': async (context, input) => {
      const types = (input.query['device_types'] as string[] | undefined) ?? [];
      const invalid = types.filter((type) => !MEDIA_DEVICES.includes(type));
      if (invalid.length > 0) {
        throw errors.Invalid(
          `Invalid device type(s) ${invalid.map(shown).join(', ')} (valid are ${MEDIA_DEVICES.join(', ')})`,
        );
      }
      const args = { device_types: types };
      await call(context, input, 'baremetal:node:vmedia:detach', management('virtualMedia.eject', args));
      return {};
    },

    'node.validate': async (context, { params }) => ({ body: await validate(context, params['node_ident'] as string) }),
    'node.validate-by-query': async (context, { query }) => {
      const uuid = query['node_uuid'] === undefined ? undefined : readUuid('node_uuid', query['node_uuid']);
      const ident = uuid ?? (query['node'] as string | undefined);
      if (ident === undefined) throw errors.MissingParameterValue('Missing mandatory parameter: node');
      return { body: await validate(context, ident) };
    },

    'node.passthru.get': passthru('GET'),
    'node.passthru.post': passthru('POST'),
    'node.passthru.put': passthru('PUT'),
    'node.passthru.patch': passthru('PATCH'),
    'node.passthru.delete': passthru('DELETE'),
    'node.passthru.methods': async (context, { params }) => {
      const rule = 'baremetal:node:vendor_passthru';
      const columns = ['driver', 'vendor_interface'] as const;
      const ident = params['node_ident'] as string;
      const node = await findNode(deps, accessOf(context), ident, context.version, [rule], columns);
      return { body: vendorMethods(deps, node.driver, node.vendor_interface) };
    },
  };
}

function vendorMethods(deps: BaremetalDeps, driver: string | null, vendor: string | null) {
  if (vendor === 'no-vendor') throw errors.UnsupportedDriverExtension(driver ?? '', 'vendor_passthru');
  return deps.catalogue.vendorMethods(vendor ?? '');
}

/** `alert@chassis` → its parts. */
function indicatorOf({ params }: HandlerInput): { component: string; id: string } {
  const name = params['indicator'] as string;
  const at = name.indexOf('@');
  if (at < 0) throw errors.InvalidParameterValue(`Malformed indicator name "${shown(name)}"`);
  return { id: name.slice(0, at), component: name.slice(at + 1) };
}

function indicatorList(baseUrl: string, node: string, found: Json) {
  const byComponent = (found ?? {}) as unknown as Record<string, { id: string; readonly: boolean; states: string[] }[]>;
  return Object.entries(byComponent).flatMap(([component, lights]) =>
    lights.map((light) => {
      const name = `${light.id}@${component}`;
      const path = `nodes/${encodeURIComponent(node)}/management/indicators/${name}`;
      return {
        name,
        component,
        readonly: light.readonly,
        states: light.states,
        links: [
          { href: `${baseUrl}/v1/${path}`, rel: 'self' },
          { href: `${baseUrl}/${path}`, rel: 'bookmark' },
        ],
      };
    }),
  );
}
