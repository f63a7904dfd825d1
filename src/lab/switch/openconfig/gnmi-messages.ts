// gNMI as the emulated switch reads it, written once more from the specification: a mistake in the client's own table
// shall not hide behind the same mistake here.
const field = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id });

export const GNMI_SERVER = {
  nested: {
    gnmi: {
      nested: {
        gNMI: {
          methods: {
            Get: { requestType: 'GetRequest', responseType: 'GetResponse' },
            Set: { requestType: 'SetRequest', responseType: 'SetResponse' },
          },
        },
        PathElem: { fields: { name: field('string', 1), key: { keyType: 'string', type: 'string', id: 2 } } },
        Path: { fields: { elem: many('PathElem', 3) } },
        TypedValue: { fields: { json_ietf_val: field('bytes', 11) } },
        Update: { fields: { path: field('Path', 1), val: field('TypedValue', 3) } },
        Notification: { fields: { timestamp: field('int64', 1), update: many('Update', 4) } },
        GetRequest: { fields: { path: many('Path', 2), type: field('int32', 3), encoding: field('int32', 5) } },
        GetResponse: { fields: { notification: many('Notification', 1) } },
        SetRequest: { fields: { delete: many('Path', 2), replace: many('Update', 3), update: many('Update', 4) } },
        SetResponse: { fields: { timestamp: field('int64', 4) } },
      },
    },
  },
};
