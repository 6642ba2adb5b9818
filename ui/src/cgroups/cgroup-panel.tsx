import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { formatBytes, formatCount, plural } from '../../../src/base/units.js';
import type { SessionEvent } from '../../../src/events/session.js';
import type { MemoryState } from '../../../src/model/memory-state.js';
import type { Model } from '../../../src/model/model.js';
import { changeAddressSoon, openedAddress } from '../state/address.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { axisMs } from '../state/time.js';
import type { TimeStore } from '../time/time-store.js';
import { CgroupChart } from './cgroup-chart.js';
import { type Ask, type CgroupRow, type Choice, chooseCgroups, GROWTH_US, type Order } from './choose.js';
import { PARTS } from './paint-cgroup.js';

export interface CgroupPanelProps {
  readonly model: Model;
  readonly session: SessionEvent;
  readonly feed: SeriesFeed;
  readonly time: TimeStore;
  /** A trace is played, and not what happens now. */
  readonly isFilm: boolean;
  /** The page's clock: rows change places no more often than it ticks. */
  readonly nowMs: number;
}

const FIRST_COUNT = 12;
const ORDERS: readonly Order[] = ['usage', 'growth', 'pressure'];

/** The cgroups that matter most, each over the shared time. */
export function CgroupPanel({ model, session, feed, time, isFilm, nowMs }: CgroupPanelProps) {
  const [order, setOrder] = useState<Order>(() => orderOf(openedAddress().order ?? ''));
  const [search, setSearch] = useState(openedAddress().search ?? '');
  const [pinned, setPinned] = useState<ReadonlySet<number>>(new Set());
  const [count, setCount] = useState(FIRST_COUNT);
  const isOver = useRef(false);
  useEffect(() => changeAddressSoon({ order: order === 'usage' ? null : order, search }), [order, search]);
  const ask = useMemo<Ask>(() => ({ order, search, pinned, count }), [order, search, pinned, count]);
  const kept = useRef<{ readonly ask: Ask; readonly choice: Choice } | null>(null);
  const choice = useMemo(() => {
    const next = chooseCgroups(model.memory, model.pods, feed.series, ask);
    // What one is about to click must not go away below the pointer.
    const stays = isOver.current && kept.current?.ask === ask;
    kept.current = { ask, choice: stays && kept.current !== null ? inOrderOf(kept.current.choice, next) : next };
    return kept.current.choice;
  }, [nowMs, ask, feed]);
  const bootMs = axisMs(session, 0);
  const toggle = (id: number) =>
    setPinned((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  return (
    <>
      <header class="cgroups-head">
        <h2>
          Memory{' '}
          {choice.matching > 0 && (
            <span class="section-note">
              {formatCount(choice.rows.length)} of {formatCount(choice.matching)}
            </span>
          )}
        </h2>
        <label>
          <span class="said">order</span>
          <select value={order} onChange={(event) => setOrder(orderOf(event.currentTarget.value))}>
            {ORDERS.map((name) => (
              <option key={name} value={name}>
                most {name}
              </option>
            ))}
          </select>
        </label>
        <input
          type="search"
          placeholder="search"
          aria-label="search cgroups"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <Key />
      </header>
      <ul
        class="cgroup-rows"
        onPointerEnter={() => {
          isOver.current = true;
        }}
        onPointerLeave={() => {
          isOver.current = false;
        }}
      >
        {choice.rows.map((row, index) => (
          <li key={row.id} class="cgroup-row">
            {row.pod !== null && row.pod !== choice.rows[index - 1]?.pod && <h3 class="cgroup-pod">{row.pod}</h3>}
            <RowHead row={row} isPinned={pinned.has(row.id)} onPin={() => toggle(row.id)} />
            <CgroupChart id={row.id} time={time} feed={feed} bootMs={bootMs} nowMs={nowMs} />
          </li>
        ))}
      </ul>
      {choice.rows.length === 0 && (
        <p class="quiet cgroups-none">{whyNoRows(model.memory, search, choice.known, isFilm)}</p>
      )}
      {choice.rows.length < choice.matching && (
        <button type="button" class="more-cgroups" onClick={() => setCount(count + FIRST_COUNT)}>
          show {plural(Math.min(FIRST_COUNT, choice.matching - choice.rows.length), 'more', 'more')}
        </button>
      )}
    </>
  );
}

/** What is true: the search finds nothing, or there is nothing to find, and why. */
function whyNoRows({ sampled, samples }: MemoryState, search: string, known: number, isFilm: boolean): string {
  if (search.trim() !== '' && known > 0)
    return `None of ${plural(known, 'cgroup')} has “${visible(search.trim())}” in its name.`;
  if (sampled === null) {
    return isFilm
      ? 'This trace has no memory over time at this moment: kills alone were recorded.'
      : 'No memory was sampled yet: the first sample comes within a second.';
  }
  if (samples.size === 1) return 'There is no cgroup but the root at this moment, or its name is not known.';
  if (samples.size > 1)
    return `${plural(samples.size, 'cgroup')} were sampled, and the name of none is known at this moment.`;
  return 'No cgroup was sampled: on this host none has memory of its own, or its files cannot be read.';
}

function orderOf(value: string): Order {
  return ORDERS.find((name) => name === value) ?? 'usage';
}

/** The new numbers at the old places; a row that came new waits until the pointer has gone. */
function inOrderOf(before: Choice, now: Choice): Choice {
  if (before.rows.length !== now.rows.length) return now;
  const rows = before.rows.map((row) => now.rows.find(({ id }) => id === row.id) ?? row);
  return { ...now, rows };
}

function RowHead({
  row,
  isPinned,
  onPin,
}: {
  readonly row: CgroupRow;
  readonly isPinned: boolean;
  readonly onPin: () => void;
}) {
  return (
    <div class="cgroup-head">
      <button
        type="button"
        class="pin"
        aria-pressed={isPinned}
        aria-label={`pin ${row.name}`}
        title={isPinned ? 'no longer keep it on top' : 'keep it on top'}
        onClick={onPin}
      >
        {isPinned ? '★' : '☆'}
      </button>
      <span class="cgroup-name path-end" title={visible(row.path)}>
        <bdi>{row.name}</bdi>
      </span>
      <span class="cgroup-numbers">{numbersInWords(row)}</span>
    </div>
  );
}

function numbersInWords({ usageBytes, maxBytes, growthBytes, stallShare }: CgroupRow): string {
  const usage = usageBytes === null ? 'usage not known' : formatBytes(usageBytes);
  const limit = typeof maxBytes === 'number' ? ` of ${formatBytes(maxBytes)}` : '';
  const parts = [`${usage}${limit}`];
  if (growthBytes !== null && Math.abs(growthBytes) >= 1024 * 1024) {
    const perSecond = growthBytes / (GROWTH_US / 1e6);
    parts.push(`${perSecond > 0 ? '+' : ''}${formatBytes(Math.round(perSecond))}/s`);
  }
  if (stallShare !== null && stallShare >= 0.005) parts.push(`${Math.round(stallShare * 100)} % stalled`);
  return parts.join(' · ');
}

function Key() {
  return (
    <p class="cgroups-key" aria-hidden="true">
      {PARTS.map(({ field, words, reclaimable }) => (
        <span key={field}>
          <span class={`swatch swatch-${field}${reclaimable ? ' is-reclaimable' : ''}`} /> {words}
        </span>
      ))}
      <span>
        <span class="swatch-line is-max" /> limit
      </span>
      <span>
        <span class="swatch-line is-high" /> high
      </span>
      <span>
        <span class="swatch swatch-full" /> stalled
      </span>
    </p>
  );
}
