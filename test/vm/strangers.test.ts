import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../browser/page-under-test.js';
import { get, UPGRADE, WebClient } from '../support/web-client.js';
import { KillStream } from './harness/kill-stream.js';
import { leftOf, NOTHING_LEFT } from './harness/leftovers.js';
import { Recording } from './harness/recording.js';
import { describeOnOneKernel } from './harness/vm.js';

/** What a page of another site tries; prints what it got. */
function hostilePage(target: string): string {
  return `<!doctype html><meta charset="utf-8"><title>another site</title><pre></pre><script>
    const say = (text) => document.querySelector('pre').append(text + '\\n');
    const socket = new WebSocket('${target.replace('http', 'ws')}/ws', 'oomscope.v1');
    socket.onopen = () => say('socket open');
    socket.onmessage = () => say('socket message');
    socket.onclose = ({ code }) => say('socket closed ' + code);
    fetch('${target}/api/incidents').then(async (answer) => say('read ' + await answer.text()), () => say('not read'));
  </script>`;
}

describeOnOneKernel('strangers at the door of a recording', (vm) => {
  let recording: Recording;
  const port = () => vm().pagePort ?? Number.NaN;
  beforeAll(async () => {
    recording = await Recording.start(vm(), ['--port', '7070', '--public-url', `http://127.0.0.1:${port()}`]);
  });
  afterAll(async () => {
    await recording.stop();
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it('bytes that are no message cost their sender the connection, and nobody else a kill', async () => {
    const reader = new WebClient(port());
    await reader.opened;
    const [garbage, talker, giant] = [new WebClient(port()), new WebClient(port()), new WebClient(port())];
    await Promise.all([garbage, talker, giant].map(({ opened }) => opened));
    garbage.tcp.write(Buffer.from('ffff00ff00ff', 'hex'));
    talker.socket.send('who was killed?');
    giant.socket.send(Buffer.alloc(1_000_000));

    const reason = expect.stringMatching(/^E_BAD_MESSAGE: /);
    expect(await garbage.closed).toEqual({ code: 1002, reason });
    expect(await talker.closed).toEqual({ code: 1003, reason });
    expect(await giant.closed).toEqual({ code: 1009, reason });
    const killed = await KillStream.run(vm(), 1);
    await expect.poll(() => reader.topics()).toContain('/oom/episode');
    const episode = reader.items.flatMap((item) =>
      item.kind === 'event' && item.event.topic === '/oom/episode' ? [item.event] : [],
    );
    expect(episode.map(({ choice }) => choice?.process.pid)).toEqual(killed.map(({ pid }) => pid));
    reader.socket.close();
  });

  it('a page of another origin and a name that was bound to this address are refused by name', async () => {
    const foreign = { origin: 'http://elsewhere.example' };
    expect(await get(port(), '/api/incidents', foreign)).toMatchObject({
      status: 403,
      body: expect.stringMatching(/^E_BAD_ORIGIN: .+\n$/),
    });
    const own = { host: `127.0.0.1:${port()}` };
    const upgrade = await get(port(), '/ws', { ...UPGRADE, ...own, ...foreign });
    expect(upgrade).toMatchObject({ status: 403, body: expect.stringMatching(/^E_BAD_ORIGIN: .+\n$/) });
    const rebound = await get(port(), '/api/incidents', { host: `elsewhere.example:${port()}` });
    expect(rebound).toMatchObject({ status: 403, body: expect.stringMatching(/^E_BAD_HOST: .+\n$/) });
  });

  it('a browser on a page of another site reads nothing', async () => {
    const target = `http://127.0.0.1:${port()}`;
    const site = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end(hostilePage(target)),
    );
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
      const told = () => page.locator('pre').innerText();
      await expect
        .poll(async () => (await told()).trim().split('\n').sort())
        .toEqual(['not read', 'socket closed 1006']);
      // And not since nobody was there.
      expect((await fetch(`${target}/healthz`)).status).toBe(200);
    } finally {
      await browser.close();
      site.close();
    }
  });
});
