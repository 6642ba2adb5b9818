// What `make run` shows: this node, where its kernel lets the whole kill path load; else a kernel in a virtual machine.

/**
 * The part of `oomscope doctor --json` that decides.
 *
 * @typedef {object} DoctorReport
 * @property {string} kernelRelease
 * @property {string} attachMode
 * @property {readonly { what: string }[]} missing  most important first
 * @property {{ message: string } | null} refusal  why nothing at all can be recorded
 * @property {{ obstacle: string | null }} pins  why nothing can be pinned
 */

/**
 * @param {DoctorReport | string} report  or why there is none
 * @returns {{ what: 'live' | 'lab', why: string }}
 */
export function chooseRun(report) {
  if (typeof report === 'string') return { what: 'lab', why: report };
  const { attachMode, missing, refusal, pins } = report;
  const kernel = `this node's kernel ${report.kernelRelease}`;
  const obstacle = refusal?.message ?? pins.obstacle;
  if (obstacle !== null) return { what: 'lab', why: `${kernel} cannot be watched as it is: ${obstacle}` };
  if (attachMode === 'fentry' || attachMode === 'kprobe') {
    return { what: 'live', why: `${kernel} lets the whole kill path load (${attachMode})` };
  }
  const lacking = missing[0]?.what ?? `it attaches by ${attachMode}`;
  return { what: 'lab', why: `${kernel} does not let the whole kill path load: ${lacking}` };
}
