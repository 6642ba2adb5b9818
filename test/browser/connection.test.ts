import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryScene } from '../support/memory-scene.js';
import { hugeKill, nodeKill, sceneSession, sidecarKill } from '../support/scenes.js';
import { Feed, launchBrowser, PageUnderTest, shownText } from './page-under-test.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
});

/** The browser itself reports each failed try on the console. */
const EXPECTED_WHILE_AWAY = /WebSocket connection to .* failed/;

it('a lost connection is told at once, comes back by itself, and the past stays', async () => {
  const feed = await Feed.start();
  const anchorEpochUs = Date.now() * 1000 - 120_000_000;
  feed.write(sceneSession({ anchorEpochUs }), ...nodeKill(1_050_000_000));
  const under = await PageUnderTest.open(browser, feed.url);
  const { page } = under;
  await page.locator('#kill-0').waitFor();

  await feed.stop();
  await page.getByText('NOT LIVE').waitFor();
  await page.getByText('What is shown is from before.').waitFor();
  await page.getByText('(oomscope has ended)').waitFor();
  expect(await shownText(page.getByRole('heading', { level: 1 }))).toContain('batch-report (pid 2001)');
  await under.screenshot('lost');

  await feed.restart();
  await page.getByRole('status').getByText('● LIVE').waitFor({ timeout: 15_000 });
  feed.write(sceneSession({ anchorEpochUs }), ...sidecarKill(1_090_000_000));
  await page.locator('#kill-1').waitFor();
  expect(await page.locator('.kill-row .comm').allInnerTexts()).toEqual(['vector', 'batch-report']);
  expect(under.problems.filter((problem) => !EXPECTED_WHILE_AWAY.test(problem))).toEqual([]);
  await under.close();
  await feed.stop();
});

it('ten thousand candidates are shown, scrolled and walked through without lag', async () => {
  const feed = await Feed.start();
  feed.write(sceneSession());
  const under = await PageUnderTest.open(browser, feed.url);
  const { page } = under;
  await page.getByText('No kill yet.').waitFor();
  const startMs = performance.now();
  feed.write(...hugeKill(1_060_000_000, 10_000));
  await page.locator('#candidate-0').waitFor();
  const shownMs = performance.now() - startMs;
  expect(await shownText(page.locator('#candidate-0'))).toContain('✕ victim');
  expect(await page.locator('.ballot .row').count()).toBeLessThan(60);

  const list = page.getByRole('listbox', { name: '10,000 candidates' });
  await list.focus();
  await page.keyboard.press('End');
  await page.locator('#candidate-9999').waitFor();
  // A jump on each frame through all of it: how long do the frames take?
  const slowestMs = await page.evaluate<number>(`new Promise((resolve) => {
    const rows = document.querySelector('.ballot .rows');
    let last = performance.now(), slowest = 0, frame = 0;
    const step = (now) => {
      slowest = Math.max(slowest, now - last);
      last = now;
      rows.scrollTop = (frame / 60) * rows.scrollHeight;
      if (++frame > 60) resolve(slowest);
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`);
  await under.screenshot('huge');
  console.log(`10,000 candidates: on screen after ${shownMs.toFixed(0)} ms, slowest frame ${slowestMs.toFixed(0)} ms`);
  expect(shownMs).toBeLessThan(3_000);
  expect(slowestMs).toBeLessThan(500);
  expect(under.problems).toEqual([]);
  await under.close();
  await feed.stop();
});

it('what nobody told while the server was away is a gap, and what was told before and after stands once', async () => {
  const startUs = 1_000_000_000;
  const anchorEpochUs = Date.now() * 1000 - 100_000_000;
  const feed = await Feed.start();
  const scene = memoryScene(20, startUs);
  const tell = (fromSecond: number, toSecond: number) => {
    for (let tick = fromSecond * 10; tick < toSecond * 10; tick++) feed.write(...scene.tick(startUs + tick * 100_000));
  };
  feed.write(sceneSession({ anchorEpochUs }), ...scene.begin(startUs));
  const under = await PageUnderTest.open(browser, feed.url);
  const { page } = under;
  await page.getByText('No kill yet.').waitFor();
  tell(0, 30);
  feed.write(...nodeKill(startUs + 20_000_000));
  await page.locator('#kill-0').waitFor();
  expect(await page.getByText(/, \d+ gaps?/).count()).toBe(0);

  await feed.stop();
  await page.getByText('NOT LIVE').waitFor();
  await feed.restart();
  feed.write(sceneSession({ anchorEpochUs }), ...scene.begin(startUs + 60_000_000));
  tell(60, 90);
  feed.write(...sidecarKill(startUs + 85_000_000));
  await page.getByRole('status').getByText('● LIVE').waitFor({ timeout: 15_000 });
  await page.locator('#kill-1').waitFor();
  expect(await page.locator('.kill-row .comm').allInnerTexts()).toEqual(['vector', 'batch-report']);
  await page.getByRole('group', { name: /^The node over time: 2 kills, .* 1 gap of 30 s/ }).waitFor();
  await under.screenshot('gap');
  expect(under.problems.filter((problem) => !EXPECTED_WHILE_AWAY.test(problem))).toEqual([]);
  await under.close();
  await feed.stop();
});
