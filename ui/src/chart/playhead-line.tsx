import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Playback } from '../files/playback.js';
import { shareOf } from '../time/span.js';
import type { TimeStore } from '../time/time-store.js';
import { INSET } from './insets.js';

export interface PlayheadLineProps {
  readonly time: TimeStore;
  readonly playback: Playback;
  readonly widthPx: number;
}

/** Where the film stands. While it plays it moves with every frame of the screen. */
export function PlayheadLine({ time, playback, widthPx }: PlayheadLineProps) {
  const line = useRef<HTMLDivElement>(null);
  const place = () => {
    const { span } = time;
    if (line.current === null || span === null) return;
    const share = shareOf(span, playback.state.positionUs / 1000);
    line.current.hidden = share < 0 || share > 1;
    const x = INSET.left + share * Math.max(1, widthPx - INSET.left - INSET.right);
    line.current.style.transform = `translateX(${x.toFixed(1)}px)`;
  };
  useLayoutEffect(() => {
    place();
    return time.subscribe(place);
  }, [time, playback, widthPx]);
  useEffect(() => {
    let frame = 0;
    const step = () => {
      place();
      frame = playback.state.playing ? requestAnimationFrame(step) : 0;
    };
    const start = () => {
      if (frame === 0) frame = requestAnimationFrame(step);
    };
    start();
    const stop = playback.subscribe(start);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [time, playback, widthPx]);
  return <div ref={line} class="playhead-line" aria-hidden="true" />;
}
