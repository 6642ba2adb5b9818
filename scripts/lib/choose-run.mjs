// What `make run` shows: this node, where its kernel lets the whole kill path load; else a kernel in a virtual machine.

/**
 * The part of `oomscope doctor --json` that decides.
 *
 * @typedef {object} DoctorReport
 * @property {string} kernelRelease
 * @property {string} attachMode
 * @property {readonly { what: string }[]} missing  most important first
 */

/**
 * @param {DoctorReport | string} report  or why there is none
 * @returns {{ what: 'live' | 'lab', why: string }}
 */
export function chooseRun(report) {
  if (typeof report === 'string') return { what: 'lab', why: report };
  const { kernelRelease, attachMode, missing } = report;
  if (attachMode === 'fentry' || attachMode === 'kprobe') {
    return { what: 'live', why: `this node's kernel ${kernelRelease} lets the whole kill path load (${attachMode})` };
  }
  const lacking = missing[0] === undefined ? `it attaches by ${attachMode}` : missing[0].what;
  return { what: 'lab', why: `this node's kernel ${kernelRelease} does not let the whole kill path load: ${lacking}` };
}
