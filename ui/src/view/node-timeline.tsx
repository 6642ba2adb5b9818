import { useMemo } from 'preact/hooks';
import { plural } from '../../../src/base/units.js';
import { isKill } from '../../../src/model/fold.js';
import { MarkRow } from '../chart/mark-row.js';
import type { Mark } from '../chart/marks.js';
import { PlayheadLine } from '../chart/playhead-line.js';
import { TimeArea } from '../chart/time-area.js';
import { TimePlot } from '../chart/time-plot.js';
import type { Playback } from '../files/playback.js';
import type { SeenIncident } from '../state/runs.js';
import { axisMs } from '../state/time.js';
import type { TimeStore } from '../time/time-store.js';
import { victimComm } from './incident-words.js';

export interface NodeTimelineProps {
  readonly time: TimeStore;
  readonly incidents: readonly SeenIncident[];
  readonly selectedKey: string | null;
  readonly onSelect: (key: string) => void;
  readonly playback: Playback | null;
}

const HEIGHT_PX = 96;

/** The node over time: when it was short, and when it killed. */
export function NodeTimeline({ time, incidents, selectedKey, onSelect, playback }: NodeTimelineProps) {
  const marks = useMemo(() => incidents.map(markOf), [incidents]);
  const kills = marks.filter((mark) => mark.isKill).length;
  return (
    <TimeArea
      time={time}
      takesKeys
      label={`The node over time: ${plural(kills, 'kill')}. Arrow keys move, plus and minus zoom, 0 shows all, End follows the present.`}
    >
      {(widthPx) => (
        <>
          <TimePlot time={time} heightPx={HEIGHT_PX} series={[]} data={NO_DATA} value={() => ''} top={() => 1} />
          {playback !== null && <PlayheadLine time={time} playback={playback} widthPx={widthPx} />}
          <MarkRow time={time} widthPx={widthPx} marks={marks} selectedKey={selectedKey} onSelect={onSelect} />
        </>
      )}
    </TimeArea>
  );
}

const NO_DATA: [number[]] = [[]];

function markOf({ key, incident, session }: SeenIncident): Mark {
  return {
    key,
    ms: axisMs(session, incident.startUs),
    words: `${isKill(incident) ? '✕ ' : ''}${victimComm(incident)}`,
    isKill: isKill(incident),
  };
}
