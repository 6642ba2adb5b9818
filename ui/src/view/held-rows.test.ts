import { describe, expect, it } from 'vitest';
import type { Seen } from '../state/runs.js';
import { heldRows } from './held-rows.js';

const seen = (key: string, detail = '') => ({ key, detail }) as unknown as Seen;

describe('rows below the pointer', () => {
  it('stay where they are, as they are now; what came new waits', () => {
    const now = [seen('3'), seen('2', 'exited'), seen('1')];
    expect(heldRows([seen('2'), seen('1')], now)).toEqual([seen('2', 'exited'), seen('1')]);
  });

  it('that have gone make room for what there is now', () => {
    expect(heldRows([seen('2'), seen('1')], [seen('2')])).toEqual([seen('2')]);
    expect(heldRows([seen('2')], [seen('9')])).toEqual([seen('9')]);
    expect(heldRows([], [seen('9')])).toEqual([seen('9')]);
  });
});
