import { visible } from '../../../src/base/escape.js';
import { formatBytes, plural } from '../../../src/base/units.js';
import type { ProgramOutcome, SessionEvent } from '../../../src/events/session.js';

const STATES: Readonly<Record<ProgramOutcome['state'], string>> = {
  attached: '✓ attached',
  'left-out': '– left out',
  failed: '✕ failed',
};

/** What oomscope found on this host and what it attached, for who wants to know. */
export function SessionDetails({ session }: { readonly session: SessionEvent }) {
  const attached = session.programs.filter((program) => program.state === 'attached').length;
  return (
    <details class="session">
      <summary>
        This session: {attached} of {plural(session.programs.length, 'kernel program')} attached
      </summary>
      <p>
        {visible(session.hostname)}: Linux {visible(session.kernelRelease)} on {visible(session.machine)},{' '}
        {plural(session.cpuCount, 'CPU')}, {formatBytes(session.memoryTotalBytes)} of memory, pages of{' '}
        {formatBytes(session.pageSizeBytes)},{' '}
        {session.cgroupVersion === null ? 'no memory cgroups' : `cgroup v${session.cgroupVersion}`}; oomscope{' '}
        {visible(session.oomscopeVersion)}, boot {visible(session.bootId)}.
      </p>
      <ul class="programs">
        {session.programs.map((program) => (
          <li key={program.name} class={`program is-${program.state}`}>
            <span>{STATES[program.state]}</span> <code>{visible(program.name)}</code>
            {program.reason !== null && <span class="quiet"> {visible(program.reason)}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}
