import { useId, useState } from 'preact/hooks';
import { CgroupPanel, type CgroupPanelProps } from './cgroup-panel.js';
import { LedgerPanel } from './ledger-panel.js';

const TABS = ['by cgroup', 'ledger'] as const;
type Tab = (typeof TABS)[number];

/** The memory of the node as it is now, seen in two ways. */
export function NowPanel(props: CgroupPanelProps) {
  const [tab, setTab] = useState<Tab>('by cgroup');
  const id = useId();
  return (
    <section class="cgroups" aria-label="memory now">
      <div class="tabs" role="tablist" aria-label="memory">
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={tab === name}
            aria-controls={`${id}-panel`}
            tabIndex={tab === name ? 0 : -1}
            onClick={() => setTab(name)}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
              event.preventDefault();
              setTab(tab === 'ledger' ? 'by cgroup' : 'ledger');
              const other = event.currentTarget.nextElementSibling ?? event.currentTarget.previousElementSibling;
              if (other instanceof HTMLElement) other.focus();
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>
        {tab === 'ledger' ? <LedgerPanel model={props.model} nowMs={props.nowMs} /> : <CgroupPanel {...props} />}
      </div>
    </section>
  );
}
