import type { RefObject } from 'preact';

const KEYS: readonly (readonly [string, string])[] = [
  ['?', 'this list'],
  ['[  ]', 'the kill before, the kill after'],
  ['+  −', 'show less time, more time'],
  ['←  →', 'earlier, later; in a replay: a second back, a second on'],
  ['0', 'show all there is'],
  ['End', 'follow the present'],
  ['space', 'in a replay: play, pause'],
  ['↑  ↓', 'in a list: the row above, the row below'],
];

/** What the keys do. */
export function KeyList({ dialog }: { readonly dialog: RefObject<HTMLDialogElement> }) {
  return (
    <dialog ref={dialog} class="key-list" aria-labelledby="key-list-title">
      <h2 id="key-list-title">Keys</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(/\s+/).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">On a chart: the wheel zooms, dragging moves, a double click shows all.</p>
      <button type="button" onClick={() => dialog.current?.close()}>
        close
      </button>
    </dialog>
  );
}
