import { OomscopeError } from '../../../src/base/errors.js';
import { decodeFrame } from '../../../src/wire/frame.js';
import { encodeReplayCommand, type ReplayCommand } from '../../../src/wire/replay.js';
import type { Change } from '../state/page-state.js';
import { ServerPlayback } from './server-playback.js';

const SUBPROTOCOL = 'oomscope.v1';
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** A connection that held this long was a good one: the next loss is retried soon again. */
const GOOD_AFTER_MS = 5_000;

/** The page's one connection to the server it was loaded from: kept up for as long as the page is open. */
export class Connection {
  readonly #tell: (change: Change) => void;
  #socket: WebSocket | null = null;
  #retryMs = FIRST_RETRY_MS;
  #timer: number | undefined;
  #lostSinceMs: number | null = null;

  /** What the server plays, where it is a replay. */
  readonly replay = new ServerPlayback((command) => this.#send(command));

  constructor(tell: (change: Change) => void) {
    this.#tell = tell;
    // The network came back, or the lid was opened: no reason to wait.
    window.addEventListener('online', () => this.retryNow());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.retryNow();
    });
  }

  /** Connects, and again whenever the connection is lost. */
  start(): void {
    this.#timer = undefined;
    this.#tell({ kind: 'connecting' });
    const socket = new WebSocket(new URL('ws', location.href.replace(/^http/, 'ws')), SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    let openedMs = Number.POSITIVE_INFINITY;
    socket.addEventListener('open', () => {
      openedMs = Date.now();
      this.#lostSinceMs = null;
      this.#socket = socket;
      this.replay.forget();
      this.#tell({ kind: 'opened' });
    });
    socket.addEventListener('message', (message: MessageEvent<ArrayBuffer>) =>
      this.#take(new Uint8Array(message.data)),
    );
    socket.addEventListener('close', (event) => {
      this.#socket = null;
      if (Date.now() - openedMs > GOOD_AFTER_MS) this.#retryMs = FIRST_RETRY_MS;
      this.#retryLater(event.reason);
    });
  }

  /** For a person, or an event, that does not want to wait for the next try. */
  retryNow(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.start();
  }

  /** What cannot be sent now is not asked for later: by then it may no longer be wanted. */
  #send(command: ReplayCommand): void {
    this.#socket?.send(encodeReplayCommand(command));
  }

  #retryLater(reason: string): void {
    const nowMs = Date.now();
    this.#lostSinceMs ??= nowMs;
    // Spread, so that many pages do not come back all at once.
    const waitMs = this.#retryMs * (0.75 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    this.#timer = setTimeout(() => this.start(), waitMs);
    this.#tell({ kind: 'lost', sinceMs: this.#lostSinceMs, reason, retryAtMs: nowMs + waitMs });
  }

  #take(bytes: Uint8Array): void {
    try {
      const items = decodeFrame(bytes);
      this.#tell({ kind: 'items', items });
      const replay = items.findLast((item) => item.kind === 'replay');
      if (replay !== undefined) this.replay.told(replay.state);
    } catch (error) {
      if (!(error instanceof OomscopeError)) throw error;
      this.#tell({ kind: 'unreadable', reason: error.message });
    }
  }
}
