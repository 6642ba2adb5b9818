import type { BallotRow } from '../../model/ballot.js';
import type { Picture } from './picture.js';

/** A report as blocks. Strings hold names from outside as they are: each renderer makes them safe for its format. */
export type Block =
  | { readonly kind: 'title'; readonly text: string }
  /** The verdict: the one paragraph to read. */
  | { readonly kind: 'lead'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, text: string])[] }
  | {
      readonly kind: 'advice';
      readonly text: string;
      readonly evidence: readonly string[];
      readonly change: string | null;
    }
  | {
      readonly kind: 'ballot';
      readonly rows: readonly BallotRow[];
      readonly scalePages: number;
      readonly pageSizeBytes: number;
    }
  | { readonly kind: 'timeline'; readonly picture: Picture };
