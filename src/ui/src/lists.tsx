// Diff, invariants, rules and gaps.
import { useState } from 'preact/hooks';
import type { Change, Hop, Invariant } from './data';
import { Badge, Empty, Hops, RuleTable } from './parts';
import { toHash } from './route';
import type { State } from './state';
import { packetText, serviceText, shortName } from './words';

export function DiffPage({ state }: { state: State }) {
  const { diff } = state.report.result;
  if (!diff) return <NotHere title="Diff" what="a comparison of two snapshots" how="azreach report --baseline OLD -s NEW" />;
  const order = ['new', 'rerouted', 'changed', 'lost'];
  const changes = [...diff.changes].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return (
    <div class="page wide">
      <h1>What changes</h1>
      <p>
        {['new', 'lost', 'changed'].map((kind) => (
          <span key={kind} class="count">
            <strong>{diff.summary[kind] ?? 0}</strong> {kind}
          </span>
        ))}
        <span class="count">
          <strong>{diff.summary['unchangedPairs'] ?? 0}</strong> pairs as before
        </span>
      </p>
      {changes.length === 0 ? <Empty>No packet fares otherwise than before.</Empty> : changes.map((c, i) => <ChangeCard key={i} state={state} change={c} />)}
    </div>
  );
}

function pathsOf(change: Change): { before: Hop[]; after: Hop[] } {
  if (Array.isArray(change.path)) return { before: [], after: change.path };
  return change.path ?? { before: [], after: [] };
}

function ChangeCard({ state, change }: { state: State; change: Change }) {
  const paths = pathsOf(change);
  return (
    <article class={`card change-${change.kind}`}>
      <h2>
        <span class={`badge c-${change.kind}`}>
          <span aria-hidden="true">{change.kind === 'new' ? '+' : change.kind === 'lost' ? '−' : '~'}</span> {change.kind}
        </span>{' '}
        {change.from.name} → {change.to.name} <span class="muted">{serviceText(change.service)}</span>
      </h2>
      <p>
        {change.before ?? 'nothing'} → {change.after ?? 'nothing'}
        {change.witness ? <code class="packet">{packetText(change.witness)}</code> : null}
      </p>
      {change.causedBy.length > 0 ? (
        <ul>
          {change.causedBy.map((cause, i) => (
            <li key={i}>
              caused by <strong>{shortName(cause.id)}</strong> <code>{cause.pointer}</code>: <code>{JSON.stringify(cause.old ?? null)}</code> →{' '}
              <code>{JSON.stringify(cause.new ?? null)}</code>
            </li>
          ))}
        </ul>
      ) : null}
      {paths.after.length > 0 || paths.before.length > 0 ? (
        <details>
          <summary>The way of this packet</summary>
          <div class="columns">
            {paths.before.length > 0 ? (
              <section>
                <h3>Before</h3>
                <Hops state={state} hops={paths.before} label="Before" />
              </section>
            ) : null}
            <section>
              <h3>After</h3>
              <Hops state={state} hops={paths.after} label="After" />
            </section>
          </div>
        </details>
      ) : null}
    </article>
  );
}

export function InvariantsPage({ state, parts }: { state: State; parts: string[] }) {
  const { check } = state.report.result;
  if (!check) return <NotHere title="Invariants" what="checked invariants" how="azreach report -c azreach.yaml" />;
  return (
    <div class="page wide">
      <h1>Invariants</h1>
      {check.invariants.map((invariant) => (
        <InvariantCard key={invariant.id} state={state} invariant={invariant} open={parts[0] === invariant.id} />
      ))}
    </div>
  );
}

