import { Command, Option } from 'commander';
import { TOPICS } from '../events/registry.js';
import { FLIGHT_LIMITS } from '../sinks/flight-recorder.js';
import { addKernelOptions } from './kernel-options.js';
import { parseBytes, parseSpanUs } from './option-values.js';
import { DEFAULT_INCIDENTS_CAP_BYTES, DEFAULT_RECORD_CAP_BYTES } from './recording.js';
import { addServerOptions } from './server-options.js';
import { watchKernel } from './watch-kernel.js';

export function liveCommand(): Command {
  const command = new Command('live')
    .description('Record the kills of the running kernel, and show them in a browser and as text.')
    .option('--json', 'print one event a line as JSON, the first one /session, instead of text')
    .option('--no-server', 'serve no page')
    .option('--record <directory>', 'write all events into trace files there, for `oomscope replay`')
    .option('--record-cap <bytes>', 'what they take at most; the oldest go', parseBytes, DEFAULT_RECORD_CAP_BYTES)
    .option('--incidents <directory>', 'write a trace file there at each kill, with what was before and after')
    .option('--incidents-cap <bytes>', 'what they take at most', parseBytes, DEFAULT_INCIDENTS_CAP_BYTES)
    .addOption(
      new Option('--flight <time>', 'how far back a page that opens late, and an incident file, reach')
        .argParser(parseSpanUs)
        .default(FLIGHT_LIMITS.ageUs, '120s'),
    )
    .addOption(
      new Option('--flight-memory <bytes>', 'what that takes at most; the oldest goes')
        .argParser(parseBytes)
        .default(FLIGHT_LIMITS.bytes, '64M'),
    )
    .option('--redact', 'in trace files, replace the names of processes and cgroups');
  return addKernelOptions(addServerOptions(command)).addHelpText('after', HELP).action(watchKernel);
}

const HELP = `
On a terminal it shows the node and the cgroups that matter above the kills; the kills stay when it ends.

Topics of --json (docs/events.md tells every field):
${Object.entries(TOPICS)
  .map(([topic, { about }]) => `  ${topic.padEnd(14)}${about}`)
  .join('\n')}

Examples:
  sudo oomscope live                        the page on http://127.0.0.1:7070/, text here
  sudo oomscope live --json | jq -c 'select(.topic == "/oom/episode") | .choice'
  sudo oomscope live --record /var/lib/oomscope --record-cap 2G
  sudo oomscope live | cat                  text as it comes, not a view that is drawn anew
`;
