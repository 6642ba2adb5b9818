import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { OomscopeError } from '../../../src/base/errors.js';
import { findQemu } from '../../../src/lab/qemu.js';
import { VmBroker } from './broker.js';
import { VM_KERNELS } from './kernels.js';
import './provided.js';

/** One guest per kernel for the whole run, booted when the first file asks for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const impossible = whyImpossible();
  project.provide('vmSkipped', impossible ?? '');
  if (impossible !== null) {
    project.provide('vmSockets', null);
    return async () => {};
  }
  const directory = mkdtempSync(join(tmpdir(), 'oomscope-vm-'));
  const brokers = VM_KERNELS.map((kernel) => new VmBroker(kernel, directory));
  await Promise.all(brokers.map((broker) => broker.listen()));
  project.provide('vmSockets', directory);
  return async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    rmSync(directory, { recursive: true, force: true });
  };
}

/** A skip has to prove that it had to, and has to be asked for: without a guest most of what matters is untested. */
function whyImpossible(): string | null {
  try {
    findQemu();
    return null;
  } catch (error) {
    if (!(error instanceof OomscopeError)) throw error;
    if (process.env['OOMSCOPE_ALLOW_NO_VM'] === '1') return error.message;
    throw new Error(`${error.message} ${error.nextStep} (OOMSCOPE_ALLOW_NO_VM=1 skips these tests.)`);
  }
}
