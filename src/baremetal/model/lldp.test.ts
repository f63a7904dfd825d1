import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localLinkOf, neighboursOf } from './lldp.ts';

const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');
const nic = (more = {}) => ({ name: 'eth0', mac_address: '52:54:00:AA:00:01', ...more });
const TLVS = [
  [1, `04${'525400000001'}`],
  [2, `05${hex('Ethernet1/5')}`],
  [3, '0078'],
  [5, hex('tor1.example')],
  [127, '0080c2010064'],
  [127, '00120f042400'],
];

describe('LLDP of an inspection', () => {
  it('says which NIC is on which port of which switch', () => {
    const [found] = neighboursOf({ interfaces: [nic()] }, { lldp_raw: { eth0: TLVS } });
    expect(found).toEqual({
      mac: '52:54:00:aa:00:01',
      nic: 'eth0',
      switchId: '52:54:00:00:00:01',
      portId: 'Ethernet1/5',
      switchInfo: 'tor1.example',
      vlan: 100,
      mtu: 9216,
    });
    expect(found && localLinkOf(found)).toEqual({
      switch_id: '52:54:00:00:00:01',
      port_id: 'Ethernet1/5',
      switch_info: 'tor1.example',
    });
  });

  it('takes it from the inventory where the ramdisk put it there', () => {
    expect(neighboursOf({ interfaces: [nic({ lldp: TLVS })] }, {})).toHaveLength(1);
  });

  it('knows ports that are MAC addresses, and switches that are not', () => {
    const tlvs = [
      [1, `07${hex('chassis 7')}`],
      [2, '03525400000105'],
    ];
    const [found] = neighboursOf({ interfaces: [nic({ lldp: tlvs })] }, {});
    expect(found).toMatchObject({ switchId: 'chassis 7', portId: '52:54:00:00:01:05', switchInfo: null, vlan: null });
    expect(found && localLinkOf(found)).toBeNull();
  });

  it('leaves out what names no port', () => {
    expect(neighboursOf({ interfaces: [nic({ lldp: [[1, '04525400000001']] })] }, {})).toEqual([]);
    expect(
      neighboursOf(
        {
          interfaces: [
            nic({
              lldp: [
                [1, '0452'],
                [2, '0541'],
              ],
            }),
          ],
        },
        {},
      ),
    ).toEqual([]);
    expect(
      neighboursOf(
        {
          interfaces: [
            nic({
              lldp: [
                [1, '04525400000001'],
                [2, `05${hex('a\u0007b')}`],
              ],
            }),
          ],
        },
        {},
      ),
    ).toEqual([]);
  });

  it('survives whatever is sent', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.array(fc.tuple(fc.nat(130), fc.string())), (raw, lldp, tlvs) => {
        neighboursOf({ interfaces: [nic({ lldp }), raw] }, { lldp_raw: raw });
        for (const one of neighboursOf({ interfaces: [nic({ lldp: tlvs })] }, {})) {
          expect(one.portId).toMatch(/^[\x20-\x7e]+$/);
        }
      }),
    );
  });
});
