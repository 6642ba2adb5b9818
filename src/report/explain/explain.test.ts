import { describe, expect, it } from 'vitest';
import { calmKube, evictedKube, REPORT_POD, WEB_PATH, WEB_POD, webKill } from '../../../test/support/kube-scene.js';
import { ramp } from '../../../test/support/memory-tracks.js';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleKill,
  sampleNode,
  sampleProcess,
} from '../../../test/support/sample-events.js';
import { hugeKill, sceneSession, sidecarKill } from '../../../test/support/scenes.js';
import { visible } from '../../base/escape.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { KubeEvent } from '../../events/kube.js';
import type { SessionEvent } from '../../events/session.js';
import { type Explained, explain, explainUserKill } from './build.js';
import { type Case, CaseCollector } from './case.js';
import { renderHtml } from './html.js';
import { renderJson } from './json.js';
import { renderMarkdown } from './markdown.js';
import { renderText } from './text.js';

const START_US = 1_000_000_000;

function casesOf(...events: OomscopeEvent[]): Case[] {
  const collector = new CaseCollector();
  collector.know([]);
  collector.write([sceneSession(), ...events]);
  return collector.cases();
}

function onlyCase(...events: OomscopeEvent[]): Case {
  const [only] = casesOf(...events);
  if (only === undefined) throw new Error('no case');
  return only;
}

/** What a process and a cgroup may call themselves. */
const EVIL_NAMES = [
  '</title><script>',
  '"><img src=x>',
  '\u202egnp.exe',
  '\x1b[2J\x1b]0;x\x07',
  '`rm -rf`|a|**b**',
  '](javascript:x)',
  '\ufffd\ufffd\u0000',
  '# heading\n- [x] done @all',
];

function hostileCase(name: string): Case {
  const cgroupPath = `/pods/${name}`;
  const hog = sampleCandidate({ comm: name, cgroupPath });
  const other = sampleCandidate({ pid: 5, comm: `${name}2`, cgroupPath, rssAnonBytes: MIB });
  const limitCgroup = sampleCgroup({ path: cgroupPath });
  const episode = sampleEpisode({ candidates: [other, hog], choice: sampleChoice(hog), limitCgroup, trigger: other });
  const found = onlyCase({ ...episode, victimCgroup: limitCgroup });
  return { ...found, tracks: [ramp(cgroupPath, 5 * MIB, 90 * MIB, episode.episodeUs, 8)] };
}

