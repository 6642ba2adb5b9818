import type { OomscopeEvent } from '../../events/event.js';
import { initialModel } from '../../model/fold.js';
import type { Model } from '../../model/model.js';
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

  /**
   * Another past: the page has no way back in what it was told, so it connects again and gets the new one. The close
   * code is the one after which it does so at once.
   */
  restart(model: Model): void {
    this.#batch = new Batch();
    this.#model = model;
    this.recorder.restart(model);
    for (const client of this.#clients) client.close(CLOSE.goingAway, 'the replay was moved to another moment');
    this.#clients.clear();
  }

  /** Hands out what was collected. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#batch.isEmpty) return;
    const batch = this.#batch;
    this.#batch = new Batch();
    for (const client of this.#clients) client.offer(batch, this.#model.nowUs ?? 0);
  }

  /** The past in what `add` sends is all that was written so far; so the others get theirs before. */
  add(socket: ClientSocket): Client {
    this.flush();
    const client = new Client(socket, historyFrames(this.recorder, this.#model.nowUs ?? 0));
    this.#clients.add(client);
    return client;
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
