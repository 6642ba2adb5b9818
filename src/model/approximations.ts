import type { Approximation } from '../events/episode.js';

/** What each means for the reader, as a clause. */
const WORDS: Readonly<Record<Approximation, string>> = {
  'points-recomputed': 'points are recomputed from the task table, which the kernel prints after it has chosen',
  'memory-not-printed':
    'the log does not tell how much memory there was to share, so the weight of oom_score_adj is not known',
  'machine-swap-unknown': 'the cgroup may use swap and the log does not tell how much there is: none was assumed',
  'swappiness-unknown': 'swap was counted as if the swappiness of the cgroup were not 0',
  'nodes-unknown': 'only some memory nodes counted, and the log does not tell their sizes as the kernel counted them',
  'page-size-assumed': 'pages of 4 KiB were assumed',
  'rows-missing': 'rows of the task table are missing, or may be',
  'root-bonus-unknown':
    'this kernel spares processes with CAP_SYS_ADMIN by 3 %, and the log does not tell which those are',
  'score-differs': 'the kernel printed another score for the chosen process',
  'choice-differs': 'another process has the most recomputed points',
  'header-missing': 'the beginning of the report is missing',
  'memory-missing': 'what was full is missing from the report',
  'tasks-missing': 'the report has no task table',
  'kill-missing': 'the report ends before it says who was killed',
  'time-unknown': 'the log does not tell when it was',
  'year-assumed': 'the log names no year: it was taken from the time of the file, or from today',
  'zone-assumed': 'the log names no time zone: that of this machine was assumed',
};

/** All there are. */
export const APPROXIMATIONS = Object.keys(WORDS) as readonly Approximation[];

export function approximationInWords(approximation: Approximation): string {
  return WORDS[approximation];
}
