import { OomscopeError } from '../base/errors.js';
import { plural } from '../base/units.js';
import type { LogSummary } from '../kernel-log/log-reader.js';

/** A log without any report. */
export function nothingFound(name: string, { lines }: LogSummary): OomscopeError {
  return new OomscopeError(
    'E_IMPORT_NOTHING',
    `${name} holds no report of the OOM killer (${plural(lines, 'line')} read).`,
    'Give the log of the kernel at the time of the kill: dmesg, journalctl -k, /var/log/kern.log or a serial console.',
  );
}
