// What the addon is built for: this machine, or the architecture that OOMSCOPE_TARGET_ARCH names (amd64, arm64: Docker's
// and Debian's words). scripts/setup.sh reads the same variable and installs the compiler and libraries for it.

/**
 * @typedef {object} Architecture
 * @property {string} debian  Docker calls it the same
 * @property {string} node
 * @property {string} processor  the kernel's, the compiler's and QEMU's word
 * @property {number} elfMachine
 */

/** @type {Readonly<Record<string, Architecture>>} */
export const architectures = {
  amd64: { debian: 'amd64', node: 'x64', processor: 'x86_64', elfMachine: 62 },
  arm64: { debian: 'arm64', node: 'arm64', processor: 'aarch64', elfMachine: 183 },
};

/** @param {string} name @returns {Architecture} */
export function architectureNamed(name) {
  const found = architectures[name];
  if (found === undefined) {
    throw new Error(`unknown architecture ${name}: there are ${Object.keys(architectures).join(' and ')}`);
  }
  return found;
}

/** The architecture that is not this machine's; null = it is built for here. */
export function crossTarget() {
  const name = process.env['OOMSCOPE_TARGET_ARCH'] ?? '';
  if (name === '') return null;
  const target = architectureNamed(name);
  return target.node === process.arch ? null : target;
}
