import type { KubeNotice } from '../../events/kube.js';
import { field, list, text } from './json.js';

/** The newest that are kept. */
const MAX_NOTICES = 100;
/** kubelet writes a sentence; whoever writes a book is cut. */
const MAX_MESSAGE = 500;

/** Of EventLists: what concerns this node, oldest first. */
export function parseNotices(answers: readonly unknown[], node: string): KubeNotice[] {
  const notices = answers
    .flatMap((answer) => list(answer, 'items'))
    .filter((event) => concerns(event, node))
    .map(noticeOf);
  return notices.sort((a, b) => a.atUs - b.atUs || (a.name < b.name ? -1 : 1)).slice(-MAX_NOTICES);
}

function concerns(event: unknown, node: string): boolean {
  if (text(event, 'involvedObject', 'kind') === 'Node') return text(event, 'involvedObject', 'name') === node;
  const host = text(event, 'source', 'host') || text(event, 'reportingInstance');
  return host === node;
}

function noticeOf(event: unknown): KubeNotice {
  const count = field(event, 'count') ?? field(event, 'series', 'count');
  return {
    kind: text(event, 'involvedObject', 'kind') ?? '',
    // A Node is in no namespace, though its events are in one.
    namespace: text(event, 'involvedObject', 'namespace') ?? '',
    name: text(event, 'involvedObject', 'name') ?? '',
    reason: text(event, 'reason') ?? '',
    message: (text(event, 'message') ?? '').slice(0, MAX_MESSAGE),
    atUs: timeOf(event),
    count: Number.isSafeInteger(count) && Number(count) > 0 ? Number(count) : 1,
  };
}

/** Old and new writers of events fill different fields. */
function timeOf(event: unknown): number {
  const times = [
    text(event, 'lastTimestamp'),
    text(event, 'series', 'lastObservedTime'),
    text(event, 'eventTime'),
    text(event, 'metadata', 'creationTimestamp'),
  ];
  const epochMs = times.map((time) => Date.parse(time ?? '')).find((time) => !Number.isNaN(time));
  return Math.max(0, (epochMs ?? 0) * 1000);
}
