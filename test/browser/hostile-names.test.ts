import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OomscopeEvent } from '../../src/events/event.js';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleCgroupLife,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleChoice,
  sampleEpisode,
  sampleIdentity,
  sampleKill,
  sampleKube,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNearMiss,
  sampleNode,
  sampleProcess,
  sampleProcessRow,
  sampleProcessSample,
  sampleVictim,
} from '../support/sample-events.js';
import { sceneSession } from '../support/scenes.js';
import { Feed, launchBrowser, PageUnderTest, shownText } from './page-under-test.js';

const START_US = 1_000_000_000;

/** What a process (up to 15 bytes), a cgroup, a host or a pod may call itself. */
const NAMES = {
  'HTML with a script': '<img src=x onerror=hacked()>"\'<script>hacked()</script><b>x</b>',
  'marks that turn the text around': '\u202egpj.\u2066exe\u2069\u200f\u061c',
  // The kernel's bytes are decoded as UTF-8: each that is none is a U+FFFD.
  'sixteen bytes that are no UTF-8': '\ufffd'.repeat(16),
  'controls of a terminal, a line end, no visible character': '\x1b[2J\x1b]0;x\x07\n\u2028\u200b\u00ad',
} as const;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

/** A minute of a node and a kill in it, with the name wherever there is one. */
function nodeOf(name: string): OomscopeEvent[] {
  const killUs = START_US + 60_000_000;
  const anchorEpochUs = Date.now() * 1000 - 120_000_000;
  const path = `/system.slice/${name}`;
  const uid = '3f1c2b4a-0001-4000-8000-00000000000a';
  const container = 'a'.repeat(64);
  const podPath = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${container}.scope`;
  const where = { comm: name, cgroupId: 5, cgroupPath: path };
  const inPod = { cgroupId: 6, cgroupPath: podPath };
  const owner = { kind: name, name };
  const named = { uid, namespace: name, name, owner };
  const hog = sampleCandidate({ ...where, ...inPod, pid: 7, adj: 900 });
  const other = sampleCandidate({ ...where, pid: 8, adj: -200, rssAnonBytes: 90 * MIB });
  const limitCgroup = sampleCgroup({ id: 5, path, level: 2 });
  const trigger = sampleProcess({ ...where, pid: 8, tid: 8 });
  const seconds = Array.from({ length: 60 }, (_, second) => second);
  return [
    sceneSession({
      anchorEpochUs,
      hostname: name,
      kernelRelease: name,
      eviction: { hardBytes: 100 * MIB, softBytes: null, source: name },
      programs: [{ name, state: 'failed', reason: name }],
      missing: [{ code: name, what: name, lost: name, remedy: name }],
    }),
    sampleIdentity({
      tUs: START_US,
      podUid: uid,
      namespace: name,
      pod: name,
      containers: [{ id: container, name, image: name, memoryLimitBytes: null }],
    }),
    ...[
      { id: 5, path },
      { id: 6, path: podPath },
    ].map((cgroup) => sampleCgroupLife({ ...cgroup, tUs: START_US, change: 'present', level: 2 })),
    ...seconds.flatMap((second): OomscopeEvent[] => {
      const tUs = START_US + second * 1_000_000;
      const anonBytes = (10 + second) * MIB;
      const ids = [5, 6];
      return [
        sampleMemorySample({ tUs, cgroups: ids.map((id) => sampleCgroupSample({ id, usageBytes: anonBytes + MIB })) }),
        sampleMemoryStat({ tUs, cgroups: ids.map((id) => sampleCgroupStat({ id, anonBytes })) }),
        sampleNode({ tUs, kubeletAvailableBytes: 900 * MIB }),
        sampleProcessSample({
          ...{ tUs, processesSeen: 2, whyProc: name },
          processes: [7, 8].map((pid) => sampleProcessRow({ comm: name, pid, cgroupId: 5 })),
          cgroups: [{ id: 5, maxBytes: 100 * MIB, swapMaxBytes: 'max', oomGroup: false }],
        }),
      ];
    }),
    sampleKube({
      ...{ tUs: START_US, node: name, conditions: [{ type: 'MemoryPressure', status: 'true', reason: name }] },
      pods: [{ ...named, containers: [{ id: container, name, requestBytes: MIB, limitBytes: null }] }],
      notices: [
        {
          kind: 'Pod',
          namespace: name,
          name,
          reason: 'Evicted',
          message: name,
          atUs: anchorEpochUs + 60_000_000,
          count: 1,
        },
      ],
    }),
    sampleNearMiss({ tUs: killUs - 20_000_000, cgroupId: 5 }),
    ...(['sent', 'delivered', 'exited'] as const).map((step, index) =>
      sampleKill({
        ...{ tUs: killUs - 10_000_000 + index, killUs: killUs - 10_000_000, step, commandLine: name },
        ...{ target: sampleProcess({ ...where, pid: 30 }), killedCgroup: { id: 5, path } },
        sender:
          step === 'sent'
            ? { process: sampleProcess({ ...where, pid: 31 }), commandLine: name, parentPid: 1, parentComm: name }
            : null,
      }),
    ),
    sampleVictim({ tUs: killUs, episodeUs: killUs, tid: 7, process: sampleProcess({ ...where, ...inPod, pid: 7 }) }),
    sampleEpisode({
      ...{ episodeUs: killUs, tUs: killUs + 100, candidates: [hog, other], choice: sampleChoice(hog), trigger },
      ...{ limitCgroup, limitAncestors: [sampleCgroup({ id: 4, path: `/${name}`, level: 1 })] },
      ...{ victimCgroup: limitCgroup, triggerCgroup: limitCgroup },
    }),
  ];
}

/** Elements that a name has made, and texts and attributes with a character that a name must not bring along. */
function harm(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const unsafe = /\\p{Bidi_Control}|[\\u200b\\u00ad\\u2028]|(?![\\n\\t])\\p{Cc}/u;
    const found = [...document.querySelectorAll('body img, #app script, main script, #app b, main b, [onerror]')]
      .map((element) => 'an element: ' + element.outerHTML.slice(0, 80));
    const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode())
      if (unsafe.test(node.data)) found.push('a text: ' + JSON.stringify(node.data.slice(0, 80)));
    for (const element of document.querySelectorAll('*'))
      for (const { name, value } of element.attributes)
        if (unsafe.test(value)) found.push('an attribute: ' + name + '=' + JSON.stringify(value.slice(0, 80)));
    if (unsafe.test(document.title)) found.push('the title: ' + JSON.stringify(document.title));
    if (window.wasHacked) found.push('a name ran as a script');
    return found;
  })()`);
}

