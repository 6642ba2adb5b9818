import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { groupKill, nodeKill, sceneSession, sidecarKill } from '../support/scenes.js';
import { type ServedReplay, serveReplay } from '../support/served-replay.js';
import { launchBrowser, PageUnderTest, uiDir } from './page-under-test.js';

const session = sceneSession();
const events = [
  session,
  ...groupKill(1_010_000_000),
  ...nodeKill(1_050_000_000),
  ...sidecarKill(1_090_000_000),
  // The trace goes on for a while after the last kill.
  { ...session, tUs: 1_100_000_000 },
];
const bootEpochUs = (session.anchorEpochUs ?? 0) - session.anchorBootUs;

let browser: Browser;
let served: ServedReplay;
let under: PageUnderTest;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  served = await serveReplay(events, uiDir);
  under = await PageUnderTest.open(browser, served.url);
  page = under.page;
  await page.getByRole('status').getByText('REPLAY').waitFor();
});

afterEach(async () => {
  await under.close();
  await served.stop();
  expect(under.problems, 'console errors, policy violations, requests elsewhere').toEqual([]);
});

const headline = () => page.getByRole('heading', { level: 1 });
const seek = (tUs: number) => page.getByRole('slider', { name: 'position' }).fill(String(bootEpochUs + tUs));

it('the replay of a server is played, stopped and searched for kills, with the mouse or the keys', async () => {
  await page.getByRole('button', { name: 'pause' }).click();
  await seek(1_060_000_000);
  await headline().getByText('batch-report (pid 2001)').waitFor();
  expect(await page.locator('.kill-row').count()).toBe(2);
  await under.screenshot('replay');

  // What came later is not known any more.
  await seek(1_020_000_000);
  await headline().getByText('worker-3 (pid 5003)').waitFor();
  expect(await page.locator('.kill-row').count()).toBe(1);

  await page.keyboard.press(']');
  await headline().getByText('batch-report (pid 2001)').waitFor();
  await page.getByRole('button', { name: 'next kill' }).click();
  await headline().getByText('vector (pid 4790)').waitFor();
  await page.getByRole('button', { name: 'next kill' }).click();
  await page.getByText('no later kill').waitFor();
  await page.getByRole('button', { name: 'next kill' }).blur();
  await page.keyboard.press('[');
  await headline().getByText('batch-report (pid 2001)').waitFor();

  await page.getByLabel('speed').selectOption('100×');
  await page.getByLabel('speed').blur();
  await page.keyboard.press(' ');
  await headline().getByText('vector (pid 4790)').waitFor();
  // At its end it stands still.
  await page.getByRole('button', { name: 'play' }).waitFor();
});

it('two pages of one server look at the same moment', async () => {
  const other = await PageUnderTest.open(browser, served.url);
  await page.getByRole('button', { name: 'pause' }).click();
  await seek(1_060_000_000);
  await other.page.getByRole('heading', { level: 1 }).getByText('batch-report (pid 2001)').waitFor();
  await other.page.getByRole('button', { name: 'play' }).waitFor();
  const position = (of: Page) => of.getByRole('slider', { name: 'position' }).inputValue();
  expect(await position(other.page)).toBe(await position(page));
  expect(other.problems).toEqual([]);
  await other.close();
});
