import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { visible, visibleJson } from '../../../src/base/escape.js';
import { formatBytes, formatDuration, plural } from '../../../src/base/units.js';
import type { KillEvent, KillSender } from '../../../src/events/kill.js';
import type { ProcessFacts, ProcessMemory } from '../../../src/events/process.js';
import { type KubeKnown, type KubePlace, kubePlace } from '../../../src/model/kube-facts.js';
import { memoryFact, ownerFact } from '../../../src/model/kube-words.js';
import type { Model } from '../../../src/model/model.js';
import type { Pods } from '../../../src/model/pods.js';
import { processName } from '../../../src/model/summary.js';
import {
  type UserKill as Deed,
  type UserKillTarget,
  userKillClauses,
  userKillSentence,
} from '../../../src/model/user-kill.js';
import { workloadName, workloadOf } from '../../../src/model/workload.js';
import type { SeenUserKill } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { DownloadLinks } from './downloads.js';
import { EvidenceView } from './findings.js';
import { ChartsBefore } from './minute-before.js';
import { RawFields } from './raw.js';
import { Section } from './section.js';
import { findingOf } from './user-kill-finding.js';
import { When } from './when.js';

export interface UserKillProps {
  readonly seen: SeenUserKill;
  readonly feed: SeriesFeed;
  readonly model: Model;
  readonly nowMs: number;
  /** It comes from a server, and not from a file. */
  readonly isServed: boolean;
}

/** A kill by user space, whole: who did it and whom it hit, and how sure that is. */
export function UserKillView({ seen, feed, model, nowMs, isServed }: UserKillProps) {
  const { userKill: kill, session, pods } = seen;
  const finding = findingOf(seen, feed);
  const known = { told: feed.bootId === session.bootId ? model.told : [], pods, session };
  const { what, by } = userKillClauses(kill, finding);
  const json = () => {
    const sentence = userKillSentence(kill, finding);
    return visibleJson(JSON.stringify({ session, kill, sentence, ...finding }));
  };
  return (
    <article class="kill" aria-label="the chosen incident">
      <header>
        <p class="when">
          <When session={session} tUs={kill.startUs} nowMs={nowMs} />
          <DownloadLinks id={kill.id} json={json} isServed={isServed} />
        </p>
        <h1>
          {what} <span class="why">{by}.</span>
        </h1>
        <p class="chosen">The kernel's OOM killer had no part in it: nobody was weighed, so there is no ballot.</p>
      </header>
      <Section title="Who did it">
        {kill.sender === null ? (
          <p class="quiet">The record of the sending is not there: what follows was seen at the target alone.</p>
        ) : (
          <Sender sender={kill.sender} pods={pods} />
        )}
      </Section>
      <Section title="Whom it hit" note={targetsNote(kill)}>
        <Targets kill={kill} known={known} />
      </Section>
      <ChartsBefore
        key={`before-${seen.key}`}
        session={session}
        startUs={kill.startUs}
        cgroups={cgroupsOf(kill)}
        feed={feed}
        model={model}
        nowMs={nowMs}
      />
      <EvidenceView finding={finding} />
      <RawFields key={seen.key} fields={{ ...kill }} />
    </article>
  );
}

function Sender({ sender, pods }: { readonly sender: KillSender; readonly pods: Pods }) {
  const { process, commandLine, parentPid, parentComm } = sender;
  return (
    <dl class="deed">
      <Fact name="process">{processName(process)}</Fact>
      {process.uid !== null && <Fact name="user">uid {process.uid}</Fact>}
      <Fact name="command line">
        {commandLine === null ? <span class="quiet">could not be read</span> : <code>{visible(commandLine)}</code>}
      </Fact>
      <Fact name="started by">
        {visible(parentComm)} (pid {parentPid})
      </Fact>
      <Place process={process} pods={pods} />
    </dl>
  );
}

const SHOWN_AT_FIRST = 8;

function Targets({ kill: { targets, startUs }, known }: { readonly kill: Deed; readonly known: KubeKnown }) {
  const [all, setAll] = useState(false);
  const shown = all ? targets : targets.slice(0, SHOWN_AT_FIRST);
  return (
    <>
      <ul class="victims">
        {shown.map((target) => (
          <Target
            key={`${target.process.pid}-${target.process.startUs}`}
            target={target}
            kube={kubePlace(target.process.cgroupPath, startUs, known)}
            pods={known.pods}
          />
        ))}
      </ul>
      {shown.length < targets.length && (
        <button type="button" onClick={() => setAll(true)}>
          show {plural(targets.length - shown.length, 'more process', 'more processes')}
        </button>
      )}
    </>
  );
}

