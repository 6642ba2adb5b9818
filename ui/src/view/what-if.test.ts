import { describe, expect, it } from 'vitest';
import type { EpisodeEvent } from '../../../src/events/episode.js';
import { rankBallot } from '../../../src/model/ballot.js';
import { contestOf } from '../../../src/model/contest.js';
import { nodeKill, sidecarKill } from '../../../test/support/scenes.js';
import { whatIf } from './what-if.js';

function recordedContest(kill: typeof sidecarKill) {
  const episode = kill(1).find((event): event is EpisodeEvent => event.topic === '/oom/episode');
  if (episode === undefined) throw new Error('a scene without an episode');
  const made = contestOf(episode);
  if (made.kind === 'none') throw new Error(made.reason);
  const candidate = (comm: string) => {
    const found = episode.candidates.find((other) => other.comm === comm);
    if (found === undefined) throw new Error(comm);
    return found;
  };
  return { episode, contest: made.contest, candidate };
}

describe('a ballot with something changed', () => {
  it('unchanged is the recorded one', () => {
    const { episode, contest } = recordedContest(nodeKill);
    const { ballot, victim } = whatIf(episode, contest, {});
    expect(victim?.comm).toBe('batch-report');
    expect(ballot.rows.map((row) => [row.candidate.comm, row.candidate.points])).toEqual(
      rankBallot(episode).rows.map((row) => [row.candidate.comm, row.candidate.points]),
    );
    expect(ballot.rows.every((row) => row.check.kind !== 'approximate')).toBe(true);
  });

  it('whom it kills stands first in it', () => {
    const { episode, contest, candidate } = recordedContest(sidecarKill);
    const { ballot, victim, recorded } = whatIf(episode, contest, { adj: new Map([[candidate('vector'), 280]]) });
    expect(victim).toBe(candidate('myapp'));
    const first = ballot.rows[0]?.candidate;
    expect(first !== undefined && recorded.get(first)).toBe(victim);
  });

  it('an adj of −1000 takes one out, and another brings it back', () => {
    const { episode, contest, candidate } = recordedContest(nodeKill);
    const out = whatIf(episode, contest, { adj: new Map([[candidate('batch-report'), -1000]]) });
    expect(out.victim?.comm).toBe('legacy-agent');
    expect(out.ballot.rows.find((row) => row.candidate.comm === 'batch-report')?.rank).toBeNull();
    const back = whatIf(episode, contest, { adj: new Map([[candidate('sshd'), 1000]]) });
    expect(back.victim?.comm).toBe('sshd');
    expect(back.ballot.rows[0]).toMatchObject({ rank: 1, candidate: { comm: 'sshd', status: 'scored' } });
  });

  it('with less memory to share an adj weighs less', () => {
    const { episode, contest } = recordedContest(sidecarKill);
    const { victim } = whatIf(episode, contest, { totalPages: contest.totalPages / 4 });
    expect(victim?.comm).toBe('myapp');
  });
});
