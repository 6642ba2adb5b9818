import { visible } from '../../base/escape.js';
import type { KubeEvent, KubeNotice } from '../../events/kube.js';
import type { Line } from './line.js';

const INDENT = 4;

/** What the API server tells that is news to a person: evictions, pressure, and that it cannot be asked. */
export class KubeLines {
  /** What was there when it was asked first is the past. */
  #before: KubeEvent | null = null;

  lines(event: KubeEvent, clock: string): Line[] {
    const before = this.#before;
    this.#before = event;
    const said = (text: string): Line => ({ text: `${clock}  ${text}`, indent: INDENT });
    const lines: Line[] = [];
    if (event.obstacle !== null && event.obstacle !== before?.obstacle) {
      lines.push(said(`the API server tells nothing: ${visible(event.obstacle)}`));
    }
    if (isUnderPressure(event) && (before === null || !isUnderPressure(before))) {
      lines.push(said(`node ${visible(event.node)} reports MemoryPressure`));
    }
    if (before === null) return lines;
    const known = new Set(before.notices.map(keyOf));
    for (const notice of event.notices) {
      if (known.has(keyOf(notice))) continue;
      const { kind, namespace, name, reason, message } = notice;
      const whom = namespace === '' ? name : `${namespace}/${name}`;
      lines.push(said(`${visible(reason)}: ${visible(kind)} ${visible(whom)}: ${visible(message.trim())}`));
    }
    return lines;
  }
}

function isUnderPressure({ conditions }: KubeEvent): boolean {
  return conditions.some(({ type, status }) => type === 'MemoryPressure' && status === 'true');
}

function keyOf({ kind, namespace, name, reason, count, atUs }: KubeNotice): string {
  return JSON.stringify([kind, namespace, name, reason, count, atUs]);
}
