import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryScene } from '../support/memory-scene.js';
import { sceneSession, sidecarKill } from '../support/scenes.js';
import { earlyoomKill, oomdKill, runtimeStop, shellKill } from '../support/user-kill-scenes.js';
import { Feed, launchBrowser, PageUnderTest, shownText } from './page-under-test.js';

const START_US = 1_000_000_000;
const at = (second: number) => START_US + second * 1_000_000;

let browser: Browser;
let feed: Feed;

beforeAll(async () => {
  browser = await launchBrowser();
  feed = await Feed.start();
  const scene = memoryScene(20, START_US);
  feed.write(sceneSession({ anchorEpochUs: Date.now() * 1000 }), ...scene.begin(START_US));
  for (let second = 0; second <= 100; second++) feed.write(...scene.tick(at(second)));
  feed.write(...oomdKill(at(20)), ...earlyoomKill(at(40)), ...runtimeStop(at(50)), ...sidecarKill(at(60)));
  feed.write(...shellKill(at(80)));
});

afterAll(async () => {
  await browser.close();
  await feed.stop();
});

const texts = async (under: PageUnderTest) =>
  (await under.page.locator('.kill-row').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));

describe('kills by user space', () => {
  it('stand among those by the kernel, each told apart by who did it; ordinary stops on demand', async () => {
    const under = await PageUnderTest.open(browser, feed.url);
    const { page } = under;
    await page.getByText('4 kills', { exact: true }).waitFor();
    const rows = await texts(under);
    expect(rows).toEqual([
      expect.stringMatching(/^stuck .* ⊘ user space SIGKILL by bash \/system.slice\/stuck.service$/),
      expect.stringMatching(/^vector .* limit of 4 GiB/),
      expect.stringMatching(/^legacy-agent .* ⊘ user space earlyoom/),
      expect.stringMatching(/^csv-import \+2 .* ⊘ user space systemd-oomd/),
    ]);
    await page.getByLabel('also 1 ordinary stop (SIGTERM, container runtimes)').check();
    await expect.poll(async () => (await texts(under))[2]).toMatch(/^myapp .* ⊘ user space stopped by runc/);
    await under.close();
  });

  it('are marks on the timeline, which lead to them', async () => {
    const under = await PageUnderTest.open(browser, feed.url);
    const { page } = under;
    await expect.poll(() => page.locator('.mark.is-by-user').count()).toBe(3);
    await page.getByText('⊘ killed by user space').waitFor();
    await page.getByRole('group', { name: /^The node over time: 4 kills \(3 by user space\)/ }).waitFor();
    await page.locator('.mark.is-by-user').first().click();
    await page.getByRole('heading', { level: 1 }).getByText('csv-import (pid 2101) and 2 other processes').waitFor();
    await under.close();
  });

  it.each(['light', 'dark'] as const)(
    'tell who did it, whom it hit and how sure that is, in %s',
    async (colorScheme) => {
      const under = await PageUnderTest.open(browser, feed.url, { colorScheme });
      const { page } = under;
      await page.locator('.kill-row', { hasText: 'csv-import' }).click();
      const kill = page.getByRole('article', { name: 'the chosen incident' });
      await kill.getByText(/by systemd-oomd \(pid 610\), which ends cgroups under memory pressure\./).waitFor();
      const text = await shownText(kill);
      for (const part of [
        "The kernel's OOM killer had no part in it",
        '/usr/lib/systemd/systemd-oomd',
        'systemd (pid 1)',
        '3 processes of /system.slice/csv-import.service',
        '912 MiB: anon 900 MiB, file 12 MiB',
        'csv-import --port 2102',
        'SIGKILL, by cgroup.kill',
        'exited',
        'the cause is certain',
        'Its cgroup is /system.slice/systemd-oomd.service',
      ]) {
        expect(text.toLowerCase()).toContain(part.toLowerCase());
      }
      // What led to it: the memory of what was killed.
      await kill.locator('.before canvas').first().waitFor();
      await kill.getByText('Raw fields').click();
      await kill.getByText('killedCgroup.path', { exact: true }).waitFor();
      await under.screenshot(`user-kill-${colorScheme}`);
      expect(await under.seriousProblems()).toEqual([]);
      expect(await under.overflowPx()).toBe(0);
      expect(under.problems).toEqual([]);
      await under.close();
    },
  );

  it('come as a report and a trace from the server too', async () => {
    const id = `k${at(20)}-2101`;
    const report = await fetch(new URL(`api/incidents/${id}.html`, feed.url));
    expect(report.status).toBe(200);
    expect(await report.text()).toContain('systemd-oomd (pid 610)');
    expect((await fetch(new URL(`api/incidents/${id}.mcap`, feed.url))).status).toBe(200);
    expect((await fetch(new URL('api/incidents/k1-1.html', feed.url))).status).toBe(404);
  });
});
