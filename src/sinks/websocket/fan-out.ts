import type { OomscopeEvent } from '../../events/event.js';
import { initialModel } from '../../model/fold.js';
import { currentValues } from '../../model/memory-state.js';
import type { Model } from '../../model/model.js';
import { encodeReplayFrame, encodeRestart } from '../../wire/frame.js';
import type { ReplayState } from '../../wire/replay.js';
import type { FlightRecorder } from '../flight-recorder.js';
import { Batch, isUrgent } from './batch.js';
import { CLOSE, Client, type ClientSocket } from './client.js';
import { historyFrames } from './history.js';

/** Long enough to spare most writes, short enough that nobody sees it. */
const TICK_MS = 33;

/** Gives every client the past and then the present. With nobody connected it costs next to nothing. */
export class FanOut {
  readonly #clients = new Set<Client>();
  #batch = new Batch();
  #timer: NodeJS.Timeout | null = null;
  #model: Model = initialModel;
  /** How the replay stood last; null = there is none. */
  #replay: Uint8Array | null = null;

  constructor(private readonly recorder: FlightRecorder) {}

  get model(): Model {
    return this.#model;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  write(events: readonly OomscopeEvent[], model: Model): void {
    this.#model = model;
    this.recorder.take(events, model);
    if (this.#clients.size === 0) return;
    for (const event of events) this.#batch.add(event, this.recorder.numbers.frame(event));
    if (events.some(isUrgent)) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), TICK_MS);
  }

  /** Another past, as a replay has after each jump: what was told is void, and all clients get the new one. */
  restart(state: readonly OomscopeEvent[], model: Model): void {
    this.#cancelTick();
    this.#batch = new Batch();
    this.#model = model;
    this.recorder.restart(state, model);
    if (this.#clients.size === 0) return;
    const past = [encodeRestart(), ...this.#past()];
    for (const client of this.#clients) client.restart(past);
  }

  /** How the replay stands: told to all now, and to each who comes. */
  tellReplay(state: ReplayState): void {
    this.#replay = encodeReplayFrame(state);
    this.flush();
    for (const client of this.#clients) client.mention(this.#replay);
  }

  /** Hands out what was collected. */
  flush(): void {
    this.#cancelTick();
    if (this.#batch.isEmpty) return;
    const batch = this.#batch;
    this.#batch = new Batch();
    for (const client of this.#clients) client.offer(batch, this.#model.nowUs ?? 0);
  }

  /** The past in what `add` sends is all that was written so far; so the others get theirs before. */
  add(socket: ClientSocket): Client {
    this.flush();
    const client = new Client(socket, this.#past(), () => this.#values());
    this.#clients.add(client);
    return client;
  }

  #past(): Uint8Array[] {
    const frames: Uint8Array[] = historyFrames(this.recorder, this.#model.nowUs ?? 0);
    return this.#replay === null ? frames : [...frames, this.#replay];
  }

  #values(): Uint8Array[] {
    return currentValues(this.#model.memory).map((event) => this.recorder.numbers.frame(event));
  }

  #cancelTick(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  remove(client: Client): void {
    this.#clients.delete(client);
  }

  checkAlive(): void {
    for (const client of this.#clients) client.checkAlive();
  }

  close(): void {
    this.flush();
    for (const client of this.#clients) client.close(CLOSE.goingAway, 'oomscope has ended');
    this.#clients.clear();
  }
}
