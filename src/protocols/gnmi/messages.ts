// The part of gNMI 0.10 that is used, after its specification (openconfig.net/docs/gnmi/gnmi-specification); numbers
// are the protocol's. In protobufjs's JSON form: fields are [type, number], `[]` before a type repeats it.

type Fields = Readonly<Record<string, readonly [type: string, id: number]>>;

const message = (fields: Fields, more: object = {}) => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [type, id]]) => [
      name,
      type.startsWith('[]') ? { rule: 'repeated', type: type.slice(2), id } : { type, id },
    ]),
  ),
  ...more,
});
const call = (requestType: string, responseType: string) => ({ requestType, responseType });

export const GNMI = {
  nested: {
    gnmi: {
      nested: {
        gNMI: { methods: { Get: call('GetRequest', 'GetResponse'), Set: call('SetRequest', 'SetResponse') } },
        Encoding: { values: { JSON: 0, BYTES: 1, PROTO: 2, ASCII: 3, JSON_IETF: 4 } },
        DataType: { values: { ALL: 0, CONFIG: 1, STATE: 2, OPERATIONAL: 3 } },
        PathElem: { fields: { name: { type: 'string', id: 1 }, key: { keyType: 'string', type: 'string', id: 2 } } },
        Path: message({ origin: ['string', 2], elem: ['[]PathElem', 3], target: ['string', 4] }),
        TypedValue: message(
          { string_val: ['string', 1], json_val: ['bytes', 10], json_ietf_val: ['bytes', 11] },
          { oneofs: { value: { oneof: ['string_val', 'json_val', 'json_ietf_val'] } } },
        ),
        Update: message({ path: ['Path', 1], val: ['TypedValue', 3] }),
        Notification: message({ prefix: ['Path', 2], update: ['[]Update', 4] }),
        GetRequest: message({
          prefix: ['Path', 1],
          path: ['[]Path', 2],
          type: ['DataType', 3],
          encoding: ['Encoding', 5],
        }),
        GetResponse: message({ notification: ['[]Notification', 1] }),
        SetRequest: message({
          prefix: ['Path', 1],
          delete: ['[]Path', 2],
          replace: ['[]Update', 3],
          update: ['[]Update', 4],
        }),
        SetResponse: message({ prefix: ['Path', 1], timestamp: ['int64', 4] }),
      },
    },
  },
};
