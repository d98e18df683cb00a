// What every page reads: the report and a few indexes over it, made once.
import type { Endpoint, Finding, Group, Hop, Query, Report } from './data';
import { Matrix } from './matrix';

export interface State {
  report: Report;
  matrix: Matrix;
  endpointById: Map<string, Endpoint>;
  endpointsBySubnet: Map<string, Endpoint[]>;
  groupById: Map<string, Group>;
  queryByKey: Map<string, Query>;
  /** By the id of a rule, in lower case: the questions in whose answer it decided a hop. */
  decidedBy: Map<string, Query[]>;
  /** By the id of a rule or resource, in lower case. */
  findingsOf: Map<string, Finding[]>;
}

export const keyOf = (from: string, to: string, service: string) => JSON.stringify([from, to, service]);

export function makeState(report: Report): State {
  const { endpoints, groups, queries, blocks, axis } = report.result;
  const endpointsBySubnet = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    if (endpoint.subnet === null) continue;
    const key = endpoint.subnet.toLowerCase();
    const list = endpointsBySubnet.get(key);
    if (list) list.push(endpoint);
    else endpointsBySubnet.set(key, [endpoint]);
  }
  const decidedBy = new Map<string, Query[]>();
  for (const query of queries) {
    const hops: Hop[] = [...query.path, ...(query.return?.path ?? []), ...(query.entries ?? []).flatMap((e) => e.path)];
    for (const id of new Set(hops.map((h) => h.by?.id?.toLowerCase()))) {
      if (!id) continue;
      const list = decidedBy.get(id);
      if (list) list.push(query);
      else decidedBy.set(id, [query]);
    }
  }
  const findingsOf = new Map<string, Finding[]>();
  for (const finding of report.result.lint?.findings ?? []) {
    const id = finding.target.id.toLowerCase();
    findingsOf.set(id, [...(findingsOf.get(id) ?? []), finding]);
  }
  return {
    decidedBy,
    findingsOf,
    report,
    matrix: new Matrix(blocks, axis.length),
    endpointById: new Map(endpoints.map((e) => [e.id.toLowerCase(), e])),
    endpointsBySubnet,
    groupById: new Map(groups.map((g) => [g.id.toLowerCase(), g])),
    queryByKey: new Map(queries.map((q) => [keyOf(q.question.from, q.question.to, q.question.service), q])),
  };
}

/** The group and the rule that an id of a decision names. */
export function ruleOf(state: State, id: string | null): { group: Group; rule: string } | null {
  if (!id) return null;
  const match = /^(.*)\/(?:securityRules|defaultSecurityRules)\/([^/]+)$/i.exec(id);
  const group = match ? state.groupById.get(match[1]!.toLowerCase()) : undefined;
  return group && match ? { group, rule: match[2]! } : null;
}

/** Endpoints whose name, id or address holds the text. At most `most`, best first. */
export function search(state: State, text: string, most = 12): Endpoint[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const scored: [number, Endpoint][] = [];
  for (const endpoint of state.report.result.endpoints) {
    const name = endpoint.name.toLowerCase();
    const score =
      name === wanted || endpoint.use.toLowerCase() === wanted
        ? 0
        : endpoint.addresses.some((a) => a.replace(/\/(32|128)$/, '') === wanted)
          ? 1
          : name.startsWith(wanted)
            ? 2
            : name.includes(wanted)
              ? 3
              : endpoint.addresses.some((a) => a.startsWith(wanted))
                ? 4
                : endpoint.id.toLowerCase().includes(wanted)
                  ? 5
                  : -1;
    if (score >= 0) scored.push([score, endpoint]);
  }
  return scored
    .sort((a, b) => a[0] - b[0] || (a[1].use < b[1].use ? -1 : 1))
    .slice(0, most)
    .map(([, endpoint]) => endpoint);
}
