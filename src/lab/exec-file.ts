import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EXIT, OomscopeError } from '../base/errors.js';
import type { OutputHandlers } from './guest-agent.js';
import type { Machine } from './machine.js';

/** A file of the host that is to run in the guest. */
export interface GuestFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const DIRECTORY = '/run';
const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

/** Reads it before anything is booted for it. */
export async function readGuestFile(path: string): Promise<GuestFile> {
  try {
    return { name: basename(path), bytes: await readFile(path) };
  } catch (error) {
    const reason = (error as Error).message;
    throw new OomscopeError(
      'E_USAGE',
      `the file for --exec cannot be read (${reason}).`,
      'Check its path.',
      EXIT.usage,
    );
  }
}

/** Runs it as root and resolves with its exit status, 128 + n after signal n. */
export async function execGuestFile(machine: Machine, file: GuestFile, output: OutputHandlers): Promise<number> {
  const path = `${DIRECTORY}/${file.name}`;
  await machine.agent.writeFile(path, file.bytes, 0o755);
  const runsByItself = file.bytes.subarray(0, 2).toString() === '#!' || file.bytes.subarray(0, 4).equals(ELF_MAGIC);
  const { status } = await machine.spawn(runsByItself ? [path] : ['bash', path], output).exited;
  return status;
}
