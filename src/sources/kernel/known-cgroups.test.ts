import { describe, expect, it } from 'vitest';
import { type FoundCgroup, KnownCgroups } from './known-cgroups.js';

const ROOT: FoundCgroup = { id: 1, path: '/', level: 0 };
const APP: FoundCgroup = { id: 7, path: '/pods/app', level: 2 };

function known() {
  const heard: (readonly [number, string | null])[] = [];
  const box = new KnownCgroups((id, path) => heard.push([id, path]));
  return { box, heard };
}

const life = (change: 'appeared' | 'vanished' | 'renamed', { id, path, level }: FoundCgroup) =>
  ({ kind: 'cgroup-life', tUs: 9, change, id, path, level }) as const;

describe('the cgroups that are known', () => {
  it('are present at the first look, and have appeared when a later one finds them', () => {
    const { box, heard } = known();
    expect(box.found([ROOT], 5, true)).toEqual([{ topic: '/cgroup', tUs: 5, change: 'present', ...ROOT }]);
    expect(box.found([ROOT, APP], 6, false)).toEqual([{ topic: '/cgroup', tUs: 6, change: 'appeared', ...APP }]);
    expect(heard).toEqual([
      [1, '/'],
      [7, '/pods/app'],
    ]);
  });

  it('are told once, though both the look and the kernel know them', () => {
    const { box } = known();
    box.found([ROOT, APP], 5, true);
    expect(box.take(life('appeared', APP))).toEqual([]);
  });

  it('have vanished by their name, also when nobody had seen them', () => {
    const { box, heard } = known();
    expect(box.take(life('vanished', APP))).toEqual([{ topic: '/cgroup', tUs: 9, change: 'vanished', ...APP }]);
    expect(heard).toEqual([]);
    box.take(life('appeared', APP));
    box.take(life('vanished', APP));
    expect(heard).toEqual([
      [7, '/pods/app'],
      [7, null],
    ]);
  });

  it('that a later look misses have vanished', () => {
    const { box } = known();
    box.found([ROOT, APP], 5, true);
    expect(box.found([ROOT], 6, false)).toMatchObject([{ change: 'vanished', id: 7, path: '/pods/app' }]);
  });

  it('take along what lies below them when they are renamed', () => {
    const { box, heard } = known();
    const pods = { id: 3, path: '/pods', level: 1 };
    box.found([ROOT, pods, APP, { id: 8, path: '/pods2', level: 1 }], 5, true);
    heard.length = 0;
    expect(box.take(life('renamed', { ...pods, path: '/containers' }))).toMatchObject([
      { change: 'renamed', id: 3, path: '/containers' },
      { change: 'renamed', id: 7, path: '/containers/app' },
    ]);
    expect(heard).toEqual([
      [3, '/containers'],
      [7, '/containers/app'],
    ]);
  });
});
