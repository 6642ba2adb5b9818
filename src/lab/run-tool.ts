import { spawn } from 'node:child_process';

export interface ToolResult {
  readonly ok: boolean;
  readonly stdout: Buffer;
  /** Why it failed, for a person: the last line it wrote, or how it ended. */
  readonly reason: string;
}

/** Debian keeps depmod where an ordinary user's PATH does not look. */
export const TOOL_PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/** Runs a program of the host to its end. Never throws: a missing program is a failure like any other. */
export function runTool(program: string, args: readonly string[], options: { cwd?: string } = {}): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...options,
      // Its messages are parsed, or shown to someone who reads ours: both are in English.
      env: { ...process.env, PATH: TOOL_PATH, LC_ALL: 'C' },
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
