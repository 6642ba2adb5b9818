import { visible } from '../../../src/base/escape.js';
import { formatBytes, formatCount } from '../../../src/base/units.js';
import type { BallotRow } from '../../../src/model/ballot.js';
import { MEMORY_PARTS, type MemoryPart } from './ballot-geometry.js';
import { signed } from './ballot-row.js';
import { PART_MEANINGS, PART_WORDS } from './ballot-words.js';

export interface BallotSumProps {
  readonly row: BallotRow;
  readonly pageSizeBytes: number;
  /** Not as recorded: as a person has set it. */
  readonly isChanged: boolean;
}

/** How one candidate's points add up; at the same time the key to the colours. */
export function BallotSum({ row, pageSizeBytes, isChanged }: BallotSumProps) {
  const { candidate, parts } = row;
  return (
    <div class="sum">
      <div class="sum-who">
        <bdi class="comm">{visible(candidate.comm)}</bdi> <span class="pid">{candidate.pid}</span>
      </div>
      <dl class="sum-parts">
        {MEMORY_PARTS.filter((part) => isKnownPart(part, row)).map((part) => (
          <div key={part} title={PART_MEANINGS[part]} class={parts[part] === 0 ? 'is-zero' : ''}>
            <dt>
              <span class={`key part-${part}`} aria-hidden="true" />
              {PART_WORDS[part]}
            </dt>
            <dd>
              {formatCount(parts[part])} <span class="bytes">{formatBytes(parts[part] * pageSizeBytes)}</span>
            </dd>
          </div>
        ))}
        <div title={PART_MEANINGS.adj} class={parts.adj === 0 || row.rank === null ? 'is-zero' : ''}>
          <dt>
            <span class={(parts.adj ?? 0) < 0 ? 'key part-adj is-negative' : 'key part-adj'} aria-hidden="true" />
            adj {signed(candidate.adj)}
          </dt>
          <dd>
            {parts.adj === null ? 'not known' : signed(parts.adj)}{' '}
            {parts.adj !== null && <span class="bytes">{formatBytes(parts.adj * pageSizeBytes)}</span>}
          </dd>
        </div>
        <div class="sum-total">
          <dt>= points</dt>
          <dd>
            {candidate.points === null ? 'none' : formatCount(candidate.points)}{' '}
            <span class="bytes">{isChanged ? 'with what you changed' : verdict(row)}</span>
          </dd>
        </div>
      </dl>
    </div>
  );
}

/** Either the sum alone is known, or its parts are. */
function isKnownPart(part: MemoryPart, { candidate }: BallotRow): boolean {
  if (part === 'rss') return candidate.rssBytes !== null;
  return candidate.rssBytes === null || (part !== 'anon' && part !== 'file' && part !== 'shmem');
}

function verdict({ check, note, candidate }: BallotRow): string {
  if (check.kind === 'exact') return 'as the kernel counted';
  if (check.kind === 'approximate') return `≈ the counters moved by ${formatCount(check.differencePages)}`;
  return candidate.points === null ? (note ?? '') : 'recomputed, not the kernel’s own';
}
