import { INVOKED, parseCpuset, parseInvoked, parseTaskIdentity } from './header-lines.js';
import type { KernelMessage } from './message-reader.js';
import { STAGE } from './report-builder.js';
import type { ReportRouter } from './report-router.js';

/** TASK_COMM_LEN is 16; a character of it may be three bytes shown as "\xNN". */
const MAX_COMM_LENGTH = 63;

/** "… invoked oom-killer: …" begins a report. */
export function readInvoked(router: ReportRouter, message: KernelMessage): boolean {
  const at = message.text.indexOf(INVOKED);
  if (at < 0 || at > MAX_COMM_LENGTH) return false;
  const line = parseInvoked(message.text);
  if (line === null) router.problem(message, '"NAME invoked oom-killer: gfp_mask=…, order=…, oom_score_adj=…"');
  router.closeOpenOf(message);
  router.begin(message).addInvoked(message.text.slice(0, at), line);
  return true;
}

/** The lines below it that tell more of the trigger. They mean nothing outside a report. */
export function readTrigger(router: ReportRouter, message: KernelMessage): boolean {
  const { text } = message;
  const cpuset = text.includes(' cpuset=') ? parseCpuset(text) : null;
  if (cpuset !== null) {
    const report = router.find(
      message,
      (r) => r.stage < STAGE.tasks && !r.hasCpuset && r.trigger?.comm === cpuset.comm,
    );
    report?.addCpuset(cpuset.cpuset, cpuset.memsAllowed);
    return report !== undefined;
  }
  const identity = text.startsWith('CPU: ') || text.startsWith('Pid: ') ? parseTaskIdentity(text) : null;
  if (identity === null) return false;
  // A stack dump of another cause may come between: its thread has another name, or the report has its own already.
  const report = router.find(
    message,
    (r) => r.stage < STAGE.tasks && r.trigger?.tid === null && r.trigger.comm.trim() === identity.comm.trim(),
  );
  if (report === undefined) return false;
  report.addIdentity(identity);
  router.learn({ kernelRelease: identity.kernelRelease });
  return true;
}
