import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  MIB,
  sampleCgroupLife,
  sampleCgroupPressure,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleEpisode,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNode,
  samplePressure,
  sampleSession,
} from '../../../test/support/sample-events.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import type { Model } from '../../model/model.js';
import type { TextStyle } from '../text/line.js';
import { LiveView, type Terminal } from './live-view.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ESC = '\x1b';

/** Shows what stands on the screen, as a terminal does with the few sequences that the view uses. */
class FakeTerminal implements Terminal {
  height = 24;
  onOther = false;
  screen: string[] = [];
  shell = '';

  rows(): number {
    return this.height;
  }

  write(text: string): void {
    for (const piece of text.split(new RegExp(`(?=${ESC}\\[\\?1049[hl])`))) {
      if (piece.startsWith(`${ESC}[?1049h`)) this.onOther = true;
      if (piece.includes(`${ESC}[?1049l`)) this.onOther = false;
      const plain = piece.replace(new RegExp(`${ESC}\\[[?0-9;]*[a-zA-Z]`, 'g'), '');
      if (!this.onOther) this.shell += plain;
      else if (piece.includes(`${ESC}[H`)) this.screen = plain.replace(/\r\n$/, '').split('\r\n');
    }
  }
}

class Watch {
  readonly terminal = new FakeTerminal();
  readonly view: LiveView;
  model: Model = initialModel;

  constructor(style: Partial<TextStyle> = {}) {
    this.view = new LiveView(this.terminal, () => ({ columns: 100, colour: true, unicode: true, ...style }));
  }

  write(...events: OomscopeEvent[]): void {
    this.model = applyEvents(this.model, events);
    this.view.write(events, this.model);
    vi.advanceTimersByTime(300);
  }

  line(part: string): string {
    return this.terminal.screen.find((line) => line.includes(part)) ?? '';
  }
}

const SECOND_US = 1_000_000;
const START_US = 1_000_000_000;
const sampling = { how: 'iterator', calmUs: SECOND_US, hotUs: 10_000 } as const;

/** A minute in which the app grows to its limit of 100 MiB and the rest stays as it is. */
function ramp(watch: Watch): void {
  watch.write(
    sampleSession({ sampling }),
    sampleCgroupLife({ id: 1, path: '/', level: 0 }),
    sampleCgroupLife({ id: 2, path: '/pods', level: 1 }),
    sampleCgroupLife({ id: 3, path: '/pods/app' }),
    sampleCgroupLife({ id: 4, path: '/pods/web' }),
  );
  for (let s = 0; s <= 60; s++) {
    const tUs = START_US + s * SECOND_US;
    const none = { maxBytes: 'max' } as const;
    watch.write(
      sampleMemorySample({
        tUs,
        cgroups: [
          sampleCgroupSample({ id: 1, usageBytes: 900 * MIB, ...none }),
          sampleCgroupSample({ id: 2, usageBytes: 500 * MIB, ...none }),
          sampleCgroupSample({ id: 3, usageBytes: (40 + s) * MIB }),
          sampleCgroupSample({ id: 4, usageBytes: 300 * MIB, ...none }),
        ],
      }),
      sampleMemoryStat({
        tUs,
        cgroups: [
          sampleCgroupStat({ id: 3, anonBytes: 75 * MIB, fileBytes: 25 * MIB, kernelBytes: 0 }),
          sampleCgroupStat({ id: 4, anonBytes: 0, fileBytes: 300 * MIB, shmemBytes: 300 * MIB, kernelBytes: 0 }),
        ],
      }),
      samplePressure({ tUs, cgroups: [sampleCgroupPressure({ id: 3, someUs: 250_000 })] }),
      sampleNode({ tUs }),
    );
  }
}