describe.each(Object.entries(NAMES))('%s, as the name of everything', (_what, name) => {
  it('does nothing and hides nothing, in each view and in the report that is taken away', {
    timeout: 60_000,
  }, async () => {
    const feed = await Feed.start();
    feed.write(...nodeOf(name));
    const under = await PageUnderTest.open(browser, feed.url);
    const { page } = under;
    await page.evaluate('window.hacked = () => { window.wasHacked = true; }');
    page.on('dialog', () => under.problems.push('a name opened a dialog'));
    await page.locator('#candidate-1').waitFor();
    await page.locator('.cgroup-row').first().waitFor();
    await page.locator('.before').first().waitFor();
    for (const summary of await page.locator('summary').all()) if (await summary.isVisible()) await summary.click();
    await page
      .getByRole('button', { name: /^turns at/ })
      .first()
      .click();
    expect(await harm(page), 'the incident').toEqual([]);
    const facts = await page.locator('.victim-facts dt').allInnerTexts();
    expect(facts, 'the name of its owner and what kubelet said are there').toEqual(
      expect.arrayContaining(['owner', 'memory', 'evicted', 'pressure']),
    );
    const titles = await page.evaluate<string[]>("[...document.querySelectorAll('.mark')].map((mark) => mark.title)");
    expect(titles, 'what the timeline says where the pointer rests').toHaveLength(3);
    await page.locator('.kill-row').nth(1).click();
    await page
      .getByRole('heading', { level: 1 })
      .getByText(/pid 30/)
      .waitFor();
    expect(await harm(page), 'a kill by user space').toEqual([]);
    for (const other of await page.getByRole('tab', { selected: false }).all()) {
      await other.click();
      expect(await harm(page), 'a tab').toEqual([]);
    }
    await page.getByLabel('a trace or a log to open').setInputFiles({
      name: `${name.replace(/[/\\]/g, '')}.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from('nothing'),
    });
    await page.getByRole('alert').waitFor();
    expect(await harm(page), 'a file that is refused').toEqual([]);
    expect(await page.title()).toContain('oomscope');
    await under.screenshot('hostile');

    const report = await (
      await fetch(`${feed.url.replace(/\/$/, '')}/api/incidents/${START_US + 60_000_000}.html`)
    ).text();
    await page.route('**/taken-away.html', (route) => route.fulfill({ body: report, contentType: 'text/html' }));
    await page.goto(`${feed.url.replace(/\/$/, '')}/taken-away.html`);
    expect(await shownText(page.locator('body'))).toContain('was killed');
    expect(await harm(page), 'the report').toEqual([]);
    expect(under.problems).toEqual([]);
    await under.close();
    await feed.stop();
  });
});
