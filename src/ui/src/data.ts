// The document that `azreach report` writes into the page: the same JSON as `-o json`, joined.
// Readers ignore keys that they do not know; every part may be absent.

export type Ranges = [number, number][];

export interface Service {
  protocol: string | number;
  ports?: Ranges;
  sourcePorts?: Ranges;
  types?: Ranges;
  codes?: Ranges;
}

export type Verdict = 'reachable' | 'partial' | 'one-way' | 'blocked' | 'unknown';

export interface Named {
  id: string;
  name: string;
}

export interface By {
  id: string | null;
  name: string | null;
  priority: number | null;
  default: boolean;
  file?: string | null;
  pointer?: string | null;
  line?: number | null;
}

export interface Hop {
  hop: number;
  kind: string;
  at: Named;
  direction: 'inbound' | 'outbound' | null;
  decision: string;
  by: By | null;
  reason: string;
  note?: string;
}

export interface Packet {
  protocol: string | number;
  src: string;
  srcPort?: number;
  dst: string;
  dstPort?: number;
}

export interface Return {
  verdict: string | null;
  symmetric?: boolean;
  path: Hop[];
}

/** One way into a PaaS endpoint, with its own verdict. */
export interface Entry {
  entry: string;
  endpoint: string;
  id: string;
  verdict: Verdict;
  path: Hop[];
  blockers: Hop[];
  dependsOn: string[];
}

/** Somebody whom a service admits whatever the network position. */
export interface Residual {
  endpoint: string;
  class: string;
  who: string | null;
  certain: boolean;
  note: string;
}

export interface Query {
  question: { from: string; to: string; service: string };
  verdict: Verdict;
  witness: Packet | null;
  path: Hop[];
  return: Return | null;
  blockers: Hop[];
  dependsOn: string[];
  note?: string;
  entries?: Entry[];
  residual?: Residual[];
}

export interface Endpoint extends Named {
  kind: string;
  resourceGroup: string;
  subscription: string;
  location: string;
  addresses: string[];
  use: string;
  subnet: string | null;
  exposure: 'none' | 'narrow' | 'wide' | 'unknown';
}

export interface Subnet extends Named {
  prefixes: string[];
  securityGroup: Named | null;
  routeTable: Named | null;
  devices?: (Named & { kind: string })[];
}

export interface Vnet extends Named {
  location: string;
  subscription: string;
  prefixes: string[];
  subnets: Subnet[];
}

export interface Link {
  kind: string;
  from: string;
  to: string;
  state: string;
  label: string;
}

export interface AxisEntry {
  label: string;
  kind: string;
  id: string | null;
}

export interface Block {
  from: Ranges;
  to: Ranges;
  verdict: Verdict;
  service: Service[];
  possible: Service[];
}

export interface Rule {
  name: string;
  priority: number;
  direction: 'inbound' | 'outbound';
  access: 'allow' | 'deny';
  protocol: string;
  source: string;
  destination: string;
  ports: string;
  default: boolean;
  file?: string | null;
  pointer?: string | null;
  line?: number | null;
}

export interface Group extends Named {
  attachedTo: Named[];
  rules: Rule[];
}

export interface Exposure {
  endpoint: string;
  name: string;
  service: Service[];
  possible: Service[];
  sources: string;
}

export type Facts = Record<string, string>;

export interface Invariant {
  id: string;
  title: string | null;
  severity: string;
  verb: string;
  status: string;
  source: { file: string; line: number } | null;
  witness: (Packet & { from?: { name: string }; to?: { name: string } }) | null;
  path: Hop[] | null;
  return?: { verdict: string | null; path: Hop[] };
  affected: {
    sources: number | string;
    destinations: number | string;
    service: Service[];
    sourceNames?: string[];
    destinationNames?: string[];
  } | null;
  dependsOn: string[];
  decidedBy?: { held: Facts[]; violated: Facts[] };
  why?: string | null;
  owner?: string | null;
  flow?: string;
  note?: string;
  counted?: { count: string; least: number | string; most: number | string; max: number | string };
  suppression?: { reason: string; owner: string; expires: string | null; status: string };
  known?: boolean;
}

export interface ConfigChange {
  id: string;
  pointer: string;
  old: unknown;
  new: unknown;
  file?: string | null;
  line?: number | null;
}

export interface Change {
  kind: string;
  certain?: boolean;
  exposure?: boolean;
  from: { name: string };
  to: { name: string };
  service: Service[];
  before: string | null;
  after: string | null;
  causedBy: ConfigChange[];
  witness: Packet | null;
  path: Hop[] | null;
  pathBefore?: Hop[];
  dependsOn?: string[];
}

export interface Diff {
  summary: Record<string, number>;
  changes: Change[];
  configChanges?: ConfigChange[];
  withoutEffect?: number[];
  invariants: { id: string; before: string; after: string; severity?: string }[];
}

export interface Finding {
  rule: string;
  name: string;
  severity: string;
  target: Named & { file?: string | null; line?: number | null };
  by: (Named & { file?: string | null; line?: number | null })[];
  message: string;
}

export interface Gap {
  code: string;
  what: string;
  neededFor: string;
  effect: string;
}

export interface Report {
  tool: { name: string; version: string };
  snapshot: {
    digest: string;
    sources: { path: string; kind: string; resources: number }[];
    gaps: Gap[];
  };
  reading: string;
  assumptions: { key: string; value: string; origin: string }[];
  diagnostics: { code: string; severity: string; message: string; file?: string; line?: number }[];
  result: {
    title: string;
    vnets: Vnet[];
    links: Link[];
    endpoints: Endpoint[];
    axis: AxisEntry[];
    blocks: Block[];
    exposed: Exposure[];
    queries: Query[];
    groups: Group[];
    check: { config?: string; today?: string; summary: Record<string, number>; invariants: Invariant[] } | null;
    diff: Diff | null;
    lint: { findings: Finding[] } | null;
  };
}

const emptyResult: Report['result'] = {
  title: '',
  vnets: [],
  links: [],
  endpoints: [],
  axis: [],
  blocks: [],
  exposed: [],
  queries: [],
  groups: [],
  check: null,
  diff: null,
  lint: null,
};

/** Parses the page's data; parts that are missing become empty. Throws on anything that is no object. */
export function parseReport(text: string): Report {
  const read: unknown = JSON.parse(text);
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    throw new Error('the report data is not an object');
  }
  const raw = read as Partial<Report>;
  return {
    tool: raw.tool ?? { name: 'azreach', version: '' },
    snapshot: { digest: '', sources: [], gaps: [], ...(raw.snapshot ?? {}) },
    reading: raw.reading ?? '',
    assumptions: raw.assumptions ?? [],
    diagnostics: raw.diagnostics ?? [],
    result: { ...emptyResult, ...(raw.result ?? {}) },
  };
}
