import type { Candidate } from '../events/episode.js';
import { badMessage, integer, present } from './check.js';
import { candidateStatus } from './enums.js';
import type { oomscope } from './proto.js';

type WireCandidates = oomscope.v1.Candidates.$Properties;

/** Rows to columns. A cgroup path is written once, however many candidates are in it. */
export function candidatesToWire(candidates: readonly Candidate[]): WireCandidates {
  const paths = new Map<string, number>();
  const column = <T>(value: (candidate: Candidate) => T): T[] => candidates.map(value);
  return {
    pid: column((c) => c.pid),
    tid: column((c) => c.tid),
    uid: column((c) => c.uid),
    comm: column((c) => c.comm),
    startUs: column((c) => c.startUs ?? 0),
    adj: column((c) => c.adj),
    cgroupId: column((c) => c.cgroupId ?? 0),
    cgroupPath: column((c) => pathNumber(paths, c.cgroupPath)),
    rssAnonBytes: column((c) => c.rssAnonBytes ?? 0),
    rssFileBytes: column((c) => c.rssFileBytes ?? 0),
    rssShmemBytes: column((c) => c.rssShmemBytes ?? 0),
    swapBytes: column((c) => c.swapBytes ?? 0),
    pageTableBytes: column((c) => c.pageTableBytes ?? 0),
    status: column((c) => candidateStatus.toWire(c.status)),
    points: column((c) => c.points ?? 0),
    cgroupPaths: [...paths.keys()],
    withoutStartUs: rowsOfNull(candidates, (c) => c.startUs),
    withoutCgroupId: rowsOfNull(candidates, (c) => c.cgroupId),
    withoutPoints: rowsOfNull(candidates, (c) => c.points),
    withoutRssAnonBytes: rowsOfNull(candidates, (c) => c.rssAnonBytes),
    withoutRssFileBytes: rowsOfNull(candidates, (c) => c.rssFileBytes),
    withoutRssShmemBytes: rowsOfNull(candidates, (c) => c.rssShmemBytes),
    withoutSwapBytes: rowsOfNull(candidates, (c) => c.swapBytes),
    withoutPageTableBytes: rowsOfNull(candidates, (c) => c.pageTableBytes),
    ...rssToWire(candidates),
  };
}

function rssToWire(candidates: readonly Candidate[]): Pick<WireCandidates, 'rssBytes' | 'withoutRssBytes'> {
  if (candidates.every((candidate) => candidate.rssBytes === null)) return {};
  return {
    rssBytes: candidates.map((candidate) => candidate.rssBytes ?? 0),
    withoutRssBytes: rowsOfNull(candidates, (candidate) => candidate.rssBytes),
  };
}

/** 1 + its place in the list of paths; 0 = not known. */
function pathNumber(paths: Map<string, number>, path: string | null): number {
  if (path === null) return 0;
  const known = paths.get(path);
  if (known !== undefined) return known;
  const number = paths.size + 1;
  paths.set(path, number);
  return number;
}

function rowsOfNull(candidates: readonly Candidate[], value: (candidate: Candidate) => number | null): number[] {
  const rows: number[] = [];
  candidates.forEach((candidate, row) => {
    if (value(candidate) === null) rows.push(row);
  });
  return rows;
}

/** Columns to rows. Throws E_BAD_MESSAGE unless all columns have the same length. */
export function candidatesFromWire(wire: WireCandidates): Candidate[] {
  const rowCount = wire.pid?.length ?? 0;
  const column = <T>(values: readonly T[] | null | undefined, name: string): readonly T[] => {
    const length = values?.length ?? 0;
    if (length !== rowCount) throw badMessage(`column ${name} has ${length} rows of ${rowCount}`);
    return values ?? [];
  };
  const pid = column(wire.pid, 'pid');
  const tid = column(wire.tid, 'tid');
  const uid = column(wire.uid, 'uid');
  const comm = column(wire.comm, 'comm');
  const startUs = column(wire.startUs, 'start_us');
  const adj = column(wire.adj, 'adj');
  const cgroupId = column(wire.cgroupId, 'cgroup_id');
  const cgroupPath = column(wire.cgroupPath, 'cgroup_path');
  const anon = column(wire.rssAnonBytes, 'rss_anon_bytes');
  const file = column(wire.rssFileBytes, 'rss_file_bytes');
  const shmem = column(wire.rssShmemBytes, 'rss_shmem_bytes');
  const swap = column(wire.swapBytes, 'swap_bytes');
  const pageTable = column(wire.pageTableBytes, 'page_table_bytes');
  const status = column(wire.status, 'status');
  const points = column(wire.points, 'points');
  const paths = wire.cgroupPaths ?? [];
  const withoutStart = rowSet(wire.withoutStartUs, rowCount);
  const withoutCgroup = rowSet(wire.withoutCgroupId, rowCount);
  const withoutPoints = rowSet(wire.withoutPoints, rowCount);
  const rss = wire.rssBytes?.length ? column(wire.rssBytes, 'rss_bytes') : null;
  const withoutRss = rowSet(wire.withoutRssBytes, rowCount);
  const withoutAnon = rowSet(wire.withoutRssAnonBytes, rowCount);
  const withoutFile = rowSet(wire.withoutRssFileBytes, rowCount);
  const withoutShmem = rowSet(wire.withoutRssShmemBytes, rowCount);
  const withoutSwap = rowSet(wire.withoutSwapBytes, rowCount);
  const withoutPageTable = rowSet(wire.withoutPageTableBytes, rowCount);

  const candidates: Candidate[] = [];
  for (let row = 0; row < rowCount; row++) {
    candidates.push({
      pid: integer(pid[row]),
      tid: integer(tid[row]),
      uid: integer(uid[row]),
      comm: present(comm[row], 'comm'),
      startUs: withoutStart.has(row) ? null : integer(startUs[row]),
      adj: integer(adj[row]),
      cgroupId: withoutCgroup.has(row) ? null : integer(cgroupId[row]),
      cgroupPath: pathOf(paths, integer(cgroupPath[row])),
      rssBytes: rss === null || withoutRss.has(row) ? null : integer(rss[row]),
      rssAnonBytes: withoutAnon.has(row) ? null : integer(anon[row]),
      rssFileBytes: withoutFile.has(row) ? null : integer(file[row]),
      rssShmemBytes: withoutShmem.has(row) ? null : integer(shmem[row]),
      swapBytes: withoutSwap.has(row) ? null : integer(swap[row]),
      pageTableBytes: withoutPageTable.has(row) ? null : integer(pageTable[row]),
      status: candidateStatus.fromWire(status[row]),
      points: withoutPoints.has(row) ? null : integer(points[row]),
    });
  }
  return candidates;
}

const NO_ROWS: ReadonlySet<number> = new Set();

function rowSet(rows: readonly number[] | null | undefined, rowCount: number): ReadonlySet<number> {
  // Mostly there are none, and a state has thousands of these.
  if (!rows?.length) return NO_ROWS;
  const set = new Set(rows);
  for (const row of set) {
    if (row >= rowCount) throw badMessage(`row ${row} is beyond the last of ${rowCount}`);
  }
  return set;
}

function pathOf(paths: readonly string[], number: number): string | null {
  return number === 0 ? null : present(paths[number - 1], `cgroup path ${number}`);
}
