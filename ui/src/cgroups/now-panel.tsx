import { useId, useState } from 'preact/hooks';
import { CgroupPanel, type CgroupPanelProps } from './cgroup-panel.js';
import { LedgerPanel } from './ledger-panel.js';
import { RankView } from './rank-view.js';

const TABS = ['by cgroup', 'who dies next', 'ledger'] as const;
type Tab = (typeof TABS)[number];

/** The memory of the node as it is now, seen in three ways. */
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
              const step = event.key === 'ArrowRight' ? 1 : -1;
              const at = (TABS.indexOf(tab) + step + TABS.length) % TABS.length;
              setTab(TABS[at] ?? tab);
              const other = event.currentTarget.parentElement?.children[at];
              if (other instanceof HTMLElement) other.focus();
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>
        {tab === 'by cgroup' && <CgroupPanel {...props} />}
        {tab === 'who dies next' && <RankView model={props.model} nowMs={props.nowMs} />}
        {tab === 'ledger' && <LedgerPanel model={props.model} nowMs={props.nowMs} />}
      </div>
    </section>
  );
}
