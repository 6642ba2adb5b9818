import { visible } from '../../../src/base/escape.js';
import { formatBytes } from '../../../src/base/units.js';
import type { SessionEvent } from '../../../src/events/session.js';
import type { Link } from '../state/page-state.js';
import { momentInWords } from '../state/time.js';
import { ATTACH_WORDS } from '../words.js';

export interface EmptyProps {
  readonly session: SessionEvent | null;
  readonly link: Link;
  readonly nowMs: number;
}

/** Nothing to show, and what that means. */
export function Empty(props: EmptyProps) {
  const { session, link, nowMs } = props;
  if (link.kind === 'no-server') {
    return (
      <div class="empty">
        <p class="empty-title">Drop a trace or a kernel log here.</p>
        <p>
          A trace (.mcap) that oomscope has recorded, or the output of dmesg or journalctl -k. It opens in this browser
          alone: nothing is uploaded.
        </p>
      </div>
    );
  }
  if (session === null) {
    return (
      <div class="empty">
        <p class="empty-title">{link.kind === 'live' ? 'oomscope is starting…' : 'Connecting to oomscope…'}</p>
        <p>What it sees will appear here by itself.</p>
      </div>
    );
  }
  const isFilm = link.kind === 'file' || link.kind === 'replay';
  return (
    <div class="empty is-short">
      <p class="empty-title">{isFilm ? 'No kill up to this moment.' : 'No kill yet.'}</p>
      <p>
        {isFilm ? 'Recorded on' : 'Watching'} <bdi>{visible(session.hostname ?? 'this host')}</bdi> since{' '}
        {momentInWords(session, session.tUs, nowMs)}: every run of the kernel's OOM killer, in any cgroup and on the
        node as a whole{capacityInWords(session)}.
      </p>
      <p>
        {ATTACH_WORDS[session.attachMode].long}
        {!isFilm && ' A kill appears here by itself, within a moment.'}
      </p>
    </div>
  );
}

function capacityInWords({ memoryTotalBytes, swapTotalBytes }: SessionEvent): string {
  if (memoryTotalBytes === null || swapTotalBytes === null) return '';
  const swap = swapTotalBytes === 0 ? 'no swap' : `${formatBytes(swapTotalBytes)} of swap`;
  return ` (${formatBytes(memoryTotalBytes)} of memory, ${swap})`;
}
