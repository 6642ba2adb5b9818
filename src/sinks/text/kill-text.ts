import type { OomscopeEvent } from '../../events/event.js';
import { applyEvent, initialModel } from '../../model/fold.js';
import { episodeIncidentId, findVictimIncident, isKill } from '../../model/incidents.js';
import { headline } from '../../model/summary.js';
import { aftermathLines, sessionLines } from './event-lines.js';
import { killBlock } from './kill-block.js';
import { type Line, renderLines, type TextStyle } from './line.js';
import { wallClock } from './wall-clock.js';

/** Events that are known as a whole, as text: a block for each kill, then a line for each thing that became of it. */
export class KillText {
  #model = initialModel;

  constructor(private readonly style: TextStyle) {}

  write(events: readonly OomscopeEvent[]): string {
    return renderLines(
      events.flatMap((event) => this.#lines(event)),
      this.style,
    );
  }

  #lines(event: OomscopeEvent): Line[] {
    this.#model = applyEvent(this.#model, event);
    const { session, incidents, pods } = this.#model;
    const clock = (tUs: number) => wallClock(tUs, session);
    if (event.topic === '/session') return sessionLines(event);
    if (event.topic === '/oom/victim') {
      return aftermathLines(event, findVictimIncident(incidents, event), clock(event.tUs));
    }
    if (event.topic !== '/oom/episode') return [];
    const id = episodeIncidentId(event.episodeUs);
    const incident = incidents.findLast((known) => known.id === id);
    if (incident === undefined) return [];
    if (isKill(incident)) return killBlock(incident, clock(incident.startUs), this.style.columns, pods, null);
    return [{ text: `${clock(event.tUs)}  ${headline(incident, pods)}`, indent: 4 }];
  }
}
