// What must hold, whether it does, and the packet that shows when it does not.
import { useState } from 'preact/hooks';
import type { Facts, Invariant } from './data';
import { Badge, Counts, Empty, Hops, NotHere, Place } from './parts';
import type { State } from './state';
import { packetText, serviceText } from './words';

const order = ['violated', 'vacuous', 'unknown', 'suppressed', 'not-asked', 'held'];

export function InvariantsPage({ state, parts }: { state: State; parts: string[] }) {
  const { check } = state.report.result;
  const [only, setOnly] = useState('');
  if (!check) return <NotHere title="Invariants" what="checked invariants" how="azreach report -c azreach.yaml" />;
  const counts = order.map((status): [string, number] => [status, check.invariants.filter((i) => i.status === status).length]).filter(([, count]) => count > 0);
  const list = check.invariants
    .filter((i) => only === '' || i.status === only || i.id === parts[0])
    .sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  return (
    <div class="page wide">
      <h1>Invariants</h1>
      <Counts counts={counts} chosen={only} choose={setOnly} />
      <p class="muted">
        {check.config ? `From ${check.config}` : ''}
        {check.today ? `, on ${check.today}` : ''}
      </p>
      {list.length === 0 ? <Empty>None.</Empty> : null}
      {list.map((invariant) => (
        <InvariantCard key={invariant.id} state={state} invariant={invariant} open={parts[0] === invariant.id} />
      ))}
    </div>
  );
}

function people(count: number | string, names: string[] | undefined, one: string, many: string): string {
  const number = typeof count === 'number' ? count.toLocaleString('en') : count;
  const shown = (names ?? []).slice(0, 5).join(', ');
  return `${number} ${count === 1 ? one : many}${shown === '' ? '' : ` (${shown}${names!.length > 5 ? ', ...' : ''})`}`;
}

function FactList({ title, list }: { title: string; list: Facts[] | undefined }) {
  if (!list || list.length === 0) return null;
  return (
    <>
      {list.map((facts, i) => (
        <li key={i}>
          {title}{' '}
          {Object.entries(facts).map(([key, value], k) => (
            <>
              {k > 0 ? ' and ' : ''}
              <code>
                {key}={value}
              </code>
            </>
          ))}
        </li>
      ))}
    </>
  );
}

function InvariantCard({ state, invariant, open }: { state: State; invariant: Invariant; open: boolean }) {
  const bad = invariant.status === 'violated' || invariant.status === 'unknown';
  const { affected, suppression, witness } = invariant;
  return (
    <details class={`card inv-${invariant.status}`} open={open || bad} id={`invariant-${invariant.id}`}>
      <summary>
        <Badge verdict={invariant.status} /> <strong>{invariant.title ?? invariant.id}</strong>{' '}
        <span class="muted">
          {invariant.title ? `${invariant.id}, ` : ''}
          {invariant.verb}, {invariant.severity}
          {invariant.owner ? `, ${invariant.owner}` : ''}
          {invariant.known ? ', known' : ''}
        </span>
      </summary>
      {invariant.flow ? (
        <p>
          <code>{invariant.flow}</code>
        </p>
      ) : null}
      {invariant.why ? <p>{invariant.why}</p> : null}
      {invariant.note ? <p class="muted">{invariant.note}</p> : null}
      <Place file={invariant.source?.file} line={invariant.source?.line} />
      {suppression ? (
        <p>
          {suppression.status}, accepted {suppression.expires ? `until ${suppression.expires}` : 'for good'}: {suppression.reason} <span class="muted">{suppression.owner}</span>
        </p>
      ) : null}
      {affected && !(affected.sources === 0 && affected.destinations === 0) ? (
        <p>
          {invariant.status === 'unknown' ? 'At most' : 'Affected'}: {people(affected.sources, affected.sourceNames, 'source', 'sources')},{' '}
          {people(affected.destinations, affected.destinationNames, 'destination', 'destinations')}, {serviceText(affected.service)}
        </p>
      ) : null}
      {invariant.counted ? (
        <p>
          {invariant.counted.count}: {invariant.counted.least === invariant.counted.most ? `${invariant.counted.least}` : `${invariant.counted.least} to ${invariant.counted.most}`}, at most {invariant.counted.max}
        </p>
      ) : null}
      {witness ? (
        <p>
          {invariant.status === 'unknown' ? 'Perhaps' : 'For example'} {witness.from ? `${witness.from.name} → ${witness.to?.name ?? ''}` : ''} <code class="packet">{packetText(witness)}</code>
        </p>
      ) : null}
      {invariant.path && invariant.path.length > 0 ? <Hops state={state} hops={invariant.path} label="Counterexample" /> : null}
      {invariant.return && invariant.return.verdict === 'dropped' && invariant.return.path.length > 0 ? (
        <>
          <h3>The reply is lost</h3>
          <Hops state={state} hops={invariant.return.path} label="The reply" />
        </>
      ) : null}
      {invariant.dependsOn.length > 0 || invariant.decidedBy ? (
        <ul>
          {invariant.dependsOn.map((fact) => (
            <li key={fact}>
              hangs on <code>{fact}</code>
            </li>
          ))}
          <FactList title="held if" list={invariant.decidedBy?.held} />
          <FactList title="violated if" list={invariant.decidedBy?.violated} />
        </ul>
      ) : null}
    </details>
  );
}
