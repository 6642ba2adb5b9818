import { NearMisses } from '../model/near-miss.js';
import type { Source } from '../sources/source.js';

/** The same source, with the near misses that follow from its events. For what is live: a trace has them. */
export function withNearMisses(source: Source): Source {
  const nearMisses = new NearMisses();
  return {
    start: (emit, restart) =>
      source.start((events) => {
        emit(events.flatMap((event) => [...nearMisses.take(event), event]));
      }, restart),
    stop: () => source.stop(),
  };
}
