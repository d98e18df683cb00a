// Findings of lint, and every security group with what its rules decide.
import { useState } from 'preact/hooks';
import type { Finding, Group, Rule } from './data';
import { Counts, Empty, PathLink, Place, RuleTable } from './parts';
import type { State } from './state';

const severities = ['critical', 'high', 'medium', 'low'];

export function RulesPage({ state, parts }: { state: State; parts: string[] }) {
  const { groups, lint } = state.report.result;
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = groups.filter((g) => wanted === '' || g.name.toLowerCase().includes(wanted) || g.rules.some((r) => r.name.toLowerCase().includes(wanted)));
  return (
    <div class="page wide">
      <h1>Rules</h1>
      {lint ? <Findings findings={lint.findings} /> : null}
      <section aria-labelledby="groups">
        <h2 id="groups">Security groups</h2>
        <div class="bar">
          <label>
            Filter <input type="search" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} placeholder="group or rule" />
          </label>
          <span class="muted">
            {shown.length} of {groups.length} groups
          </span>
        </div>
        {shown.slice(0, 200).map((group) => (
          <GroupCard key={group.id} state={state} group={group} open={parts[0] === group.name || shown.length === 1} />
        ))}
        {shown.length > 200 ? <p class="muted">The first 200 groups; filter to see others.</p> : null}
      </section>
    </div>
  );
}

function Findings({ findings }: { findings: Finding[] }) {
  const [only, setOnly] = useState('');
  const counts = severities.map((s): [string, number] => [s, findings.filter((f) => f.severity === s).length]).filter(([, count]) => count > 0);
  const shown = findings
    .filter((f) => only === '' || f.severity === only)
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">Findings</h2>
      {findings.length === 0 ? (
        <Empty>No rule is dead, no route leads nowhere, no service is open to everybody.</Empty>
      ) : (
        <>
          <Counts counts={counts} chosen={only} choose={setOnly} />
          <table>
            <thead>
              <tr>
                <th scope="col">Severity</th>
                <th scope="col">What</th>
                <th scope="col">Where</th>
                <th scope="col">By</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, 500).map((f, i) => (
                <tr key={i}>
                  <td>
                    <span class={`badge s-${f.severity}`}>{f.severity}</span>
                  </td>
                  <td>
                    {f.message}
                    <span class="place">
                      {f.rule} {f.name}
                    </span>
                  </td>
                  <td>
                    {f.target.name}
                    <Place file={f.target.file} line={f.target.line} />
                  </td>
                  <td>
                    {f.by.slice(0, 5).map((other) => (
                      <div key={other.id}>
                        {other.name}
                        <Place file={other.file} line={other.line} />
                      </div>
                    ))}
                    {f.by.length > 5 ? <span class="muted">and {f.by.length - 5} more</span> : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {shown.length > 500 ? <p class="muted">The first 500 of {shown.length}.</p> : null}
        </>
      )}
    </section>
  );
}

/** What lint says of a rule, and in which answers of this report it decided. */
function Use({ state, group, rule }: { state: State; group: Group; rule: Rule }) {
  const kind = rule.default ? 'defaultSecurityRules' : 'securityRules';
  const id = `${group.id}/${kind}/${rule.name}`.toLowerCase();
  const queries = state.decidedBy.get(id) ?? [];
  const findings = state.findingsOf.get(id) ?? [];
  return (
    <>
      {findings.map((f) => (
        <span key={f.rule} class={`badge s-${f.severity}`} title={f.message}>
          {f.name}
        </span>
      ))}
      {queries.length > 0 ? (
        <details>
          <summary>
            {queries.length} of {state.report.result.queries.length} answers
          </summary>
          <ul class="plain tall">
            {queries.slice(0, 50).map((q) => (
              <li key={`${q.question.from} ${q.question.to} ${q.question.service}`}>
                <PathLink from={q.question.from} to={q.question.to} service={q.question.service}>
                  {q.question.from} → {q.question.to}
                </PathLink>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

function GroupCard({ state, group, open }: { state: State; group: Group; open: boolean }) {
  const own = group.rules.filter((r) => !r.default);
  const found = own.filter((r) => state.findingsOf.has(`${group.id}/securityRules/${r.name}`.toLowerCase())).length;
  const places = group.attachedTo.map((a) => a.name);
  return (
    <details class="card" open={open}>
      <summary>
        <strong>{group.name}</strong>{' '}
        <span class="muted">
          {own.length} {own.length === 1 ? 'rule' : 'rules'}
          {found > 0 ? `, ${found} with findings` : ''}, {places.length === 0 ? 'attached to nothing' : `at ${places.slice(0, 6).join(', ')}${places.length > 6 ? ', ...' : ''}`}
        </span>
      </summary>
      <RuleTable group={group} direction={null} extra={(rule) => <Use state={state} group={group} rule={rule} />} />
    </details>
  );
}
