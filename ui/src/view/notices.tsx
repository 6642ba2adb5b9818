import type { ComponentChildren } from 'preact';
import { visible } from '../../../src/base/escape.js';
import { formatCount, formatDuration, plural } from '../../../src/base/units.js';
import type { LossPlace } from '../../../src/events/loss.js';
import type { MissingFeature, SessionEvent } from '../../../src/events/session.js';
import type { PageState } from '../state/page-state.js';
import { clockTime } from '../state/time.js';
import { ATTACH_WORDS, LOSS_WORDS } from '../words.js';

/** All that makes the picture less than whole, in the open. Nothing = all is well. */
export function Notices({ state, nowMs }: { readonly state: PageState; readonly nowMs: number }) {
  const { link, model, incidentsLeftOut, outdated, broken, problems } = state;
  return (
    <div class="notices">
      {link.kind === 'lost' && (
        <Notice level="bad">
          No connection to oomscope since {clockTime(link.sinceMs, nowMs)}
          {link.reason === '' ? '' : ` (${visible(link.reason)})`}. What is shown is from before.
        </Notice>
      )}
      {broken !== null && (
        <Notice level="bad">A message from the server could not be read: {broken} Reload the page.</Notice>
      )}
      {problems.map((line) => (
        <Notice key={line} level="warn">
          Not all of the file could be read: {visible(line)}
        </Notice>
      ))}
      {outdated && <Notice level="warn">The server is newer than this page. Reload to see all that it sends.</Notice>}
      {model.session !== null && <Degraded session={model.session} />}
      <Losses lost={model.lost} />
      {incidentsLeftOut > 0 && (
        <Notice level="note">
          {formatCount(incidentsLeftOut)} older incidents happened before this page connected and are not sent any more.
        </Notice>
      )}
    </div>
  );
}

function Degraded({ session }: { readonly session: SessionEvent }) {
  const { attachMode, missing, adopted } = session;
  return (
    <>
      {attachMode === 'none' && <Notice level="bad">{ATTACH_WORDS.none.long}</Notice>}
      {attachMode === 'tracepoint' && <Notice level="warn">{ATTACH_WORDS.tracepoint.long}</Notice>}
      <Missing features={missing} />
      {adopted !== null && (
        <Notice level="note">
          Nobody read for {formatDuration(adopted.gapToUs - adopted.gapFromUs)} before this start; the kernel side{' '}
          {adopted.how === 'adopted' ? 'recorded on' : 'of another version recorded on, and was drained'}. Kills of that
          time are in the list.
        </Notice>
      )}
    </>
  );
}

/** The most important one in full, the others on demand: a degraded host has many, and the kills are below. */
function Missing({ features }: { readonly features: SessionEvent['missing'] }) {
  const [first, ...others] = features;
  if (first === undefined) return null;
  return (
    <>
      <MissingNotice feature={first} />
      {others.length > 0 && (
        <details class="more-missing">
          <summary>{plural(others.length, 'more thing', 'more things')} that this host lacks</summary>
          {others.map((feature) => (
            <MissingNotice key={feature.code} feature={feature} />
          ))}
        </details>
      )}
    </>
  );
}

function MissingNotice({ feature: { code, what, lost, remedy } }: { readonly feature: MissingFeature }) {
  return (
    <Notice level="note">
      {sentence(what)} <strong>Not recorded:</strong> {sentence(lost)} {sentence(remedy)} <code>{visible(code)}</code>
    </Notice>
  );
}

function Losses({ lost }: { readonly lost: PageState['model']['lost'] }) {
  const places = (Object.keys(lost) as LossPlace[]).filter((place) => (lost[place] ?? 0) > 0);
  if (places.length === 0) return null;
  return (
    <div id="losses" class="losses">
      {places.map((place) => (
        <Notice key={place} level="warn">
          <strong>Lost:</strong> {formatCount(lost[place] ?? 0)} {LOSS_WORDS[place]}.
        </Notice>
      ))}
    </div>
  );
}

const SYMBOLS = { bad: '✕', warn: '▲', note: 'ℹ' } as const;

function Notice(props: { readonly level: keyof typeof SYMBOLS; readonly children: ComponentChildren }) {
  return (
    <p class={`notice notice-${props.level}`}>
      <span aria-hidden="true">{SYMBOLS[props.level]}</span> <span>{props.children}</span>
    </p>
  );
}

function sentence(text: string): string {
  const shown = visible(text);
  return /[.!?]$/.test(shown) || shown === '' ? shown : `${shown}.`;
}
