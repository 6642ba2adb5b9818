import { useEffect, useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { type OpenedFile, type Opening, openFiles } from '../files/opened-file.js';
import type { Store } from '../state/store.js';
import { TimeStore } from '../time/time-store.js';
import { App } from './app.js';

const liveTime = new TimeStore();

/** Live, or the file that a person gave to the page instead. */
export function Root({ live, onRetry }: { readonly live: Store; readonly onRetry: () => void }) {
  const [file, setFile] = useState<OpenedFile | null>(null);
  const [opening, setOpening] = useState<Opening>({ kind: 'none' });
  const [isOver, setOver] = useState(false);
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
        key={file === null ? 'live' : `${file.name}-${file.playback.state.startUs}`}
        store={file?.store ?? live}
        time={file?.time ?? liveTime}
        playback={file?.playback ?? null}
        onRetry={onRetry}
        onOpen={open}
        onCloseFile={() => leave(null)}
      />
      {isOver && (
        <div class="drop-here">
          <p>Drop a trace (.mcap): it opens here, in this browser alone.</p>
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
