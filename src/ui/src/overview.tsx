import { Badge, Empty, PathLink } from './parts';
import { toHash } from './route';
import type { State } from './state';
import { serviceText } from './words';

function Tile({ value, label, tone, href }: { value: number; label: string; tone: string; href: string }) {
  return (
    <a class={`tile ${value > 0 ? tone : 'quiet'}`} href={href}>
      <span class="tile-value">{value}</span>
      <span class="tile-label">{label}</span>
    </a>
  );
}

export function Overview({ state }: { state: State }) {
  const { result, snapshot, reading, assumptions, diagnostics } = state.report;
  const summary = result.check?.summary ?? {};
  const wide = result.exposed.length;
  const resources = snapshot.sources.reduce((sum, s) => sum + s.resources, 0);
  const warnings = diagnostics.filter((d) => d.severity !== 'info');
  const bad = ['violated', 'vacuous', 'unknown'];
  const failing = (result.check?.invariants ?? []).filter((i) => bad.includes(i.status)).sort((a, b) => bad.indexOf(a.status) - bad.indexOf(b.status));
  return (
    <div class="page">
      <h1>{result.title || 'Overview'}</h1>
      <div class="tiles">
        {result.check ? (
          <>
            <Tile value={(summary['violated'] ?? 0) + (summary['vacuous'] ?? 0)} label="invariants violated" tone="bad" href={toHash('invariants')} />
            <Tile value={summary['unknown'] ?? 0} label="invariants unknown" tone="unsure" href={toHash('invariants')} />
            <Tile value={summary['held'] ?? 0} label="invariants held" tone="good" href={toHash('invariants')} />
          </>
        ) : null}
        <Tile value={wide} label="endpoints open to the internet" tone="bad" href={toHash('overview') + '/exposed'} />
        {result.diff ? <Tile value={result.diff.summary['newExposures'] ?? result.diff.summary['new'] ?? 0} label="new exposures by the change" tone="bad" href={toHash('diff')} /> : null}
        {result.lint ? <Tile value={result.lint.findings.length} label="findings of lint" tone="unsure" href={toHash('rules')} /> : null}
        <Tile value={snapshot.gaps.length} label="gaps in the snapshot" tone="unsure" href={toHash('gaps')} />
      </div>

      {failing.length > 0 ? (
        <section aria-labelledby="failing">
          <h2 id="failing">Invariants that do not hold</h2>
          <ul class="plain">
            {failing.map((i) => (
              <li key={i.id}>
                <Badge verdict={i.status} /> <a href={toHash('invariants', i.id)}>{i.title ?? i.id}</a>
                <span class="muted"> {i.severity}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}

      <section aria-labelledby="exposed">
        <h2 id="exposed">Open to the internet</h2>
        {result.exposed.length === 0 ? (
          <Empty>No endpoint of this report can be reached from the internet.</Empty>
        ) : (
          <table>
            <thead>
              <tr>
                <th scope="col">Endpoint</th>
                <th scope="col">Certainly open</th>
                <th scope="col">Perhaps open</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {result.exposed.map((e) => (
                <tr key={e.name}>
                  <td>
                    <PathLink from="internet" to={e.name} service="any">
                      {e.name}
                    </PathLink>
                  </td>
                  <td>{e.service.length > 0 ? serviceText(e.service) : '–'}</td>
                  <td>{e.possible.length > 0 ? serviceText(e.possible) : '–'}</td>
                  <td>{e.sources}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>

      <section aria-labelledby="seen">
        <h2 id="seen">What was read</h2>
        <p>
          {resources} resources from {snapshot.sources.length} {snapshot.sources.length === 1 ? 'source' : 'sources'}; reading <code>{reading}</code>
          {assumptions.length > 0 ? ', with these assumptions:' : ', no assumptions.'}
        </p>
        {assumptions.length > 0 ? (
          <ul>
            {assumptions.map((a) => (
              <li key={`${a.key} ${a.value}`}>
                <code>
                  {a.key}={a.value}
                </code>{' '}
                <span class="muted">{a.origin}</span>
              </li>
            ))}
          </ul>
        ) : null}
        <p>
          {result.vnets.length} networks with {result.vnets.reduce((sum, v) => sum + v.subnets.length, 0)} subnets, {result.endpoints.length} endpoints
          {result.endpoints.some((e) => e.kind === 'paas') ? `, ${result.endpoints.filter((e) => e.kind === 'paas').length} of them of PaaS resources` : ''}.
        </p>
        <p class="muted digest">{snapshot.digest}</p>
        {warnings.length > 0 ? (
          <details>
            <summary>{warnings.length} warnings of the import</summary>
            <ul>
              {warnings.slice(0, 500).map((d, i) => (
                <li key={i}>
                  <code>{d.code}</code> {d.message}
                </li>
              ))}
            </ul>
          </details>
        ) : null}
      </section>
    </div>
  );
}
