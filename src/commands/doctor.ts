import { Command } from 'commander';
import { EXIT } from '../base/errors.js';
import { examineHost } from '../sources/kernel/examine.js';
import { loadAddon } from '../sources/kernel/native.js';
import { DEFAULT_PIN_DIRECTORY, removeAllPins } from '../sources/kernel/pins.js';
import { detachJson, detachText, doctorJson, doctorText } from './doctor-report.js';

interface DoctorOptions {
  readonly json: boolean;
  readonly detach: boolean;
  readonly pinDir: string;
}

/** `oomscope doctor`: what this host can, what it cannot and why; or removes what an earlier run left in the kernel. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say what would be recorded on this host, what would not, and why')
    .option('--json', 'print the findings as JSON', false)
    .option('--detach', 'remove everything that oomscope left in the kernel, of any version', false)
    .option('--pin-dir <directory>', 'where the kernel side is pinned', DEFAULT_PIN_DIRECTORY)
    .addHelpText(
      'after',
      `
Every way to attach is really tried: loaded, attached and let go again. Nothing is recorded meanwhile.
Exit code: 0 when kills can be recorded, ${EXIT.unsupportedHost} when they cannot.

Example:
  $ sudo oomscope doctor`,
    )
    .action((options: DoctorOptions) => {
      if (options.detach) detach(options);
      else examine(options);
    });
}

function examine({ json, pinDir }: DoctorOptions): void {
  const findings = examineHost(loadAddon(), pinDir);
  process.stdout.write(json ? `${JSON.stringify(doctorJson(findings), null, 2)}\n` : doctorText(findings));
  process.exitCode = findings.refusal === null ? EXIT.ok : EXIT.unsupportedHost;
}

function detach({ json, pinDir }: DoctorOptions): void {
  const removed = removeAllPins(loadAddon(), pinDir);
  process.stdout.write(
    json ? `${JSON.stringify(detachJson(pinDir, removed), null, 2)}\n` : detachText(pinDir, removed),
  );
}
