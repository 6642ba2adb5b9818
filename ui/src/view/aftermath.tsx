import { useState } from 'preact/hooks';
import { formatBytes, formatDuration, plural } from '../../../src/base/units.js';
import type { VictimEvent } from '../../../src/events/victim.js';
import { aftermathOf } from '../../../src/model/aftermath.js';
import type { IncidentVictim } from '../../../src/model/model.js';
import { processName } from '../../../src/model/summary.js';
import { stepInWords } from '../words.js';

const SHOWN_AT_FIRST = 8;

export interface AftermathViewProps {
  readonly victims: readonly IncidentVictim[];
  /** Somebody was chosen, so somebody must have been marked. */
  readonly hasChoice: boolean;
}

/** What became of those who were marked to die, step by step. */
export function AftermathView({ victims, hasChoice }: AftermathViewProps) {
  const [all, setAll] = useState(false);
  if (victims.length === 0) {
    return <p class="quiet">{hasChoice ? 'What became of the victim was not seen.' : 'Nobody was marked to die.'}</p>;
  }
  const shown = all ? victims : victims.slice(0, SHOWN_AT_FIRST);
  return (
    <>
      <ul class="victims">
        {shown.map((victim) => (
          <VictimView key={`${victim.tid}-${victim.steps[0]?.tUs}`} victim={victim} />
        ))}
      </ul>
      {shown.length < victims.length && (
        <button type="button" onClick={() => setAll(true)}>
          show {plural(victims.length - shown.length, 'more process', 'more processes')} of the group
        </button>
      )}
    </>
  );
}

function VictimView({ victim }: { readonly victim: IncidentVictim }) {
  const aftermath = aftermathOf(victim);
  const startUs = aftermath.markedUs ?? victim.steps[0]?.tUs ?? 0;
  return (
    <li>
      <bdi class="victim-name">
        {aftermath.process === null ? `thread ${victim.tid}` : processName(aftermath.process)}
      </bdi>
      <ol class="steps">
        {victim.steps.map((step, index) => (
          // Steps are only ever added at the end.
          <li key={index} class={`step step-${step.step}`}>
            <span class="step-time">{step.tUs === startUs ? '0' : `+${formatDuration(step.tUs - startUs)}`}</span>
            <span>
              {stepInWords(step)}
              {step.step === 'exited' && <Freed step={step} freedBytes={aftermath.freedBytes} />}
            </span>
          </li>
        ))}
        {aftermath.exitedUs === null && <li class="step quiet">its exit was not seen yet</li>}
      </ol>
    </li>
  );
}

function Freed({ step, freedBytes }: { readonly step: VictimEvent; readonly freedBytes: number | null }) {
  const sharedBy = step.memorySharedBy ?? 0;
  return (
    <>
      {freedBytes !== null && `; ${formatBytes(freedBytes)} freed`}
      {sharedBy > 0 && `; ${plural(sharedBy, 'other process', 'other processes')} still hold its memory`}
    </>
  );
}
