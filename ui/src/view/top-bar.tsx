import { visible } from '../../../src/base/escape.js';
import { formatCount } from '../../../src/base/units.js';
import type { SessionEvent } from '../../../src/events/session.js';
import type { Link } from '../state/page-state.js';
import { ATTACH_WORDS } from '../words.js';

export interface TopBarProps {
  readonly session: SessionEvent | null;
  readonly link: Link;
  readonly lostCount: number;
  readonly nowMs: number;
  readonly onRetry: () => void;
}

/** Where this is, how it is watched, and whether what is shown is the present. */
export function TopBar({ session, link, lostCount, nowMs, onRetry }: TopBarProps) {
  return (
    <header class="top-bar">
      <span class="brand">oomscope</span>
      {session !== null && (
        <span class="node">
          <bdi class="hostname">{visible(session.hostname)}</bdi>
          <span class="kernel">
            Linux {visible(session.kernelRelease)} · <AttachMode session={session} />
          </span>
        </span>
      )}
      <span class="top-right">
        {lostCount > 0 && (
          <a class="chip chip-warn" href="#losses">
            <span aria-hidden="true">▲</span> {formatCount(lostCount)} lost
          </a>
        )}
        <LinkState link={link} nowMs={nowMs} onRetry={onRetry} />
      </span>
    </header>
  );
}

function AttachMode({ session }: { readonly session: SessionEvent }) {
  const { short, long } = ATTACH_WORDS[session.attachMode];
  return <span title={long}>{short}</span>;
}

function LinkState({ link, nowMs, onRetry }: Pick<TopBarProps, 'link' | 'nowMs' | 'onRetry'>) {
  switch (link.kind) {
    case 'live':
      return (
        <span class="chip chip-live" role="status">
          <span aria-hidden="true">●</span> LIVE
        </span>
      );
    case 'connecting':
    case 'loading':
      return (
        <span class="chip" role="status">
          <span aria-hidden="true">◌</span> {link.kind === 'loading' ? 'loading the past…' : 'connecting…'}
        </span>
      );
    case 'lost': {
      const seconds = Math.ceil((link.retryAtMs - nowMs) / 1000);
      return (
        <span class="chip chip-lost" role="status">
          <span aria-hidden="true">✕</span> NOT LIVE · {seconds > 0 ? `retry in ${seconds} s` : 'trying again'}
          <button type="button" onClick={onRetry}>
            now
          </button>
        </span>
      );
    }
  }
}
