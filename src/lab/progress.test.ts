import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { showProgress } from './progress.js';

function stream(isTTY: boolean): { output: NodeJS.WriteStream; text: () => string } {
  const output = Object.assign(new PassThrough(), { isTTY, columns: 40 });
  return { output: output as unknown as NodeJS.WriteStream, text: () => String(output.read() ?? '') };
}

describe('progress', () => {
  it('in a log each new step is a line, and its counting is not', () => {
    const { output, text } = stream(false);
    const progress = showProgress(output, 'lab: ');
    progress.step('downloading x: 1 MiB of 80 MiB');
    progress.step('downloading x: 2 MiB of 80 MiB');
    progress.step('booting');
    progress.note('up');
    progress.end();
    expect(text()).toBe('lab: downloading x: 1 MiB of 80 MiB\nlab: booting\nlab: up\n');
  });

  it('on a terminal it is one line that is cleared in the end', () => {
    const { output, text } = stream(true);
    const progress = showProgress(output, '');
    progress.step('booting');
    progress.note('up');
    progress.end();
    expect(text()).toBe('\r\x1b[Kbooting … 0 s\r\x1b[Kup\n\r\x1b[Kbooting … 0 s\r\x1b[K');
  });

  it('a line is never longer than the terminal, and keeps its seconds', () => {
    const { output, text } = stream(true);
    const progress = showProgress(output, '');
    progress.step('x'.repeat(100));
    progress.end();
    expect(text()).toBe(`\r\x1b[K${'x'.repeat(33)} … 0 s\r\x1b[K`);
  });
});
