import type { OomscopeEvent } from '../../events/event.js';
import { initialModel } from '../../model/fold.js';
import type { Model } from '../../model/model.js';
import { isKillEvent } from '../../trace/kill-event.js';
import type { Sink } from '../sink.js';
import { renderLines, type TextStyle } from '../text/line.js';
import { TextSink } from '../text/text-sink.js';
import { ToldBlocks } from './told-blocks.js';
import { viewLines } from './view-lines.js';

/** A terminal, as far as the view needs one. */
export interface Terminal {
  /** Asked at each drawing. */
  rows(): number;
  write(text: string): void;
}

const REDRAW_MS = 250;
/** Of the screen, how much is for cgroups at most. */
const ROWS_SHARE = 0.4;
const MIN_ROWS = 3;
const MAX_ROWS = 16;

/** Another screen than the one the shell is on, no cursor, no wrapping; and back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const END_OF_LINE = '\x1b[K\r\n';
const CLEAR_BELOW = '\x1b[J';

/**
 * The node and its cgroups, drawn anew a few times a second, above the kills. At the end the shell's screen comes back,
 * with the kills printed on it, since they are what one wants to keep.
 */
export class LiveView implements Sink {
  readonly #blocks = new ToldBlocks();
  readonly #text: TextSink;
  #model: Model = initialModel;
  #notice = '';
  #timer: NodeJS.Timeout | null = null;
  #entered = false;

  constructor(
    private readonly terminal: Terminal,
    /** Asked at each drawing: a terminal's width changes. */
    private readonly style: () => TextStyle,
  ) {
    this.#text = new TextSink(this.#blocks, style);
  }

  write(events: readonly OomscopeEvent[], model: Model): void {
    this.#model = model;
    this.#text.write(events, model);
    if (events.some(isKillEvent)) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), REDRAW_MS);
  }

  restart(state: readonly OomscopeEvent[], model: Model): void {
    this.#model = model;
    this.#text.restart(state, model);
    this.#draw();
  }

  /** A line that stays in sight, such as the address of the page. */
  tell(line: string): void {
    this.#notice = line;
    this.#draw();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#text.close();
    this.leave();
    this.terminal.write(this.#blocks.all);
  }

  /** Gives the shell its screen back. */
  leave(): void {
    if (this.#entered) this.terminal.write(LEAVE);
    this.#entered = false;
  }

  #draw(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const rows = this.terminal.rows();
    const style = this.style();
    const cgroups = Math.min(MAX_ROWS, Math.max(MIN_ROWS, Math.floor(rows * ROWS_SHARE)));
    const lines = [
      ...viewLines(this.#model, this.#text.series, { columns: style.columns, rows: cgroups }),
      { text: this.#notice, tone: 'quiet' } as const,
    ];
    const view = renderLines(lines, style).replace(/\n$/, '').split('\n');
    // The last line stays empty: a line end there would move everything up.
    const below = this.#blocks.newest(Math.max(0, rows - 1 - view.length));
    const screen = [...view, ...below].slice(0, Math.max(1, rows - 1));
    this.terminal.write(
      (this.#entered ? '' : ENTER) + HOME + screen.map((line) => line + END_OF_LINE).join('') + CLEAR_BELOW,
    );
    this.#entered = true;
  }
}
