import type { ComponentChildren } from 'preact';

/** A titled part of an incident. */
export function Section(props: {
  readonly title: string;
  readonly note?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section>
      <h2>
        {props.title}
        {props.note !== undefined && <span class="section-note"> {props.note}</span>}
      </h2>
      {props.children}
    </section>
  );
}
