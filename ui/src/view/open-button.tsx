import { useRef } from 'preact/hooks';

/** For who has no mouse to drop a file with, or does not know that it can be dropped. */
export function OpenButton({ onOpen }: { readonly onOpen: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class="open-file"
        title="a trace (.mcap) or a kernel log: it is read in this browser alone, or drop it anywhere on the page"
        onClick={() => input.current?.click()}
      >
        open a file…
      </button>
      <input
        ref={input}
        class="said"
        type="file"
        multiple
        tabIndex={-1}
        aria-label="a trace or a log to open"
        onChange={(event) => {
          onOpen([...(event.currentTarget.files ?? [])]);
          // The same file may be chosen again.
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
