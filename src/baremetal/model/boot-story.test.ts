import { describe, expect, it } from 'vitest';
import type { BootSighting } from '#contracts/boot';
import { bootStory, lastRefusal, REFUSALS, type Stage, STAGES } from './boot-story.ts';

const at = '2026-01-01T00:00:00.000Z';
const facts = (whats: string[], change = {}) => ({
  bootInterface: 'auto',
  note: { method: 'ipxe' },
  sightings: whats.map((what): BootSighting => ({ at, what, method: what.startsWith('DHCP') ? 'dhcp' : 'ipxe' })),
  agentCalled: false,
  macs: ['52:54:00:00:00:01'],
  powerState: 'power on',
  ...change,
});

describe('the story of a boot', () => {
  it('ends where the machine did, and says what to look at', () => {
    const way = ['DHCPDISCOVER', 'DHCPACK', 'TFTP snponly.efi sent', 'GET boot.ipxe', 'GET kernel', 'GET initrd'];
    const stages: Stage[] = ['nothing', 'asked', 'address', 'loader', 'script', 'kernel', 'ramdisk'];
    for (const [steps, stage] of stages.entries()) {
      const story = bootStory(facts(way.slice(0, steps)));
      expect(story.stage).toBe(stage);
      expect(story.summary).toMatch(/\.$/);
      expect(story.check.length).toBeGreaterThan(0);
    }
    expect(bootStory(facts(way, { agentCalled: true }))).toMatchObject({ stage: 'agent', check: [] });
    expect(bootStory(facts(['DHCPDISCOVER ignored'])).stage).toBe('refused');
    expect(bootStory(facts(['GET initrd cut off'])).stage).toBe('kernel');
    expect(STAGES).toHaveLength(9);
  });

  it('thinks of the BMC when a medium was not fetched, and of a machine that is off', () => {
    const story = bootStory(facts([], { note: { method: 'virtual-media' }, powerState: 'power off' }));
    expect(story.check[0]).toContain('off');
    expect(story.check.join(' ')).toContain('boot.media_listen');
    expect(story.check.join(' ')).not.toContain('no ports');
    // The BMC starts it all the same.
    const noPorts = bootStory(facts([], { note: { method: 'virtual-media' }, macs: [] }));
    expect(noPorts.check[0]).toContain('the node has no ports');
  });

  it('tells how a machine came up after that is over, on or off', () => {
    const note = { method: null, booted: 'uefi-http', at: 1 };
    const story = bootStory(facts(['GET initrd'], { note, agentCalled: true, powerState: 'power off' }));
    expect(story).toEqual({
      stage: 'agent',
      summary: 'The ramdisk came up by uefi-http and its agent called.',
      check: [],
    });
  });

  it('says when Secure Boot refused something, in the words of many a firmware, and not what others call denied', () => {
    const said = [
      'BdsDxe: failed to load Boot0001 "UEFI QEMU NVMe Ctrl LAB 1" from PciRoot(0x0)/Pci(0x3,0x0): Access Denied',
      'Verification failed: (0x1A) Security Violation',
      'error: bad shim signature.',
      'Invalid signature detected. Check Secure Boot Policy in Setup',
    ];
    for (const [i, text] of said.entries()) {
      expect(lastRefusal([{ at: i + 1, text }])).toBe(i + 1);
      expect(REFUSALS.some((one) => text.includes(one))).toBe(true);
    }
    expect(lastRefusal([{ at: 1, text: 'sshd: Access Denied for root' }])).toBeNull();
    expect(lastRefusal(said.map((text, i) => ({ at: 4 - i, text })))).toBe(4);
    const story = bootStory(facts(['GET initrd'], { agentCalled: true, refusedAt: 1_800_000_000_000 }));
    expect(story.summary).toBe(
      'The ramdisk came up by ipxe and its agent called. After that, at 2027-01-15T08:00:00.000Z, its firmware or boot loader refused to start something, for Secure Boot.',
    );
    expect(story.check.join(' ')).toContain('SecureBootDatabases');
    expect(bootStory(facts([], { refusedAt: 1 })).summary).toContain(
      'Nothing was heard of the machine by ipxe. At 1970-',
    );
  });
});
