import { visible } from '../../../src/base/escape.js';
import { formatCount } from '../../../src/base/units.js';
import type { SessionEvent } from '../../../src/events/session.js';
import type { Link, PageState } from '../state/page-state.js';
import { ATTACH_WORDS } from '../words.js';
import { useRate } from './hooks.js';
import { OpenButton } from './open-button.js';

export interface TopBarProps {
  readonly session: SessionEvent | null;
  readonly state: PageState;
  readonly nowMs: number;
  readonly onRetry: () => void;
  readonly onOpen: (files: readonly File[]) => void;
  /** Leaves the file; null = there is nothing else to go to. */
  readonly onCloseFile: (() => void) | null;
  readonly onHelp: () => void;
}

/** Where this is, how it is watched, and whether what is shown is the present. */
export function TopBar({ session, state, nowMs, onRetry, onOpen, onCloseFile, onHelp }: TopBarProps) {
  const lostCount = Object.values(state.model.lost).reduce((sum, count) => sum + count, 0);
  const rate = useRate(state.eventCount, nowMs);
  return (
    <header class="top-bar">
      <span class="brand">oomscope</span>
      {session !== null && (
        <span class="node">
          <bdi class="hostname">{visible(session.hostname ?? 'host unknown')}</bdi>
          <span class="kernel">
            Linux {visible(session.kernelRelease ?? 'of an unknown version')} · <AttachMode session={session} />
          </span>
        </span>
      )}
      <span class="top-right">
        {lostCount > 0 && (
          <a class="chip chip-warn" href="#losses">
            <span aria-hidden="true">▲</span> {formatCount(lostCount)} lost
          </a>
        )}
        {state.link.kind === 'live' && rate !== null && <span class="rate">{formatCount(rate)} events/s</span>}
        <button type="button" class="open-file" aria-label="keys" title="keys  ?" onClick={onHelp}>
          ?
        </button>
        <OpenButton onOpen={onOpen} />
        <LinkState link={state.link} nowMs={nowMs} onRetry={onRetry} onCloseFile={onCloseFile} />
      </span>
    </header>
  );
}

function AttachMode({ session }: { readonly session: SessionEvent }) {
  const { short, long } = ATTACH_WORDS[session.attachMode];
  return <span title={long}>{short}</span>;
}

type LinkStateProps = { readonly link: Link } & Pick<TopBarProps, 'nowMs' | 'onRetry' | 'onCloseFile'>;

function LinkState({ link, nowMs, onRetry, onCloseFile }: LinkStateProps) {
  switch (link.kind) {
    case 'live':
      return (
        <span class="chip chip-live" role="status">
          <span aria-hidden="true">●</span> LIVE
        </span>
      );
    case 'replay':
      return (
        <span class="chip chip-file" role="status">
          <span aria-hidden="true">▤</span> REPLAY
        </span>
      );
    case 'file':
      return (
        <span class="chip chip-file" role="status">
          <span aria-hidden="true">▤</span> FILE <bdi class="file-name">{visible(link.name)}</bdi>
          {onCloseFile !== null && (
            <button type="button" onClick={onCloseFile}>
              {HAS_SERVER ? 'back to live' : 'close'}
            </button>
          )}
        </span>
      );
    case 'no-server':
      return null;
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
