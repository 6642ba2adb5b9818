import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupKill, nodeKill, sceneSession, sidecarKill } from '../support/scenes.js';
import { Feed, launchBrowser, PageUnderTest } from './page-under-test.js';

let browser: Browser;
let feed: Feed;

beforeAll(async () => {
  browser = await launchBrowser();
  feed = await Feed.start();
  feed.write(sceneSession({ anchorEpochUs: Date.now() * 1000 - 120_000_000 }));
});

afterAll(async () => {
  await browser.close();
  await feed.stop();
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it('axe finds nothing serious, neither while nobody was killed nor after', async () => {
    const under = await PageUnderTest.open(browser, feed.url, { colorScheme });
    if (feed.model.incidents.length === 0) {
      await under.page.getByText('No kill yet.').waitFor();
      expect(await under.seriousProblems()).toEqual([]);
      feed.write(...groupKill(1_010_000_000), ...nodeKill(1_050_000_000), ...sidecarKill(1_090_000_000));
    }
    await under.page.locator('#candidate-2').waitFor();
    await under.page.getByText('Raw fields').click();
    await under.page.getByText('This session:').click();
    expect(await under.seriousProblems()).toEqual([]);
    await under.close();
  });

  it.each([
    [360, 780],
    [768, 1024],
    [1440, 900],
    [2560, 1440],
  ])('at %i px nothing sticks out, and on a wide screen all is in sight', async (width, height) => {
    const under = await PageUnderTest.open(browser, feed.url, { colorScheme, viewport: { width, height } });
    const { page } = under;
    await page.locator('#candidate-2').waitFor();
    await under.screenshot(`whole-${colorScheme}-${width}`);
    expect(await under.overflowPx()).toBe(0);
    if (width >= 1024) {
      expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(height);
      for (const part of ['.top-bar', '.timeline', '.list', 'main']) {
        const box = await page.locator(part).boundingBox();
        expect(box !== null && box.y >= 0 && box.y + box.height <= height, part).toBe(true);
      }
    }
    await under.close();
  });
});

it('a kill on the timeline is where it was, and leads to it', async () => {
  const under = await PageUnderTest.open(browser, feed.url);
  const { page } = under;
  const marks = page.locator('.mark');
  await expect.poll(() => marks.count()).toBe(3);
  const [first, second, third] = await Promise.all([0, 1, 2].map((n) => marks.nth(n).boundingBox()));
  // They are 40 s apart.
  expect((second?.x ?? 0) - (first?.x ?? 0)).toBeCloseTo((third?.x ?? 0) - (second?.x ?? 0), 0);
  await marks.first().click();
  await page.getByRole('heading', { level: 1 }).getByText('worker-3 (pid 5003)').waitFor();

  // Closer by the keys: the others leave the picture, and come back when all is asked for.
  await page.getByRole('group', { name: /^The node over time: 3 kills/ }).focus();
  for (let turn = 0; turn < 6; turn++) await page.keyboard.press('+');
  await expect.poll(() => marks.count()).toBeLessThan(3);
  await page.keyboard.press('0');
  await expect.poll(() => marks.count()).toBe(3);
  expect(under.problems).toEqual([]);
  await under.close();
});
