// Lists the project's own files for the checkers that cannot find them by themselves.
import { execFileSync } from 'node:child_process';
import { root } from './run-command.mjs';

/**
 * Files that git knows or would add, below the root, so that what is generated is left out.
 *
 * @param {readonly string[]} patterns  git pathspecs, e.g. "*.c"
 */
export function projectFiles(patterns) {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const deleted = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\0');
  return listed.split('\0').filter((path) => path !== '' && !deleted.includes(path));
}
