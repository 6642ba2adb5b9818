import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  sampleCgroupLife,
  sampleEpisode,
  sampleGap,
  sampleIdentity,
  sampleKill,
  sampleKube,
  sampleLoss,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNearMiss,
  sampleNode,
  samplePressure,
  sampleProcessSample,
  sampleReclaim,
  sampleSession,
  sampleThrottle,
  sampleVictim,
} from '../../test/support/sample-events.js';
import type { OomscopeEvent, Topic } from './event.js';
import { TOPICS } from './registry.js';

const SAMPLES = {
  '/session': sampleSession({
    programs: [{ name: 'p', state: 'attached', reason: null }],
    missing: [{ code: 'c', what: 'w', lost: 'l', remedy: 'r' }],
    adopted: { gapFromUs: 1, gapToUs: 2, how: 'adopted' },
    sampling: { how: 'iterator', calmUs: 1_000_000, hotUs: 10_000 },
  }),
  '/oom/episode': sampleEpisode(),
  '/oom/victim': sampleVictim(),
  '/identity': sampleIdentity(),
  '/kill': sampleKill(),
  '/kube': sampleKube(),
  '/loss': sampleLoss(),
  '/cgroup': sampleCgroupLife(),
  '/memory/sample': sampleMemorySample(),
  '/memory/stat': sampleMemoryStat(),
  '/node': sampleNode(),
  '/process': sampleProcessSample(),
  '/pressure': samplePressure(),
  '/reclaim': sampleReclaim(),
  '/throttle': sampleThrottle(),
  '/near-miss': sampleNearMiss(),
  '/gap': sampleGap(),
} satisfies Record<Topic, OomscopeEvent>;

function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => [field, ...fieldsOf(inner)]);
}

describe('docs/events.md', () => {
  const text = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');

  it('has a chapter for every topic, and no other', () => {
    const chapters = [...text.matchAll(/^## `(\/.+)`$/gm)].map((match) => match[1]);
    expect(chapters.toSorted()).toEqual(Object.keys(TOPICS).toSorted());
  });

  it('names every field of every event', () => {
    const unnamed = [...new Set(Object.values(SAMPLES).flatMap(fieldsOf))].filter(
      (field) => !text.includes(`\`${field}\``),
    );
    expect(unnamed).toEqual([]);
  });
});
