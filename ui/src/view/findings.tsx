import type { Advice } from '../../../src/model/advice/facts.js';
import type { CauseFinding } from '../../../src/model/cause-evidence.js';
import type { Verdict } from '../../../src/model/verdict.js';
import { Section } from './section.js';

/** What would have helped, what would have happened otherwise, and what all of it rests on. */
export function Findings({ verdict }: { readonly verdict: Verdict }) {
  const { advice, otherwise, cause, growthWords } = verdict;
  return (
    <>
      {growthWords !== null && (
        <Section title="What grew">
          <p class="chosen">{growthWords}</p>
        </Section>
      )}
      {advice.length > 0 && (
        <Section title="What to do">
          <ol class="advice">
            {advice.map((one) => (
              <AdviceView key={one.rule} advice={one} />
            ))}
          </ol>
        </Section>
      )}
      {otherwise.length > 0 && (
        <Section title="Had it been otherwise">
          <ul class="otherwise">
            {otherwise.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Section>
      )}
      <EvidenceView finding={cause} />
    </>
  );
}

/** What the cause rests on, and how sure it is. */
export function EvidenceView({
  finding: { evidence, confidence },
}: {
  readonly finding: Pick<CauseFinding, 'evidence' | 'confidence'>;
}) {
  if (evidence.length === 0) return null;
  return (
    <Section title="Evidence" note={`the cause is ${confidence}`}>
      <ul class="otherwise">
        {evidence.map((clause) => (
          <li key={clause}>{capital(clause)}.</li>
        ))}
      </ul>
    </Section>
  );
}

function AdviceView({ advice: { says, because, evidence, change } }: { readonly advice: Advice }) {
  return (
    <li>
      <strong>{says}.</strong>
      {because !== null && <> {capital(because)}.</>}
      {change !== null && (
        // A long line is scrolled in its box: by keyboard too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <pre class="change" tabIndex={0}>
          {change}
        </pre>
      )}
      <details>
        <summary>Why one can say so</summary>
        <ul>
          {evidence.map((clause) => (
            <li key={clause}>{capital(clause)}.</li>
          ))}
        </ul>
      </details>
    </li>
  );
}

function capital(clause: string): string {
  // The name of a process is written as it is.
  return /^\S+ \((?:pid|thread) /.test(clause) ? clause : clause.charAt(0).toUpperCase() + clause.slice(1);
}