describe('the report', () => {
  const found = onlyCase(...sidecarKill(START_US));
  const tracks = [
    ramp('/kubepods.slice', 2_000 * MIB, 4_096 * MIB, START_US, 60),
    ramp(found.incident.episode?.trigger?.cgroupPath ?? '', 900 * MIB, 2_900 * MIB, START_US, 60),
  ];
  const explained = explain({ ...found, tracks });
  const { blocks, sentence } = explained;

  it('begins with the sentence, and tells the same in every format', () => {
    expect(blocks.map(({ kind }) => kind).slice(0, 2)).toEqual(['title', 'lead']);
    const flat = (text: string) => text.replace(/\s+/g, ' ');
    expect(flat(renderText(blocks, 80))).toContain(flat(sentence));
    expect(renderHtml([blocks])).toContain(sentence);
    expect(renderMarkdown(blocks).replaceAll('\\', '')).toContain(sentence);
    expect(JSON.parse(renderJson([explained]))).toMatchObject({
      incidents: [{ sentence: sentence, culprit: { kind: 'cgroup', process: { comm: 'myapp' } } }],
    });
  });

  it('names the culprit, the victim and what the adj cost', () => {
    expect(sentence).toMatch(/^vector \(pid 4790\) was killed: .*kubepods.slice.* hit its limit of 4 GiB\./);
    expect(sentence).toMatch(/myapp \(pid 4711\) in .* grew 2\.0 GiB in the 1 min 0 s before and caused it\./);
    expect(sentence).toContain('its oom_score_adj of 1000 added 1,048,000 points');
    expect(sentence).toContain('Give myapp (pid 4711) a memory limit.');
  });

  it('tells in every format when the pressure ended', () => {
    const of = explain({ ...found, tracks, pressureAfter: { kind: 'ended', withinUs: 240_000, againUs: null } });
    const sentence = 'The pressure on /kubepods.slice ended within 240 ms of the kill.';
    expect(renderText(of.blocks, 200)).toContain(sentence);
    expect(renderHtml([of.blocks])).toContain(sentence);
    expect(renderMarkdown(of.blocks).replaceAll('\\', '')).toContain(sentence);
    expect(JSON.parse(renderJson([of]))).toMatchObject({
      incidents: [{ effect: { pressureAfter: { kind: 'ended', withinUs: 240_000 } } }],
    });
  });

  it('draws the timeline: as a picture in HTML, as a sparkline in text', () => {
    expect(renderHtml([blocks])).toMatch(/<svg viewBox[^>]*role="img" aria-label="[^"]*from 900 MiB to 2.8 GiB/);
    expect(renderText(blocks, 100)).toMatch(/[▂-█]{30,40} {2}2.0 GiB → 4 GiB {2}\/kubepods.slice/);
  });

  it('of a long ballot shows the beginning, the victim and how many more there are', () => {
    const { blocks: huge } = explain(onlyCase(...hugeKill(START_US, 3_000)));
    expect(renderText(huge, 100)).toContain('… and 2,990 more');
    expect(renderHtml([huge]).match(/<tr class/g)?.length).toBe(200);
  });

  it('keeps the lines of the text as wide as asked, save words that are wider', () => {
    const lines = renderText(explain(onlyCase(...sidecarKill(START_US))).blocks, 90).split('\n');
    const prose = lines.filter((line) => !/\s{2}\S/.test(line) && !line.includes('/kubepods'));
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(90);
  });
});