function InvariantCard({ state, invariant, open }: { state: State; invariant: Invariant; open: boolean }) {
  return (
    <details class="card" open={open || invariant.status === 'violated'} id={`invariant-${invariant.id}`}>
      <summary>
        <Badge verdict={invariant.status} /> <strong>{invariant.title ?? invariant.id}</strong>{' '}
        <span class="muted">
          {invariant.verb}, {invariant.severity}
          {invariant.owner ? `, ${invariant.owner}` : ''}
        </span>
      </summary>
      {invariant.why ? <p>{invariant.why}</p> : null}
      {invariant.source ? (
        <p class="place">
          {invariant.source.file}:{invariant.source.line}
        </p>
      ) : null}
      {invariant.affected ? (
        <p>
          Affected: {invariant.affected.sources} sources, {invariant.affected.destinations} destinations, {serviceText(invariant.affected.service)}
        </p>
      ) : null}
      {invariant.witness ? <p class="packet">{packetText(invariant.witness)}</p> : null}
      {invariant.path && invariant.path.length > 0 ? <Hops state={state} hops={invariant.path} label="Counterexample" /> : null}
      {invariant.dependsOn.length > 0 ? (
        <ul>
          {invariant.dependsOn.map((fact) => (
            <li key={fact}>
              hangs on <code>{fact}</code>
            </li>
          ))}
        </ul>
      ) : null}
      {invariant.certificate ? (
        <p>
          Certificate: <code>{invariant.certificate}</code>
        </p>
      ) : null}
    </details>
  );
}

export function RulesPage({ state, parts }: { state: State; parts: string[] }) {
  const { groups, lint } = state.report.result;
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = groups.filter((g) => wanted === '' || g.name.toLowerCase().includes(wanted) || g.rules.some((r) => r.name.toLowerCase().includes(wanted)));
  const findings = lint?.findings ?? [];
  return (
    <div class="page wide">
      <h1>Rules</h1>
      {findings.length > 0 ? (
        <section aria-labelledby="findings">
          <h2 id="findings">Findings</h2>
          <table>
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col">Severity</th>
                <th scope="col">Where</th>
                <th scope="col">What</th>
              </tr>
            </thead>
            <tbody>
              {findings.map((f, i) => (
                <tr key={i}>
                  <td>
                    <code>{f.rule}</code> {f.name}
                  </td>
                  <td>{f.severity}</td>
                  <td>
                    {f.target.name}
                    {f.target.file ? (
                      <span class="place">
                        {f.target.file}
                        {f.target.line ? `:${f.target.line}` : ''}
                      </span>
                    ) : null}
                  </td>
                  <td>{f.message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
      <div class="bar">
        <label>
          Filter <input type="search" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} placeholder="group or rule" />
        </label>
        <span class="muted">
          {shown.length} of {groups.length} groups
        </span>
      </div>
      {shown.slice(0, 200).map((group) => (
        <details class="card" key={group.id} open={parts[0] === group.name || shown.length === 1}>
          <summary>
            <strong>{group.name}</strong>{' '}
            <span class="muted">
              {group.rules.filter((r) => !r.default).length} rules,{' '}
              {group.attachedTo.length === 0 ? 'attached to nothing' : `at ${group.attachedTo.map((a) => a.name).slice(0, 6).join(', ')}${group.attachedTo.length > 6 ? ', ...' : ''}`}
            </span>
          </summary>
          <RuleTable group={group} direction={null} />
        </details>
      ))}
      {shown.length > 200 ? <p class="muted">The first 200 groups; filter to see others.</p> : null}
    </div>
  );
}

export function GapsPage({ state }: { state: State }) {
  const { gaps, sources } = state.report.snapshot;
  return (
    <div class="page">
      <h1>What this snapshot could not show</h1>
      {gaps.length === 0 ? (
        <Empty>Nothing that was mentioned is missing.</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Missing</th>
              <th scope="col">Needed for</th>
              <th scope="col">What it makes unknown</th>
            </tr>
          </thead>
          <tbody>
            {gaps.slice(0, 1000).map((gap, i) => (
              <tr key={i}>
                <td>
                  <code>{gap.code}</code>
                </td>
                <td title={gap.what}>{shortName(gap.what)}</td>
                <td title={gap.neededFor}>{shortName(gap.neededFor)}</td>
                <td>{gap.effect}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h2>Sources</h2>
      <ul>
        {sources.map((s) => (
          <li key={s.path}>
            {s.path} <span class="muted">{s.kind}, {s.resources} resources</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function NotHere({ title, what, how }: { title: string; what: string; how: string }) {
  return (
    <div class="page">
      <h1>{title}</h1>
      <Empty>
        This report holds no {what}. <code>{how}</code> adds it. <a href={toHash('overview')}>Back to the overview</a>
      </Empty>
    </div>
  );
}
