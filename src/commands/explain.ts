import { Command, Option } from 'commander';
import { EXIT, OomscopeError } from '../base/errors.js';
import { eachBatch } from '../report/each-batch.js';
import { type Explained, explain, explainGrowth, explainUserKill } from '../report/explain/build.js';
import { CaseCollector } from '../report/explain/case.js';
import { renderHtml } from '../report/explain/html.js';
import { renderJson } from '../report/explain/json.js';
import { renderMarkdown } from '../report/explain/markdown.js';
import { renderText } from '../report/explain/text.js';
import { explainLog, isLog } from './explain-log.js';
import { fileOutput, streamOutput } from './export-output.js';
import { openTraces } from './open-traces.js';
import { stdoutStyle } from './terminal.js';
import { TraceProblems } from './trace-problems.js';
import { endRequest } from './until-ended.js';

const FORMATS = ['text', 'md', 'html', 'json'] as const;
type Format = (typeof FORMATS)[number];

interface ExplainOptions {
  readonly format: Format;
  readonly incident?: string;
  readonly output?: string;
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('Say who was killed, why, and who is to blame, with the evidence.')
    .argument('<file...>', 'traces of one node, or directories of them; or one kernel log, - = standard input')
    .addOption(new Option('--format <format>', 'how to say it').choices(FORMATS).default('text'))
    .option('--incident <id>', 'this one alone; an unknown id prints those that there are')
    .option('-o, --output <file>', 'where to; it must not exist (default: standard output)')
    .addHelpText('after', HELP)
    .action(runExplain);
}

const HELP = `
A kernel log has no timeline: who caused the kill stays unknown. The HTML report is one file without any script, to attach to a ticket. Needs no root, no addon and no Linux.

Examples:
  oomscope explain kills.mcap
  dmesg | oomscope explain -
  oomscope explain incidents/incident-1234.mcap --format html -o kill.html
  oomscope explain kills.mcap --format json | jq -r '.incidents[].sentence'
`;

async function runExplain(paths: readonly string[], options: ExplainOptions): Promise<void> {
  const text = render(chosen(await readKills(paths), options.incident), options.format);
  const request = endRequest();
  try {
    const output =
      options.output === undefined ? streamOutput(process.stdout, request.ended) : await fileOutput(options.output);
    try {
      await output.write(text);
      await output.finish();
    } catch (error) {
      await output.abandon();
      throw error;
    }
  } finally {
    request.release();
  }
}

/** Every kill in these files, explained, oldest first; where there is none, what grew. */
async function readKills(paths: readonly string[]): Promise<Explained[]> {
  const [path] = paths;
  if (path !== undefined && paths.length === 1 && (await isLog(path))) return explainLog(path);
  const files = await openTraces(paths);
  const problems = new TraceProblems();
  for (const problem of files.problems) problems.tell(problem);
  try {
    const collector = new CaseCollector();
    for await (const { restart, events } of eachBatch(files.timeline, (problem) => problems.tell(problem))) {
      if (restart) collector.know(events);
      else collector.write(events);
    }
    const all = [...collector.cases().map(explain), ...collector.userCases().map(explainUserKill)];
    if (all.length > 0) return all.sort((a, b) => a.startUs - b.startUs);
    const growth = explainGrowth(collector.tracks(), collector.session);
    return growth === null ? [] : [growth];
  } finally {
    await files.close();
  }
}

const IDS_SHOWN = 10;

/** Throws E_NO_INCIDENT where there is none to explain. */
function chosen(all: readonly Explained[], id: string | undefined): readonly Explained[] {
  const some = id === undefined ? all : all.filter((explained) => explained.id === id);
  if (some.length > 0) return some;
  const ids = all.slice(-IDS_SHOWN).map((explained) => explained.id);
  throw new OomscopeError(
    'E_NO_INCIDENT',
    all.length === 0
      ? 'There is no kill in these files, and no cgroup grew.'
      : `There is no incident ${JSON.stringify(id)} in these files.`,
    all.length === 0 ? 'Look at them with `oomscope replay`.' : `The newest ones: ${ids.join(', ')}.`,
    EXIT.failed,
  );
}

function render(explained: readonly Explained[], format: Format): string {
  const reports = explained.map(({ blocks }) => blocks);
  switch (format) {
    case 'text':
      return reports.map((blocks) => renderText(blocks, stdoutStyle().columns)).join('\n\n');
    case 'md':
      return reports.map(renderMarkdown).join('\n---\n\n');
    case 'html':
      return renderHtml(reports);
    case 'json':
      return renderJson(explained);
  }
}
