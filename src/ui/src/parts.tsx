// Small pieces that several pages show.
import type { ComponentChildren } from 'preact';
import type { By, Group, Hop, Rule } from './data';
import { ruleOf, type State } from './state';
import { placeText, verdictMark } from './words';
import { toHash } from './route';

export function Badge({ verdict, children }: { verdict: string; children?: ComponentChildren }) {
  return (
    <span class={`badge v-${verdict}`}>
      <span aria-hidden="true">{verdictMark[verdict] ?? '•'}</span> {children ?? verdict}
    </span>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** A page whose part this report does not have. */
export function NotHere({ title, what, how }: { title: string; what: string; how: string }) {
  return (
    <div class="page">
      <h1>{title}</h1>
      <Empty>
        This report holds no {what}. <code>{how}</code> adds it. <a href={toHash('overview')}>Back to the overview</a>
      </Empty>
    </div>
  );
}

/** How many of each, as buttons that show only those. */
export function Counts({ counts, chosen, choose }: { counts: [string, number][]; chosen: string; choose: (name: string) => void }) {
  return (
    <div class="counts" role="group" aria-label="Show only">
      {counts.map(([name, count]) => (
        <button key={name} type="button" class={`count v-${name.replace(' ', '-')}`} aria-pressed={chosen === name} onClick={() => choose(chosen === name ? '' : name)}>
          <strong>{count}</strong> {name}
        </button>
      ))}
    </div>
  );
}

export function Place({ file, line }: { file?: string | null; line?: number | null }) {
  return file ? (
    <span class="place">
      {file}
      {line ? `:${line}` : ''}
    </span>
  ) : null;
}

/** A block that copies its text when asked. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <button type="button" onClick={() => void navigator.clipboard?.writeText(text)}>
        Copy
      </button>
    </div>
  );
}

function Decider({ by }: { by: By | null }) {
  if (!by?.name) return null;
  const place = placeText(by);
  return (
    <span class="decider">
      <strong>{by.name}</strong>
      {by.priority !== null && by.priority !== undefined ? ` (${by.default ? 'default, ' : ''}${by.priority})` : ''}
      {place ? <span class="place">{place}</span> : null}
    </span>
  );
}

const closed = new Set(['deny', 'drop']);

export function Hops({ state, hops, label }: { state: State; hops: Hop[]; label: string }) {
  if (hops.length === 0) return <Empty>No hop: the packet goes nowhere.</Empty>;
  return (
    <ol class="hops" aria-label={label}>
      {hops.map((hop, index) => {
        const rule = ruleOf(state, hop.by?.id ?? null);
        return (
          <li key={index} class={closed.has(hop.decision) ? 'hop closed' : hop.decision === 'unknown' ? 'hop unsure' : 'hop'}>
            <div class="hop-line">
              <span class="hop-number">{index + 1}</span>
              <span class="hop-at">{hop.at.name}</span>
              <span class="hop-kind">
                {hop.kind}
                {hop.direction ? ` ${hop.direction}` : ''}
              </span>
              <span class="hop-decision">{hop.decision}</span>
              <Decider by={hop.by} />
              <span class="reason">{hop.reason}</span>
            </div>
            {hop.note ? <div class="note">{hop.note}</div> : null}
            {rule ? (
              <details>
                <summary>
                  Rules of {rule.group.name}, {hop.direction ?? 'both directions'}
                </summary>
                <RuleTable group={rule.group} direction={hop.direction} match={rule.rule} />
              </details>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}

/** The rules of a group in order; the one that decided is marked, those after it are dimmed. */
export function RuleTable({ group, direction, match, extra }: { group: Group; direction: Hop['direction']; match?: string; extra?: (rule: Rule) => ComponentChildren }) {
  const rules = group.rules
    .filter((rule) => direction === null || rule.direction === direction)
    .sort((a, b) => (a.direction === b.direction ? a.priority - b.priority : a.direction < b.direction ? -1 : 1));
  const decided = match === undefined ? -1 : rules.findIndex((rule) => rule.name.toLowerCase() === match.toLowerCase());
  return (
    <table class="rules">
      <caption class="sr">Rules of {group.name}</caption>
      <thead>
        <tr>
          <th scope="col">Priority</th>
          <th scope="col">Name</th>
          <th scope="col">Direction</th>
          <th scope="col">Access</th>
          <th scope="col">Protocol</th>
          <th scope="col">Source</th>
          <th scope="col">Destination</th>
          <th scope="col">Ports</th>
          {extra ? <th scope="col">Decides</th> : null}
        </tr>
      </thead>
      <tbody>
        {rules.map((rule, index) => (
          <tr
            key={`${rule.direction} ${rule.name}`}
            class={index === decided ? 'match' : decided >= 0 ? 'dim' : rule.default ? 'default' : ''}
            aria-current={index === decided ? 'true' : undefined}
          >
            <td class="number">{rule.priority}</td>
            <td>
              {index === decided ? <span aria-hidden="true">▶ </span> : null}
              {rule.name}
              {rule.file ? <span class="place">{rule.line ? `${rule.file}:${rule.line}` : rule.file}</span> : null}
            </td>
            <td>{rule.direction}</td>
            <td>
              <span class={`access ${rule.access}`}>
                <span aria-hidden="true">{rule.access === 'allow' ? '✓' : '✕'}</span> {rule.access}
              </span>
            </td>
            <td>{rule.protocol}</td>
            <td>{rule.source}</td>
            <td>{rule.destination}</td>
            <td>{rule.ports}</td>
            {extra ? <td>{extra(rule)}</td> : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function PathLink({ from, to, service, children }: { from: string; to: string; service: string; children: ComponentChildren }) {
  return <a href={toHash('path', from, to, service)}>{children}</a>;
}
