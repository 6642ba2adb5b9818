import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../report/explain/html.js';
import { explainLog, isLog } from './explain-log.js';

const LOGS = fileURLToPath(new URL('../../test/fixtures/kernel-logs/', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../../test/golden/v1.mcap', import.meta.url));

describe('a kernel log', () => {
  it.each(readdirSync(LOGS).filter((name) => /\.(?:log|txt)$/.test(name)))(
    '%s is explained, and nobody is blamed for its kills',
    async (name) => {
      const path = `${LOGS}${name}`;
      expect(await isLog(path)).toBe(true);
      const explained = await explainLog(path);
      expect(explained.length).toBeGreaterThan(0);
      for (const { what, sentence } of explained) {
        expect(sentence.length).toBeGreaterThan(40);
        if (what.kind !== 'oom-kill' || what.verdict.culpritWords === null) continue;
        const isAskedFor = what.of.incident.episode?.sysrq === true;
        expect(what.verdict.culprit.kind).toBe(isAskedFor ? 'asked-for' : 'unknown');
        expect(sentence).toContain(isAskedFor ? 'No process caused it.' : 'Who caused it is unknown: ');
      }
      expect(renderHtml(explained.map(({ blocks }) => blocks))).not.toMatch(/undefined|NaN|\[object/);
    },
  );

  it('a trace is none', async () => {
    expect(await isLog(GOLDEN)).toBe(false);
    expect(await isLog('/nowhere.mcap')).toBe(false);
  });
});