interface TargetProps {
  readonly target: UserKillTarget;
  /** What the API server told of it. */
  readonly kube: KubePlace | null;
  readonly pods: Pods;
}

function Target({ target: { process, steps }, kube, pods }: TargetProps) {
  const held = steps.find(({ memory }) => memory !== null)?.memory ?? null;
  const commandLine = steps.find((step) => step.commandLine !== null)?.commandLine ?? null;
  const startUs = steps[0]?.killUs ?? 0;
  return (
    <li>
      <bdi class="victim-name">{processName(process)}</bdi>
      <dl class="deed">
        {held !== null && <Fact name="it held">{heldInWords(held)}</Fact>}
        {commandLine !== null && (
          <Fact name="command line">
            <code>{visible(commandLine)}</code>
          </Fact>
        )}
        <Place process={process} pods={pods} />
        {[...ownerFact(kube), ...memoryFact(kube)].map(([name, text]) => (
          <Fact key={name} name={name}>
            <bdi>{text}</bdi>
          </Fact>
        ))}
      </dl>
      <ol class="steps">
        {steps.map((step, index) => (
          // Steps are only ever added at the end.
          <li key={index} class="step">
            <span class="step-time">
              {step.step === 'sent' || step.tUs <= startUs ? '0' : `+${formatDuration(step.tUs - startUs)}`}
            </span>
            <span>{stepInWords(step)}</span>
          </li>
        ))}
        {!steps.some(({ step }) => step === 'exited') && <li class="step quiet">its exit was not seen yet</li>}
      </ol>
    </li>
  );
}

/** The pod and container where they are known, and the cgroup. */
function Place({ process, pods }: { readonly process: ProcessFacts; readonly pods: Pods }) {
  const { cgroupPath } = process;
  if (cgroupPath === null) return null;
  const workload = workloadOf(cgroupPath, pods);
  const name = workload === null || workload.pod === null ? null : workloadName(workload);
  return (
    <>
      {name !== null && (
        <Fact name="container">
          <bdi>{name}</bdi>
        </Fact>
      )}
      <Fact name="cgroup">
        <bdi>{visible(cgroupPath)}</bdi>
      </Fact>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function stepInWords({ step, how, signal, sender }: KillEvent): string {
  switch (step) {
    case 'sent':
      return how === 'cgroup-kill' ? 'SIGKILL, by cgroup.kill' : `${signal} sent`;
    case 'delivered':
      return `takes its ${signal}`;
    case 'memory-released':
      return `${sender === null ? 'somebody' : processName(sender.process)} took its memory from outside (process_mrelease)`;
    case 'exited':
      return 'exited';
  }
}

function heldInWords({ rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes }: ProcessMemory): string {
  const parts = [
    { words: 'anon', bytes: rssAnonBytes },
    { words: 'file', bytes: rssFileBytes },
    { words: 'shmem', bytes: rssShmemBytes },
    { words: 'swap', bytes: swapBytes },
  ].filter(({ bytes }) => (bytes ?? 0) > 0);
  const total = parts.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  if (parts.length === 0) return 'no memory any more';
  const detail = parts.map(({ words, bytes }) => `${words} ${formatBytes(bytes ?? 0)}`).join(', ');
  return parts.length === 1 ? detail : `${formatBytes(total)}: ${detail}`;
}

function targetsNote({ targets, killedCgroup }: Deed): string {
  const count = plural(targets.length, 'process', 'processes');
  return killedCgroup?.path == null ? count : `${count} of ${visible(killedCgroup.path)}`;
}

/** Where memory was given back: the cgroup that was killed, else that of the first target. */
function cgroupsOf({ killedCgroup, targets }: Deed) {
  const [first] = targets;
  const id = killedCgroup?.id ?? first?.process.cgroupId ?? null;
  const path = killedCgroup?.path ?? first?.process.cgroupPath ?? null;
  return id === null || path === null ? [] : [{ id, path, roles: ['victim'] }];
}
