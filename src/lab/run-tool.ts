import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface ToolResult {
  readonly ok: boolean;
  readonly stdout: Buffer;
  /** Why it failed, for a person: the last line it wrote, or how it ended. */
  readonly reason: string;
}

/** Debian keeps depmod where an ordinary user's PATH does not look. */
function toolPath(): string {
  return `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
}

/** Path of a program of the host; null = not there. */
export function findProgram(name: string): string | null {
  const directory = toolPath()
    .split(':')
    .find((path) => path !== '' && existsSync(join(path, name)));
  return directory === undefined ? null : join(directory, name);
}

export interface ToolOptions {
  readonly cwd?: string;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program of the host to its end. Never throws: a missing program is a failure like any other. */
export function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...options,
      // Its messages are parsed, or shown to someone who reads ours: both are in English.
      env: { ...process.env, PATH: toolPath(), LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => {
      stderr = (stderr + bytes.toString()).slice(-4096);
    });
    child.once('error', (error) => resolve({ ok: false, stdout: Buffer.alloc(0), reason: error.message }));
    child.once('close', (status, signal) => {
      const lastLine = stderr.trim().split('\n').at(-1) ?? '';
      const ending = signal === null ? `exit status ${status}` : `killed by ${signal}`;
      resolve({
        ok: status === 0,
        stdout: Buffer.concat(stdout),
        reason: lastLine === '' ? `${program}: ${ending}` : lastLine,
      });
    });
  });
}