describe('the view', () => {
  it('has the node in one line, the cgroup under pressure first, and what lies above others not at all', () => {
    const watch = new Watch();
    ramp(watch);
    expect(watch.terminal.screen[0]).toBe(
      'node-1  1.1 GiB of 2 GiB available  pressure some 6 % full 2 %  4 cgroups each 1.0 s  0 incidents',
    );
    expect(watch.terminal.screen[2]).toMatch(/^\/pods\/app +100 MiB +100 % {2}▄[▄▅▆▇█]{19} {2}█████████▓▓▓ +25 %$/);
    expect(watch.terminal.screen[3]).toMatch(/^\/pods\/web +300 MiB +none {2}█{20} {2}▒{12} +0 %$/);
    expect(watch.terminal.screen.join('\n')).not.toMatch(/^\/(pods)? /m);
  });

  it('has no line wider than the screen, and no more lines than it has rows', () => {
    for (const [columns, height] of [
      [60, 12],
      [80, 24],
      [200, 60],
    ] as const) {
      const watch = new Watch({ columns, colour: false });
      watch.terminal.height = height;
      ramp(watch);
      for (let n = 0; n < 30; n++) watch.write(sampleEpisode({ tUs: START_US + 61 * SECOND_US + n, episodeUs: n }));
      const { screen } = watch.terminal;
      expect(screen.length).toBeLessThan(height);
      expect(screen.slice(0, 4).every((line) => [...line].length <= columns)).toBe(true);
      expect(screen[2]).toContain('100 MiB');
    }
  });

  it('shows what happened although what comes of it does not fit any more', () => {
    const watch = new Watch();
    watch.terminal.height = 14;
    ramp(watch);
    watch.write(sampleEpisode({ tUs: START_US + 61 * SECOND_US }));
    expect(watch.line('was chosen to die')).toContain('hog (pid 812) was chosen to die');
  });

  it('draws a kill at once, other things a few times a second', () => {
    const watch = new Watch();
    ramp(watch);
    const write = vi.spyOn(watch.terminal, 'write');
    const tUs = START_US + 70 * SECOND_US;
    for (let n = 0; n < 50; n++) {
      const events = [sampleNode({ tUs: tUs + n })];
      watch.view.write(events, applyEvents(watch.model, events));
    }
    expect(write).not.toHaveBeenCalled();
    watch.view.write([sampleEpisode({ tUs })], applyEvents(watch.model, [sampleEpisode({ tUs })]));
    expect(write).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(write).toHaveBeenCalledTimes(1);
  });

  it('gives the shell its screen back, with the kills on it', async () => {
    const watch = new Watch();
    ramp(watch);
    watch.view.tell('The page: http://127.0.0.1:7070/');
    expect(watch.line('The page')).toBe('The page: http://127.0.0.1:7070/');
    watch.write(sampleEpisode({ tUs: START_US + 61 * SECOND_US }));
    expect(watch.terminal.shell).toBe('');
    await watch.view.close();
    expect(watch.terminal.onOther).toBe(false);
    expect(watch.terminal.shell).toContain('hog (pid 812) was chosen to die');
    expect(watch.terminal.shell).toContain('on node-1');
  });

  it('says so where nothing is sampled, and lets no name from outside move the cursor', () => {
    const watch = new Watch();
    watch.write(sampleSession());
    expect(watch.line('kills only')).not.toBe('');
    watch.write(
      sampleCgroupLife({ path: '/a\x1b[2J\u202eb' }),
      sampleMemorySample({ cgroups: [sampleCgroupSample({ id: 42, usageBytes: MIB })] }),
    );
    expect(watch.terminal.screen.join('\n')).toContain('/a\\x1b[2J\\u{202e}b');
    // Nor does it claim that there is no pressure where none was looked for.
    expect(watch.line('202e')).toMatch(/–$/);
  });

  it('can be drawn with ASCII alone', () => {
    const watch = new Watch({ unicode: false });
    ramp(watch);
    expect(watch.terminal.screen.join('\n')).toMatch(/^[\n\x20-\x7e]*$/);
  });
});
