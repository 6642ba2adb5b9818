import type { TimeStore } from '../time/time-store.js';
import { INSET } from './insets.js';

const WHEEL_ZOOM_PER_PX = 1.0018;
const KEY_ZOOM = 1.5;
const KEY_PAN = 0.15;
/** A hand that shakes has not dragged. */
const DRAG_FROM_PX = 4;

/** Wheel, drag and pointer on a chart move the time that all charts share. Returns how to stop. */
export function attachGestures(
  element: HTMLElement,
  time: TimeStore,
  inset: { readonly left: number; readonly right: number } = INSET,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const plotWidth = () => Math.max(1, element.clientWidth - inset.left - inset.right);
  const msAt = (event: MouseEvent): number | null => {
    const { span } = time;
    if (span === null) return null;
    const share = (event.clientX - element.getBoundingClientRect().left - inset.left) / plotWidth();
    return span.fromMs + Math.max(0, Math.min(1, share)) * (span.toMs - span.fromMs);
  };

  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) time.pan(sideways / plotWidth());
      else time.zoom(WHEEL_ZOOM_PER_PX ** event.deltaY, msAt(event) ?? undefined);
    },
    // It would scroll the page besides.
    { passive: false, signal },
  );

  let drag: { readonly pointerId: number; readonly startX: number; x: number; moved: boolean } | null = null;
  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      drag = { pointerId: event.pointerId, startX: event.clientX, x: event.clientX, moved: false };
    },
    { signal },
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      time.setCursor(msAt(event));
      if (drag?.pointerId !== event.pointerId) return;
      if (!drag.moved && Math.abs(event.clientX - drag.startX) < DRAG_FROM_PX) return;
      if (!drag.moved) element.setPointerCapture(event.pointerId);
      drag.moved = true;
      time.pan((drag.x - event.clientX) / plotWidth());
      drag.x = event.clientX;
    },
    { signal },
  );
  const end = () => {
    drag = null;
  };
  element.addEventListener('pointerup', end, { signal });
  element.addEventListener('pointercancel', end, { signal });
  element.addEventListener('pointerleave', () => drag === null && time.setCursor(null), { signal });
  element.addEventListener('dblclick', () => showAll(time), { signal });
  return () => stop.abort();
}

/** What a key does to the shared time. False = it is none of ours. */
export function timeKey(key: string, time: TimeStore): boolean {
  switch (key) {
    case 'ArrowLeft':
      time.pan(-KEY_PAN);
      return true;
    case 'ArrowRight':
      time.pan(KEY_PAN);
      return true;
    case '+':
    case '=':
      time.zoom(1 / KEY_ZOOM);
      return true;
    case '-':
      time.zoom(KEY_ZOOM);
      return true;
    case '0':
      showAll(time);
      return true;
    case 'End':
      followNewest(time);
      return true;
    default:
      return false;
  }
}

function showAll(time: TimeStore): void {
  if (time.extent !== null) time.show(time.extent);
}

function followNewest(time: TimeStore): void {
  const { span } = time;
  if (span !== null) time.setView({ kind: 'follow', lengthMs: span.toMs - span.fromMs });
}
