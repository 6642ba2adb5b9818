import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryScene } from '../support/memory-scene.js';
import { sceneSession, sidecarKill } from '../support/scenes.js';
import { Feed, launchBrowser, PageUnderTest } from './page-under-test.js';

const START_US = 1_000_000_000;
const TICK_US = 100_000;
const CGROUPS = 500;
const ORDINARY_CGROUPS = 60;

/** An hour takes some minutes of real time: `npm run measure:page`. By default less. */
const LOAD_MINUTES = Number(process.env['OOMSCOPE_LOAD_MINUTES'] ?? 4);

const TEN_MINUTES_TICKS = 6_000;
/** What timelines may take at most, a program, and all that is on the screen. */
const MOST_BYTES = 150 * 2 ** 20;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
});

interface Frames {
  readonly frames: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** Tasks of more than 50 ms, by the browser's own count. */
  readonly longTasks: readonly number[];
}

/** Watches the page's frames for some seconds while it goes on as it does. */
function watchFrames(page: Page, seconds: number): Promise<Frames> {
  return page.evaluate<Frames>(`new Promise((resolve) => {
    const gaps = [], longTasks = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longTasks.push(Math.round(entry.duration));
    });
    observer.observe({ type: 'longtask' });
    const start = performance.now();
    let last = start;
    const step = (now) => {
      gaps.push(now - last);
      last = now;
      if (now - start < ${seconds * 1000}) return requestAnimationFrame(step);
      observer.disconnect();
      gaps.sort((a, b) => a - b);
      const at = (share) => gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))];
      resolve({ frames: gaps.length, medianMs: at(0.5), p99Ms: at(0.99), slowestMs: at(1), longTasks });
    };
    requestAnimationFrame(step);
  })`);
}

/** When the page first painted something, in ms since it was asked for, by the browser's own clock. */
const FIRST_PAINT = `new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime))
  .observe({ type: 'paint', buffered: true }))`;

/** Bytes that JavaScript holds after everything that can go has gone. */
async function heapBytes(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  const usage: { usedSize: number; backingStorageSize?: number } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  // Typed arrays lie outside of the heap itself.
  return usage.usedSize + (usage.backingStorageSize ?? 0);
}

/** Of a page that is opened now, in words. */
async function openingTimes(url: string): Promise<string> {
  const startMs = performance.now();
  const { page, problems } = await PageUnderTest.open(browser, url);
  const paintMs = await page.evaluate<number>(FIRST_PAINT);
  await page.locator('.cgroup-row').first().waitFor();
  const dataMs = performance.now() - startMs;
  expect(problems).toEqual([]);
  await page.context().close();
  return `a page that is opened then paints first after ${paintMs.toFixed(0)} ms, and shows its first data after ${dataMs.toFixed(0)} ms`;
}

function tellFrames(what: string, { frames, medianMs, p99Ms, slowestMs, longTasks }: Frames): void {
  console.log(
    `${CGROUPS} cgroups at 10 Hz, ${what}: ${frames} frames, median ${medianMs.toFixed(1)} ms, ` +
      `99 % within ${p99Ms.toFixed(1)} ms, slowest ${slowestMs.toFixed(0)} ms; tasks over 50 ms: ${longTasks.length} (${longTasks.join(', ')})`,
  );
}

const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

it(`${CGROUPS} cgroups at 10 Hz stay smooth`, { timeout: 90_000 }, async () => {
  const feed = await Feed.start();
  const scene = memoryScene(CGROUPS, START_US);
  feed.write(sceneSession({ anchorEpochUs: Date.now() * 1000 }), ...scene.begin(START_US));
  const under = await PageUnderTest.open(browser, feed.url);
  let tick = 0;
  const timer = setInterval(() => feed.write(...scene.tick(START_US + tick++ * TICK_US)), 100);
  try {
    await under.page.getByText('12 of').waitFor();
    const calm = await watchFrames(under.page, 8);
    // The same while a hand moves through time.
    const box = await under.page.locator('.timeline .time-area').boundingBox();
    if (box === null) throw new Error('no timeline');
    const moving = watchFrames(under.page, 4);
    for (let step = 0; step < 60; step++) {
      await under.page.mouse.move(box.x + 100 + step * 8, box.y + 40);
      if (step % 6 === 0) await under.page.mouse.wheel(0, step % 12 === 0 ? -240 : 240);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    tellFrames('watched', calm);
    tellFrames('zoomed', await moving);
    // How fast a frame is depends on the machine; that they come does not.
    expect(calm.frames).toBeGreaterThan(80);
    expect(under.problems).toEqual([]);
  } finally {
    clearInterval(timer);
    await under.close();
    await feed.stop();
  }
});

it('the page comes up with its data at once, and holds no more memory the longer it is open', {
  timeout: 120_000 + LOAD_MINUTES * 30_000,
}, async () => {
  const feed = await Feed.start();
  const scene = memoryScene(CGROUPS, START_US);
  const endUs = START_US + LOAD_MINUTES * 60_000_000;
  feed.write(sceneSession({ anchorEpochUs: Date.now() * 1000 - (endUs - START_US) }), ...scene.begin(START_US));
  const under = await PageUnderTest.open(browser, feed.url);
  const { page } = under;
  await page.getByText('No kill yet.').waitFor();
  const ticks = LOAD_MINUTES * 600;
  const every = Math.min(Math.floor(ticks / 3), TEN_MINUTES_TICKS);
  const heaps: number[] = [];
  for (let tick = 0; tick < ticks; tick++) {
    const tUs = START_US + tick * TICK_US;
    feed.write(...scene.tick(tUs));
    if (tick % 600 === 300) feed.write(...sidecarKill(tUs));
    // The page takes it as fast as it can, and is asked now and then whether it still does.
    if (tick % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 60));
    if (tick % every === every - 1) {
      await expect.poll(() => page.locator('.kill-row').count(), { timeout: 20_000 }).toBeGreaterThan(0);
      heaps.push(await heapBytes(page));
    }
  }
  // What the page has to draw by now, at the pace of a real node.
  let tick = ticks;
  const timer = setInterval(() => feed.write(...scene.tick(START_US + tick++ * TICK_US)), 100);
  tellFrames(`after ${LOAD_MINUTES} min`, await watchFrames(page, 8));
  clearInterval(timer);

  const opening = await openingTimes(feed.url);
  console.log(`${LOAD_MINUTES} min of ${CGROUPS} cgroups at 10 Hz: heap ${heaps.map(mib).join(' → ')}; ${opening}`);
  const last = heaps.at(-1) ?? 0;
  expect(last).toBeLessThan(MOST_BYTES);
  // With so many cgroups the timelines are as long as they may be after half an hour.
  const [, , half] = heaps;
  if (LOAD_MINUTES > 30 && half !== undefined) expect(last).toBeLessThan(half * 1.1);
  expect(under.problems).toEqual([]);
  await under.close();
  await feed.stop();
});

it('the page comes up with its data on an ordinary node', { timeout: 60_000 }, async () => {
  const feed = await Feed.start();
  const scene = memoryScene(ORDINARY_CGROUPS, START_US);
  const endUs = START_US + 600_000_000;
  feed.write(sceneSession({ anchorEpochUs: Date.now() * 1000 - (endUs - START_US) }), ...scene.begin(START_US));
  for (let tUs = START_US; tUs < endUs; tUs += 1_000_000) feed.write(...scene.tick(tUs));
  feed.write(...sidecarKill(endUs));
  console.log(`ten minutes of ${ORDINARY_CGROUPS} cgroups at 1 Hz and a kill: ${await openingTimes(feed.url)}`);
  await feed.stop();
});
