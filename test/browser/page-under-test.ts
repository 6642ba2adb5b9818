import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { incidentFileMaker } from '../../src/commands/incident-file.js';
import type { OomscopeEvent } from '../../src/events/event.js';
import { applyEvents, initialModel } from '../../src/model/fold.js';
import type { Model } from '../../src/model/model.js';
import { FlightRecorder } from '../../src/sinks/flight-recorder.js';
import { startWebServer, type WebServer } from '../../src/sinks/websocket/server.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The page as it was built. */
export const uiDir = `${root}dist/ui`;
const screenshotDir = process.env['OOMSCOPE_SCREENSHOTS'] ?? `${root}build/screenshots`;

const axeScript = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(`${uiDir}/index.html`)) throw new Error('The page is not built: run `npm run build:page` first.');
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The real server, fed by hand instead of by a kernel. */
export class Feed {
  #model: Model = initialModel;
  #server: WebServer;
  readonly #port: number;

  private constructor(server: WebServer) {
    this.#server = server;
    this.#port = Number(new URL(server.url).port);
  }

  static async start(): Promise<Feed> {
    return new Feed(await startServer(0));
  }

  get url(): string {
    return this.#server.url;
  }

  get model(): Model {
    return this.#model;
  }

  write(...events: OomscopeEvent[]): void {
    this.#model = applyEvents(this.#model, events);
    this.#server.write(events, this.#model);
  }

  async stop(): Promise<void> {
    await this.#server.close();
  }

  /** Comes back on the same port, as a new process would: it knows nothing of what was. */
  async restart(): Promise<void> {
    this.#model = initialModel;
    this.#server = await startServer(this.#port);
  }
}

/** As `oomscope live` starts it. */
function startServer(port: number): Promise<WebServer> {
  const past = new FlightRecorder();
  return startWebServer({ host: '127.0.0.1', port, uiDir, makeFile: incidentFileMaker(past) }, past);
}

/** A page, and everything that went wrong on it. */
export class PageUnderTest {
  readonly problems: string[] = [];

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.problems.push(message.text());
    });
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('request', (request) => {
      const { hostname } = new URL(request.url());
      if (hostname !== '127.0.0.1') this.problems.push(`request to ${request.url()}`);
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<PageUnderTest> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const under = new PageUnderTest(await context.newPage());
    // Shorter than a test: so that what was waited for is in the message.
    under.page.setDefaultTimeout(15_000);
    await under.page.goto(url);
    return under;
  }

  /** The whole page, for people to look at: build/screenshots. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshotDir, { recursive: true });
    // Where the bar on top and the list at the side stand when the page is opened.
    await this.page.evaluate('window.scrollTo(0, 0)');
    await this.page.screenshot({ path: `${screenshotDir}/${name}.png`, fullPage: true });
  }

  /** How far anything sticks out to the right, in CSS pixels. */
  async overflowPx(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }

  /** What axe finds serious or worse, one line each: the rule and where. `within`: a selector; left out = everywhere. */
  async seriousProblems(within = 'html'): Promise<string[]> {
    const results = await this.page.evaluate<AxeResults>(
      `${axeScript}; axe.run(${JSON.stringify(within)}, { resultTypes: ['violations'] })`,
    );
    return results.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`));
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** The text of one element as a person sees it. */
export async function shownText(locator: Locator): Promise<string> {
  const texts = await locator.allInnerTexts();
  if (texts.length !== 1) throw new Error(`${texts.length} elements instead of one`);
  return texts[0] ?? '';
}
