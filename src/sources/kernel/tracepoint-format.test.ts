import { describe, expect, it } from 'vitest';
import { MARK_VICTIM, MARK_VICTIM_OLD } from '../../../test/support/host-facts.js';
import { markVictimLayout } from './tracepoint-format.js';

describe('the record of oom:mark_victim', () => {
  it('of 6.12 tells the whole victim', () => {
    expect(markVictimLayout(MARK_VICTIM, 4096)).toEqual({
      constants: {
        page_kib: 4n,
        mark_victim_comm_offset: 12n,
        mark_victim_anon_kib_offset: 24n,
        mark_victim_file_kib_offset: 32n,
        mark_victim_shmem_kib_offset: 40n,
        mark_victim_uid_offset: 48n,
        mark_victim_pgtables_kib_offset: 56n,
        mark_victim_adj_offset: 64n,
      },
      absent: [],
    });
  });

  it('of 6.1 as released tells a thread id', () => {
    const layout = markVictimLayout(MARK_VICTIM_OLD, 4096);
    expect(layout?.constants).toEqual({ page_kib: 4n });
    expect(layout?.absent).toEqual(['comm', 'anon_rss', 'file_rss', 'shmem_rss', 'uid', 'pgtables', 'oom_score_adj']);
  });

  it('knows pages of 64 KiB', () => {
    expect(markVictimLayout(MARK_VICTIM_OLD, 65_536)?.constants['page_kib']).toBe(64n);
  });

  it('takes no field of another size than the program reads', () => {
    const format = MARK_VICTIM.replace('offset:64;	size:2', 'offset:64;	size:4');
    expect(markVictimLayout(format, 4096)?.absent).toEqual(['oom_score_adj']);
  });

  it('without a pid at its old place is nothing to read', () => {
    expect(markVictimLayout(MARK_VICTIM.replace('offset:8', 'offset:12'), 4096)).toBeNull();
    expect(markVictimLayout('', 4096)).toBeNull();
  });
});
