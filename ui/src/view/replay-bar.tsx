import { useEffect, useState } from 'preact/hooks';
import { formatDuration } from '../../../src/base/units.js';
import type { PlayerState } from '../../../src/trace/play/player.js';
import type { Playback } from '../files/playback.js';
import { clockTime, utcTime } from '../state/time.js';
import type { TimeStore } from '../time/time-store.js';
import { useNow } from './hooks.js';

const TICK_MS = 100;
const SPEEDS: readonly number[] = [0.1, 0.5, 1, 2, 5, 10, 100];

/** Plays a film: where it stands, and how to go elsewhere in it. Its keys are in `replayKey`. */
export function ReplayBar({ playback, time }: { readonly playback: Playback; readonly time: TimeStore }) {
  const state = usePlayback(playback);
  const { startUs, endUs, positionUs, playing, speed, noKill } = state;
  const seek = (timeUs: number) => {
    playback.seek(timeUs);
    bringIntoSight(time, timeUs / 1000);
  };
  const positionMs = positionUs / 1000;
  const from = formatDuration(Math.max(0, positionUs - startUs));
  const length = formatDuration(endUs - startUs);
  return (
    <div class="replay" role="toolbar" aria-label="replay">
      <button
        type="button"
        aria-label="previous kill"
        title="previous kill  ["
        onClick={() => playback.step('previous')}
      >
        ◂✕
      </button>
      <button
        type="button"
        class="play"
        aria-label={playing ? 'pause' : 'play'}
        title={playing ? 'pause  (space)' : 'play  (space)'}
        onClick={() => (playing ? playback.pause() : playback.play())}
      >
        {playing ? '❚❚' : '▶'}
      </button>
      <button type="button" aria-label="next kill" title="next kill  ]" onClick={() => playback.step('next')}>
        ✕▸
      </button>
      <input
        class="scrubber"
        type="range"
        aria-label="position"
        aria-valuetext={`${from} of ${length}`}
        min={startUs}
        max={Math.max(endUs, startUs + 1)}
        step="any"
        value={positionUs}
        onInput={(event) => seek(event.currentTarget.valueAsNumber)}
      />
      <span class="position" title={utcTime(positionMs)}>
        <time dateTime={isoTime(positionMs)}>{clockTime(positionMs, Date.now())}</time>{' '}
        <span class="quiet">
          {from} of {length}
        </span>
      </span>
      <span class="quiet" role="status">
        {noKill !== null && (noKill === 'next' ? 'no later kill' : 'no earlier kill')}
      </span>
      <label class="speed">
        speed{' '}
        <select value={String(speed)} onChange={(event) => playback.setSpeed(Number(event.currentTarget.value))}>
          {(SPEEDS.includes(speed) ? SPEEDS : [speed, ...SPEEDS]).map((choice) => (
            <option key={choice} value={String(choice)}>
              {choice === Number.POSITIVE_INFINITY ? 'max' : `${choice}×`}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

const ARROW_STEP_US = 1_000_000;

/** What a key does to the film, wherever the focus is. False = it is none of these. */
export function replayKey(key: string, playback: Playback): boolean {
  const { playing, positionUs, startUs, endUs } = playback.state;
  const move = (byUs: number) => playback.seek(Math.max(startUs, Math.min(endUs, positionUs + byUs)));
  switch (key) {
    case ' ':
      if (playing) playback.pause();
      else playback.play();
      return true;
    case 'ArrowLeft':
      move(-ARROW_STEP_US);
      return true;
    case 'ArrowRight':
      move(ARROW_STEP_US);
      return true;
    case '[':
      playback.step('previous');
      return true;
    case ']':
      playback.step('next');
      return true;
    default:
      return false;
  }
}

/** The state, told anew after each change and ten times a second while it plays. */
function usePlayback(playback: Playback): PlayerState {
  const [state, setState] = useState(playback.state);
  const tick = useNow(state.playing ? TICK_MS : 60_000);
  useEffect(() => {
    const take = () => setState(playback.state);
    take();
    return playback.subscribe(take);
  }, [playback, tick]);
  return state;
}

/** A seek to where the charts do not look takes them along. */
function bringIntoSight(time: TimeStore, ms: number): void {
  const { span } = time;
  if (span === null || (ms >= span.fromMs && ms <= span.toMs)) return;
  const half = (span.toMs - span.fromMs) / 2;
  time.show({ fromMs: ms - half, toMs: ms + half });
}

function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
