import { describe, expect, it } from 'vitest';
import { excerpt, runCommand, showSeconds } from './run-command.mjs';

describe('a command that is run', () => {
  it('hands back what it printed, and that all went well', async () => {
    const outcome = await runCommand(['sh', '-c', 'echo out; echo err >&2']);
    expect(outcome).toMatchObject({ ok: true, failure: null });
    expect(outcome.output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('tells its exit status when it failed', async () => {
    expect(await runCommand(['sh', '-c', 'exit 3'])).toMatchObject({ ok: false, failure: 'exit status 3' });
  });

  it('tells the signal that ended it', async () => {
    expect(await runCommand(['sh', '-c', 'kill -SEGV $$'])).toMatchObject({ ok: false, failure: 'ended by SIGSEGV' });
  });

  it('fails, and does not throw, when there is no such program', async () => {
    const outcome = await runCommand(['oomscope-no-such-program']);
    expect(outcome.failure).toContain('could not start oomscope-no-such-program');
  });

  it('is ended after its limit, with everything that it started', async () => {
    // The grandchild holds the pipe: were it left alive, this would wait for 60 s.
    const outcome = await runCommand(['sh', '-c', 'echo started; sleep 60 & wait'], { limitSeconds: 2 });
    expect(outcome).toMatchObject({ ok: false, failure: 'ended after its limit of 2 s', output: 'started\n' });
    expect(outcome.seconds).toBeLessThan(30);
  });
});

describe('what is shown of it', () => {
  it('is all of a short output, and both ends of a long one', () => {
    expect(excerpt('1\n2\n', 1)).toBe('    1\n    2');
    expect(excerpt('1\n2\n3\n4\n5\n', 1)).toBe('    1\n    … 3 lines …\n    5');
  });

  it('is a time with as many digits as matter', () => {
    expect([0.04, 9.96, 61.2].map(showSeconds)).toEqual(['0.0 s', '10.0 s', '61 s']);
  });
});
