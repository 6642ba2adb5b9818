import { useEffect, useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { type OpenedFile, type Opening, openFiles } from '../files/opened-file.js';
import type { Playback } from '../files/playback.js';
import type { ServerPlayback } from '../net/server-playback.js';
import { openedAddress } from '../state/address.js';
import type { Store } from '../state/store.js';
import { TimeStore } from '../time/time-store.js';
import { App } from './app.js';

const liveTime = new TimeStore();
const { span: openedSpan } = openedAddress();
if (openedSpan !== null) liveTime.setView({ kind: 'fixed', span: openedSpan });

export interface RootProps {
  readonly live: Store;
  /** What the server plays, should it be a replay. */
  readonly replay: ServerPlayback;
  readonly onRetry: () => void;
}

/** Live, or the file that a person gave to the page instead. */
export function Root({ live, replay, onRetry }: RootProps) {
  const [file, setFile] = useState<OpenedFile | null>(null);
  const [opening, setOpening] = useState<Opening>({ kind: 'none' });
  const [isOver, setOver] = useState(false);
  const served = useServed(replay);
  const leave = (next: OpenedFile | null) =>
    setFile((before) => {
      before?.close();
      return next;
    });
  const open = (files: readonly File[]) => void openFiles(files, setOpening, leave);
  useDrops(open, setOver);
  return (
    <>
      <App
        key={file === null ? 'live' : file.name}
        store={file?.store ?? live}
        time={file?.time ?? liveTime}
        playback={file === null ? served : file.playback}
        onRetry={onRetry}
        onOpen={open}
        onCloseFile={() => leave(null)}
      />
      {isOver && (
        <div class="drop-here">
          <p>Drop a trace (.mcap) or a kernel log: it opens here, in this browser alone.</p>
        </div>
      )}
      {opening.kind === 'opening' && (
        <div class="toast" role="status">
          Reading <bdi>{visible(opening.name)}</bdi>…{' '}
          <progress {...(opening.share === null ? {} : { value: opening.share })} aria-label="read so far" />
        </div>
      )}
      {opening.kind === 'failed' && (
        <div class="toast toast-bad" role="alert">
          <span>
            <bdi>{visible(opening.name)}</bdi> cannot be opened: {visible(opening.reason)}
          </span>
          <button type="button" onClick={() => setOpening({ kind: 'none' })}>
            close
          </button>
        </div>
      )}
    </>
  );
}

/** The server's replay; null = it is none. */
function useServed(replay: ServerPlayback): Playback | null {
  const [isKnown, setKnown] = useState(replay.isKnown);
  useEffect(() => {
    const take = () => setKnown(replay.isKnown);
    take();
    return replay.subscribe(take);
  }, [replay]);
  useEffect(() => {
    // Of a film all is there from the beginning.
    if (isKnown) liveTime.setView({ kind: 'follow', lengthMs: Number.POSITIVE_INFINITY });
  }, [isKnown]);
  return isKnown ? replay : null;
}

/** Files that are dropped anywhere. What is dragged but is no file goes its own way. */
function useDrops(onFiles: (files: readonly File[]) => void, onOver: (isOver: boolean) => void): void {
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    addEventListener(
      'dragover',
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        onOver(true);
      },
      { signal },
    );
    addEventListener('dragleave', (event) => event.relatedTarget === null && onOver(false), { signal });
    addEventListener(
      'drop',
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        onOver(false);
        onFiles([...(event.dataTransfer?.files ?? [])]);
      },
      { signal },
    );
    return () => stop.abort();
  }, []);
}
