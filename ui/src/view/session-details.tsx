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
        This session:{' '}
        {session.attachMode === 'log'
          ? 'read from a kernel log'
          : `${attached} of ${plural(session.programs.length, 'kernel program')} attached`}
      </summary>
      <p>
        {factsInWords(session)}; oomscope {visible(session.oomscopeVersion)}
        {session.bootId !== null && `, boot ${visible(session.bootId)}`}.
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

/** Those that are known. */
function factsInWords(session: SessionEvent): string {
  const { hostname, kernelRelease, machine, cpuCount, memoryTotalBytes, pageSizeBytes, cgroupVersion } = session;
  const kernel = `${hostname ?? 'host unknown'}: Linux ${kernelRelease ?? 'of an unknown version'}`;
  const facts = [
    machine === null ? kernel : `${kernel} on ${machine}`,
    ...(cpuCount === null ? [] : [plural(cpuCount, 'CPU')]),
    ...(memoryTotalBytes === null ? [] : [`${formatBytes(memoryTotalBytes)} of memory`]),
    ...(pageSizeBytes === null ? [] : [`pages of ${formatBytes(pageSizeBytes)}`]),
    ...(cgroupVersion === null && session.attachMode !== 'log' ? ['no memory cgroups'] : []),
    ...(cgroupVersion === null ? [] : [`cgroup v${cgroupVersion}`]),
  ];
  return visible(facts.join(', '));
}
