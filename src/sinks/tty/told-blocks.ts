import type { TextOutput } from '../text/text-sink.js';

/** So much is kept for the screen and for the end. */
const MAX_BYTES = 2 * 2 ** 20;

/** Takes what would scroll by, block by block, and gives back what of it a screen has room for. */
export class ToldBlocks implements TextOutput {
  #blocks: string[] = [];
  #bytes = 0;
  #droppedCount = 0;

  write(block: string): void {
    this.#blocks.push(block);
    this.#bytes += block.length;
    while (this.#bytes > MAX_BYTES && this.#blocks.length > 1) {
      this.#bytes -= this.#blocks.shift()?.length ?? 0;
      this.#droppedCount++;
    }
  }

  takeDropped(): number {
    return 0;
  }

  async flush(): Promise<void> {}

  /** All that is kept, as it came; what had to go is told. */
  get all(): string {
    const dropped = this.#droppedCount === 0 ? '' : `… ${this.#droppedCount} earlier blocks are not kept\n`;
    return dropped + this.#blocks.join('');
  }

  /** The newest lines: whole blocks, and of the oldest that is still seen its beginning, which says what happened. */
  newest(lines: number): string[] {
    const shown: string[] = [];
    for (const block of this.#blocks.toReversed()) {
      const room = lines - shown.length;
      if (room <= 0) break;
      const all = block.replace(/^\n|\n$/g, '').split('\n');
      shown.unshift(...all.slice(0, room));
      if (all.length > room) break;
    }
    return shown;
  }
}
