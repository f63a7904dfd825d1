import { describe, expect, it } from 'vitest';
import type { BootSighting } from '#contracts/boot';
import { bootStory, type Stage, STAGES } from './boot-story.ts';

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
});
