import { useState } from 'preact/hooks';
import type { Entry, Query } from './data';
import { Badge, Command, Empty, Hops } from './parts';
import { quote } from './matrix-page';
import { toHash } from './route';
import { keyOf, type State } from './state';
import { packetText, shortName } from './words';

export function PathPage({ state, parts }: { state: State; parts: string[] }) {
  const { queries } = state.report.result;
  const [from, to, service] = [parts[0] ?? '', parts[1] ?? '', parts[2] ?? 'any'];
  const query =
    state.queryByKey.get(keyOf(from, to, service)) ?? queries.find((q) => q.question.from === from && q.question.to === to);
  return (
    <div class="page wide">
      <h1>Path</h1>
      <Chooser state={state} from={from} to={to} service={service} />
      {query ? (
        <Answer state={state} query={query} />
      ) : from && to ? (
        <>
          <Empty>This pair was not worked out for the report. Ask for it:</Empty>
          <Command text={`azreach explain ${quote(from)} ${quote(to)}${service === 'any' ? '' : ` -p ${quote(service)}`}`} />
        </>
      ) : (
        <Empty>Choose where a packet starts and where it goes.</Empty>
      )}
    </div>
  );
}

function Chooser({ state, from, to, service }: { state: State; from: string; to: string; service: string }) {
  const { queries } = state.report.result;
  const [asked, setAsked] = useState({ from, to, service });
  const current = asked.from === from && asked.to === to && asked.service === service ? asked : { from, to, service, ...diff(asked, { from, to, service }) };
  const unique = (list: string[]) => [...new Set(list)].sort();
  const go = (event: Event) => {
    event.preventDefault();
    location.hash = toHash('path', current.from, current.to, current.service || 'any');
  };
  return (
    <form class="bar" onSubmit={go}>
      <label>
        From <input list="path-from" value={current.from} onInput={(e) => setAsked({ ...current, from: e.currentTarget.value })} />
      </label>
      <label>
        To <input list="path-to" value={current.to} onInput={(e) => setAsked({ ...current, to: e.currentTarget.value })} />
      </label>
      <label>
        Service <input list="path-service" value={current.service} onInput={(e) => setAsked({ ...current, service: e.currentTarget.value })} />
      </label>
      <button type="submit">Show</button>
      <datalist id="path-from">
        {unique(queries.map((q) => q.question.from)).map((v) => (
          <option key={v} value={v} />
        ))}
      </datalist>
      <datalist id="path-to">
        {unique(queries.map((q) => q.question.to)).map((v) => (
          <option key={v} value={v} />
        ))}
      </datalist>
      <datalist id="path-service">
        {unique(queries.map((q) => q.question.service)).map((v) => (
          <option key={v} value={v} />
        ))}
      </datalist>
    </form>
  );
}

/** What the user typed since the address bar last changed. */
function diff<T extends object>(typed: T, shown: T): Partial<T> {
  return typed === shown ? {} : typed;
}

const entryWords: Record<string, string> = {
  public: 'its public endpoint',
  'service-endpoint': 'a service endpoint',
  'private-endpoint': 'private endpoint',
  'foreign-endpoint': 'a private endpoint outside the snapshot,',
  injected: 'an address in',
};

/** Every way into a PaaS endpoint, each with its own verdict. */
function WaysIn({ state, query }: { state: State; query: Query }) {
  const entries = query.entries ?? [];
  const residual = query.residual ?? [];
  if (entries.length === 0) return null;
  const way = JSON.stringify(query.path); // the way that is shown already stays folded
  const named = (entry: Entry) => (['private-endpoint', 'foreign-endpoint', 'injected'].includes(entry.entry) ? ` ${shortName(entry.id)}` : '');
  return (
    <section aria-labelledby="ways-in">
      <h2 id="ways-in">Ways in</h2>
      {entries.map((entry, i) => (
        <details key={i} class="card" open={entry.verdict !== 'blocked' && entry.path.length > 0 && JSON.stringify(entry.path) !== way}>
          <summary>
            <Badge verdict={entry.verdict} /> <strong>{entry.endpoint}</strong> by {entryWords[entry.entry] ?? entry.entry}
            {named(entry)}
          </summary>
          <Hops state={state} hops={entry.path} label={`The way by ${entry.entry}`} />
          {entry.dependsOn.length > 0 ? <p class="muted">hangs on {entry.dependsOn.join(', ')}</p> : null}
        </details>
      ))}
      {residual.length > 0 ? (
        <>
          <h3>Also admitted, whatever their network</h3>
          <ul>
            {residual.map((r, i) => (
              <li key={i}>
                {r.certain ? '' : 'perhaps '}
                {r.endpoint} {r.note} {r.who ? <code>{r.who}</code> : null}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}

function Answer({ state, query }: { state: State; query: Query }) {
  const back = query.return;
  return (
    <>
      <p class="answer">
        <Badge verdict={query.verdict} /> <strong>{query.question.from}</strong> → <strong>{query.question.to}</strong> {query.question.service}
        {query.witness ? <code class="packet">{packetText(query.witness)}</code> : null}
      </p>
      <div class="columns">
        <section aria-labelledby="way-there">
          <h2 id="way-there">The way there</h2>
          <Hops state={state} hops={query.path} label="The way there" />
        </section>
        {back && back.verdict ? (
          <section aria-labelledby="way-back">
            <h2 id="way-back">
              The reply: {back.verdict}
              {back.symmetric === false ? ', by another way' : ''}
            </h2>
            {back.path.length > 0 ? <Hops state={state} hops={back.path} label="The way back" /> : <Empty>It returns as it came.</Empty>}
          </section>
        ) : null}
      </div>
      <WaysIn state={state} query={query} />
      {query.note ? <p class="muted">{query.note}</p> : null}
      {query.blockers.length > 0 ? (
        <section aria-labelledby="blockers">
          <h2 id="blockers">Each of these would have to change</h2>
          <Hops state={state} hops={query.blockers} label="What stands between" />
        </section>
      ) : null}
      {query.dependsOn.length > 0 ? (
        <section aria-labelledby="hangs-on">
          <h2 id="hangs-on">The answer hangs on</h2>
          <ul>
            {query.dependsOn.map((fact) => (
              <li key={fact}>
                <code>{fact}</code>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}