describe('what the API server told', () => {
  const epochUs = sceneSession().anchorEpochUs ?? 0;
  const told = calmKube(START_US - 20_000_000);
  const said = evictedKube(START_US + 20_000_000, START_US + 3_000_000, epochUs);
  // Both pods are gone by then, and kubelet's word is an hour old.
  const later = calmKube(START_US + 3_600_000_000, { pods: [] });

  const explained = explain(onlyCase(told, ...webKill(START_US), said, { ...later, tUs: later.tUs - 1 }, later));

  it('stands in the report as it was when the kill came, in every format, though the pods are gone', () => {
    const rows = [
      'owner: ReplicaSet shop/web-5b8c7d9f4',
      'memory: requests 128 MiB, limit 512 MiB (API server)',
      'culprit: container report of Job batch/report-28412: requests 64 MiB, no limit (API server)',
      'evicted: by kubelet, 3 s after the kill: The node was low on resource: memory. Threshold quantity: 100Mi',
      'pressure: the node reported MemoryPressure, first told 20 s after the kill',
    ];
    for (const row of rows) {
      expect(renderText(explained.blocks, 300)).toContain(row);
      expect(renderMarkdown(explained.blocks).replaceAll('\\', '')).toContain(row);
      const [label = '', text = ''] = row.split(/: (.*)/s);
      expect(renderHtml([explained.blocks])).toMatch(
        new RegExp(`<dt>${label}</dt>\\s*<dd>(?:<bdi>)?${text.replace(/[().]/g, '\\$&')}`),
      );
    }
    // What kubelet writes is longer than a line.
    const facts = renderText(explained.blocks, 90).split('\nincident: ')[1]?.split('\nCause\n')[0] ?? '';
    expect(facts).toContain('larger consumption of memory');
    expect(Math.max(...facts.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90);
    expect(JSON.parse(renderJson([explained]))).toMatchObject({
      incidents: [
        {
          kubernetes: {
            victim: { pod: WEB_POD.name, owner: WEB_POD.owner, container: { requestBytes: 128 * MIB } },
            culprit: { namespace: 'batch', owner: REPORT_POD.owner, container: { limitBytes: null } },
            trigger: null,
            eviction: { afterUs: 3_000_000 },
            memoryPressure: { afterUs: 20_000_000 },
          },
        },
      ],
    });
  });

  it('is not there where it was not asked', () => {
    const without = explain(onlyCase(...webKill(START_US)));
    const labels = without.blocks.flatMap((block) =>
      block.kind === 'facts' ? block.rows.map(([label]) => label) : [],
    );
    expect(labels).toEqual(['incident', 'node', 'kernel', 'pids', 'image']);
    expect(JSON.parse(renderJson([without]))).toMatchObject({ incidents: [{ kubernetes: null }] });
  });

  it('is not kept over a reboot, after which times begin anew', () => {
    const collector = new CaseCollector();
    collector.write([sceneSession(), told]);
    collector.know([sceneSession({ bootId: 'another' }), ...webKill(START_US)]);
    const [only] = collector.cases();
    expect(only?.told).toEqual([]);
  });

  it('makes an eviction of what a container runtime did, by what kubelet said of it', () => {
    const runc = sampleProcess({ pid: 60, comm: 'runc', cgroupPath: '/system.slice/containerd.service' });
    const target = sampleProcess({ comm: 'nginx', cgroupPath: WEB_PATH });
    const sender = { process: runc, commandLine: null, parentPid: 59, parentComm: 'containerd-shim' };
    const collector = new CaseCollector();
    collector.write([
      sceneSession(),
      told,
      sampleKill({ tUs: START_US, killUs: START_US, target, sender }),
      said,
      later,
    ]);
    const [only] = collector.userCases().map(explainUserKill);
    expect(only?.sentence).toContain('for kubelet: an eviction');
    const text = renderText(only?.blocks ?? [], 300);
    expect(text).toContain('memory: requests 128 MiB, limit 512 MiB (API server)');
    expect(text).toContain('the pod was evicted by kubelet, 3 s after the kill: The node was low on resource: memory.');
  });
});

/** What no line may hold: our own line breaks aside. */
function unsafeIn(text: string): string[] {
  return text.split('\n').filter((line) => visible(line) !== line);
}

/** The same name for all that the API server names. */
function hostileKube(name: string): KubeEvent {
  const owner = { kind: name, name };
  const [notice] = evictedKube(0, START_US, sceneSession().anchorEpochUs ?? 0).notices;
  if (notice === undefined) throw new Error('no notice');
  return calmKube(START_US - 20_000_000, {
    pods: [WEB_POD, REPORT_POD].map((pod) => ({ ...pod, owner, namespace: name, name })),
    conditions: [{ type: 'MemoryPressure', status: 'true', reason: name }],
    notices: [{ ...notice, namespace: name, name, message: name }],
  });
}

describe.each(EVIL_NAMES)('an owner like %j', (name) => {
  const { blocks } = explain(onlyCase(hostileKube(name), ...webKill(START_US)));

  it('stays text in every format', () => {
    expect(blocks.flatMap((block) => (block.kind === 'facts' ? block.rows.map(([label]) => label) : []))).toEqual(
      expect.arrayContaining(['owner', 'culprit', 'evicted', 'pressure']),
    );
    const page = renderHtml([blocks]);
    expect(page).not.toMatch(/<(?:script|img)/i);
    expect(unsafeIn(page.split('<main>')[1] ?? '')).toEqual([]);
    const markdown = renderMarkdown(blocks);
    expect(unsafeIn(markdown)).toEqual([]);
    const prose = markdown.replace(/^( *)(`{3,})\n[\s\S]*?\n\1\2$/gm, '');
    expect(prose).not.toMatch(/`{3}|<(?:script|img)|[^\\]\]\(|@all/);
    expect(unsafeIn(renderText(blocks, 100))).toEqual([]);
  });
});

describe.each(EVIL_NAMES)('a name like %j', (name) => {
  const explained = explain(hostileCase(name));
  const { blocks } = explained;

  it('stays text in HTML: no element, no attribute, no control is made from it', () => {
    const page = renderHtml([blocks]);
    expect(page).not.toMatch(/<(?:script|img)/i);
    expect([...page.matchAll(/<\/title>/g)]).toHaveLength(1);
    expect(unsafeIn(page.split('<main>')[1] ?? '')).toEqual([]);
    // Every tag is one that the report has itself.
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, tag]) => tag?.toLowerCase()));
    expect([...tags].filter((tag) => !KNOWN_TAGS.has(tag ?? ''))).toEqual([]);
  });

  it('stays text in Markdown and on the terminal', () => {
    const markdown = renderMarkdown(blocks);
    expect(unsafeIn(markdown)).toEqual([]);
    // Inside of a fence nothing is markup, and none of its lines can end it.
    const prose = markdown.replace(/^( *)(`{3,})\n[\s\S]*?\n\1\2$/gm, '');
    expect(prose).not.toMatch(/`{3}|<(?:script|img)|[^\\]\]\(|@all/);
    expect(markdown.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1);
    expect(unsafeIn(renderText(blocks, 100))).toEqual([]);
  });

  it('comes back whole from JSON', () => {
    const { incidents } = JSON.parse(renderJson([explained])) as { incidents: { victim: { comm: string } }[] };
    expect(incidents[0]?.victim.comm).toBe(name);
  });
});

