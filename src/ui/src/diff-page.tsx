// What a change opens, closes and reroutes, and which line did it.
import { useMemo, useState } from 'preact/hooks';
import type { Change, ConfigChange, Diff } from './data';
import { Badge, Counts, Empty, Hops, NotHere, Place } from './parts';
import { toHash } from './route';
import type { State } from './state';
import { packetText, serviceText, shortName, valueText } from './words';

const most = 300; // cards that are drawn at once

export const kindOf = (change: Change) => (change.kind === 'new' && change.exposure ? 'new exposure' : change.kind);
const order = ['new exposure', 'new', 'rerouted', 'changed', 'lost'];
const sign: Record<string, string> = { 'new exposure': '!', new: '+', lost: '−', changed: '~', rerouted: '↷' };
const css = (kind: string) => kind.replace(' ', '-');

export function DiffPage({ state }: { state: State }) {
  const { diff } = state.report.result;
  const [only, setOnly] = useState('');
  if (!diff) return <NotHere title="Diff" what="a comparison of two states" how="azreach report OLD NEW" />;
  const changes = [...diff.changes].sort((a, b) => order.indexOf(kindOf(a)) - order.indexOf(kindOf(b)));
  const shown = changes.filter((c) => only === '' || kindOf(c) === only);
  const counts = order.map((kind): [string, number] => [kind, changes.filter((c) => kindOf(c) === kind).length]).filter(([, count]) => count > 0);
  return (
    <div class="page wide">
      <h1>What changes</h1>
      {changes.length === 0 ? (
        <Empty>
          {diff.summary['configChanges'] ?? 0} configuration changes; no packet fares otherwise than before{diff.summary['comparedBySample'] ? '' : ': this is proved'}.
        </Empty>
      ) : (
        <>
          <Counts counts={counts} chosen={only} choose={setOnly} />
          <p class="muted">
            {diff.summary['configChanges'] ?? 0} configuration changes; {(diff.summary['unchangedPairs'] ?? 0).toLocaleString('en')} pairs of endpoints as before.
            {counts.some(([kind]) => kind === 'new exposure') ? '' : diff.summary['comparedBySample'] ? '' : ' No new exposure: this is proved.'}
          </p>
          <BeforeAfter changes={shown} />
        </>
      )}
      <Flips diff={diff} />
      {shown.slice(0, most).map((change, i) => (
        <ChangeCard key={i} state={state} change={change} />
      ))}
      {shown.length > most ? <p class="muted">The first {most} of {shown.length} changes.</p> : null}
      <Configuration diff={diff} />
    </div>
  );
}

