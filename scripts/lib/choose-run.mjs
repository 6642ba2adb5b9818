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
  /** @param {string} because @returns {{ what: 'lab', why: string }} */
  const lab = (because) => ({ what: 'lab', why: `${kernel} ${because}` });
  if (refusal !== null) return lab(`cannot be watched: ${refusal.message}`);
  if (attachMode !== 'fentry' && attachMode !== 'kprobe') {
    return lab(`does not let the whole kill path load: ${missing[0]?.what ?? `it attaches by ${attachMode}`}`);
  }
  if (pins.obstacle !== null) return lab(`has no place to pin to: ${pins.obstacle}`);
  return { what: 'live', why: `${kernel} lets the whole kill path load (${attachMode})` };
}
