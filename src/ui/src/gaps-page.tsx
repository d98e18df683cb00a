// What was read, and what was not.
import { Empty } from './parts';
import type { State } from './state';
import { shortName } from './words';

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