/** Who to whom: what was, what is now. */
function BeforeAfter({ changes }: { changes: Change[] }) {
  const { from, to, cells } = useMemo(() => {
    const from = [...new Set(changes.map((c) => c.from.name))].slice(0, 30);
    const to = [...new Set(changes.map((c) => c.to.name))].slice(0, 30);
    const cells = new Map<string, Change[]>();
    for (const change of changes) {
      const key = JSON.stringify([change.from.name, change.to.name]);
      cells.set(key, [...(cells.get(key) ?? []), change]);
    }
    return { from, to, cells };
  }, [changes]);
  if (changes.length < 2) return null;
  return (
    <div class="scroll short">
      <table class="matrix change-matrix">
        <caption class="sr">Rows are sources, columns are destinations; only pairs that change</caption>
        <thead>
          <tr>
            <th scope="col" class="corner">
              from ↓ to →
            </th>
            {to.map((name) => (
              <th scope="col" key={name} title={name}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {from.map((source) => (
            <tr key={source}>
              <th scope="row" title={source}>
                {source}
              </th>
              {to.map((target) => {
                const list = cells.get(JSON.stringify([source, target])) ?? [];
                const first = list[0];
                return (
                  <td key={target} class={first ? `c-${css(kindOf(first))}` : 'l-none'}>
                    {first ? (
                      <span title={list.map((c) => `${serviceText(c.service)}: ${c.before} → ${c.after}`).join('\n')}>
                        {list.map((c) => `${sign[kindOf(c)]} ${serviceText(c.service)}`).join(', ')}
                        <br />
                        <small>
                          {first.before} → {first.after}
                        </small>
                      </span>
                    ) : null}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Flips({ diff }: { diff: Diff }) {
  const flipped = diff.invariants.filter((i) => i.before !== i.after);
  if (diff.invariants.length === 0) return null;
  return (
    <section aria-labelledby="flips">
      <h2 id="flips">Invariants</h2>
      <p>{diff.invariants.length - flipped.length} as before{flipped.length > 0 ? ', and' : '.'}</p>
      <ul class="plain">
        {flipped.map((i) => (
          <li key={i.id}>
            <a href={toHash('invariants', i.id)}>{i.id}</a> <Badge verdict={i.before} /> → <Badge verdict={i.after} />
            {i.severity ? <span class="muted"> {i.severity}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function CauseText({ change }: { change: ConfigChange }) {
  const property = change.pointer.slice(change.pointer.lastIndexOf('/') + 1);
  return (
    <>
      <strong title={change.id}>{shortName(change.id)}</strong>{' '}
      {change.old === null ? (
        <>
          added <code>{valueText(change.new)}</code>
        </>
      ) : change.new === null ? (
        <>
          removed <code>{valueText(change.old)}</code>
        </>
      ) : (
        <>
          {property}: <code>{valueText(change.old)}</code> → <code>{valueText(change.new)}</code>
        </>
      )}
      <Place file={change.file} line={change.line} />
    </>
  );
}

function ChangeCard({ state, change }: { state: State; change: Change }) {
  const kind = kindOf(change);
  const before = change.pathBefore ?? [];
  const after = change.path ?? [];
  return (
    <article class={`card change-${css(kind)}`}>
      <h2>
        <span class={`badge c-${css(kind)}`}>
          <span aria-hidden="true">{sign[kind]}</span> {kind}
        </span>{' '}
        {change.from.name} → {change.to.name} <code>{serviceText(change.service)}</code>
      </h2>
      <p>
        was <Badge verdict={change.before ?? 'blocked'} /> now <Badge verdict={change.after ?? 'blocked'} />
        {change.certain === false ? <span class="muted"> not certain</span> : null}
        {change.witness ? <code class="packet">{packetText(change.witness)}</code> : null}
      </p>
      {change.causedBy.length > 0 ? (
        <>
          <h3>Because of</h3>
          <ul class="plain causes">
            {change.causedBy.map((cause, i) => (
              <li key={i}>
                <CauseText change={cause} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {(change.dependsOn ?? []).length > 0 ? (
        <p class="muted">
          Hangs on{' '}
          {change.dependsOn!.map((fact, i) => (
            <>
              {i > 0 ? ', ' : ''}
              <code>{fact}</code>
            </>
          ))}
        </p>
      ) : null}
      {after.length > 0 || before.length > 0 ? (
        <details>
          <summary>The way of this packet</summary>
          <div class="columns">
            {before.length > 0 ? (
              <section>
                <h3>Before</h3>
                <Hops state={state} hops={before} label="Before" />
              </section>
            ) : null}
            <section>
              <h3>After</h3>
              <Hops state={state} hops={after} label="After" />
            </section>
          </div>
        </details>
      ) : null}
    </article>
  );
}

function Configuration({ diff }: { diff: Diff }) {
  const list = diff.configChanges ?? [];
  const without = new Set(diff.withoutEffect ?? []);
  if (list.length === 0) return null;
  return (
    <section aria-labelledby="configuration">
      <h2 id="configuration">Configuration changes</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Change</th>
            <th scope="col">Effect on connectivity</th>
          </tr>
        </thead>
        <tbody>
          {list.slice(0, 1000).map((change, i) => (
            <tr key={i}>
              <td>
                <CauseText change={change} />
              </td>
              <td>{without.has(i) ? 'none (proved)' : diff.changes.some((c) => c.causedBy.some((k) => k.id === change.id && k.pointer === change.pointer)) ? 'named above' : 'only with others'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.length > 1000 ? <p class="muted">The first 1,000 of {list.length}.</p> : null}
    </section>
  );
}