const KNOWN_TAGS = new Set(
  [
    '!doctype',
    'html',
    'head',
    'meta',
    'title',
    'style',
    'body',
    'main',
    'article',
    'h1',
    'h2',
    'p',
    'ul',
    'li',
    'dl',
    'dt',
  ].concat(
    ['dd', 'section', 'pre', 'div', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'bdi', 'i', 'figure', 'figcaption'],
    ['svg', 'line', 'text', 'path'],
  ),
);

describe('cases', () => {
  it('are kills, each with the timelines before it', () => {
    const [first, second] = casesOf(...sidecarKill(START_US), ...hugeKill(START_US + 60_000_000, 3));
    expect([first?.incident.id, second?.incident.id]).toEqual([String(START_US), String(START_US + 60_000_000)]);
    expect(first?.incident.victims).toHaveLength(1);
  });
});

describe('a kill by user space', () => {
  const target = sampleProcess({ comm: 'java', cgroupPath: '/kubepods/burstable/pod1/app' });

  /** runc ends java while kubelet sees 60 MiB. */
  function explained(over: Partial<SessionEvent> = {}): Explained {
    const runc = sampleProcess({ pid: 60, comm: 'runc', cgroupPath: '/system.slice/containerd.service' });
    const sender = { process: runc, commandLine: null, parentPid: 59, parentComm: 'containerd-shim' };
    const kill = { killUs: START_US, target };
    const collector = new CaseCollector();
    collector.know([]);
    collector.write([
      sceneSession(over),
      sampleNode({ tUs: START_US - 500_000, kubeletAvailableBytes: 60 * MIB }),
      sampleKill({ ...kill, tUs: START_US, sender }),
      sampleKill({ ...kill, tUs: START_US + 1, step: 'delivered' }),
    ]);
    const [only] = collector.userCases().map(explainUserKill);
    if (only === undefined) throw new Error('no case');
    return only;
  }

  it('is a report of its own: by whom, how sure that is, and by what', () => {
    const eviction = explained();
    expect(eviction.sentence).toContain('java (pid 812) was killed by runc (pid 60) for kubelet: an eviction');
    const text = renderText(eviction.blocks, 200);
    expect(text).toContain('memory.available was 60 MiB, the hard eviction line is 100 MiB');
    expect(text).toContain('java (pid 812): hog --anon 80M');
    expect(JSON.parse(renderJson([eviction]))).toMatchObject({
      incidents: [{ kind: 'user-kill', cause: { kind: 'eviction', confidence: 'likely' } }],
    });
  });

  it('is no eviction where memory was above the line that kubelet has, whatever its default is', () => {
    const stop = explained({ eviction: { hardBytes: 50 * MIB, softBytes: null, source: '--eviction-hard' } });
    expect(stop.sentence).not.toContain('an eviction');
    expect(renderText(stop.blocks, 200)).toContain('the hard eviction line is 50 MiB');
  });
});
