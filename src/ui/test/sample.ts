// A hand-made report with everything in it, and with names that attack the page.
import type { Report } from '../src/data';

export const hostile = [
  '<img src=x onerror="window.owned=1">',
  '</script><script>window.owned=1</script>',
  "';window.owned=1;//",
  'javascript:window.owned=1',
  '{{constructor.constructor("window.owned=1")()}}',
];

const id = (type: string, name: string) => `/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/${type}/${name}`;

export function sample(vnets = 3, subnets = 4, endpointsEach = 5, names: string[] = []): Report {
  let serial = 0;
  const named = (name: string) => names[serial++ % Math.max(names.length, 1)] ?? name;
  const groups: Report['result']['groups'] = [];
  const result: Report['result'] = {
    title: 'contoso',
    vnets: [],
    links: [],
    endpoints: [],
    axis: [
      { label: 'internet', kind: 'internet', id: null },
      { label: 'onprem', kind: 'onprem', id: null },
    ],
    blocks: [],
    exposed: [],
    queries: [],
    groups,
    check: null,
    diff: null,
    lint: null,
  };
  for (let v = 0; v < vnets; ++v) {
    const vnet = id('virtualNetworks', `vnet-${v}`);
    const vnetName = names.length > 0 ? named('') : `vnet-${v}`;
    result.vnets.push({
      id: vnet,
      name: vnetName,
      location: v % 2 === 0 ? 'westeurope' : 'northeurope',
      subscription: `s${v % 2}`,
      prefixes: [`10.${v}.0.0/16`],
      subnets: [],
    });
    if (v > 0) result.links.push({ kind: 'peering', from: id('virtualNetworks', 'vnet-0'), to: vnet, state: 'Connected', label: `to-${v}` });
    for (let s = 0; s < subnets; ++s) {
      const subnet = `${vnet}/subnets/snet-${s}`;
      const group = id('networkSecurityGroups', `nsg-${v}-${s}`);
      const subnetName = names.length > 0 ? named('') : `snet-${s}`;
      result.vnets[v]!.subnets.push({
        id: subnet,
        name: subnetName,
        prefixes: [`10.${v}.${s}.0/24`],
        securityGroup: { id: group, name: `nsg-${v}-${s}` },
        routeTable: null,
        devices: s === 3 ? [{ kind: 'firewall', id: id('azureFirewalls', `fw-${v}`), name: names[1] ?? `fw-${v}` }] : [],
      });
      groups.push({
        id: group,
        name: names.length > 0 ? named('') : `nsg-${v}-${s}`,
        attachedTo: [{ id: subnet, name: subnetName }],
        rules: [
          { name: 'allow-web', priority: 100, direction: 'inbound', access: 'allow', protocol: 'Tcp', source: 'Internet', destination: '*', ports: '443', default: false, file: 'prod.json', pointer: '/value/3', line: 41 },
          { name: 'deny-rest', priority: 4096, direction: 'inbound', access: 'deny', protocol: '*', source: '*', destination: '*', ports: '*', default: false },
          { name: 'AllowVnetInBound', priority: 65000, direction: 'inbound', access: 'allow', protocol: '*', source: 'VirtualNetwork', destination: 'VirtualNetwork', ports: '*', default: true },
          { name: 'AllowInternetOutBound', priority: 65001, direction: 'outbound', access: 'allow', protocol: '*', source: '*', destination: 'Internet', ports: '*', default: true },
        ],
      });
      result.axis.push({ label: `${vnetName}/${subnetName}`, kind: 'subnet', id: subnet });
      for (let e = 0; e < endpointsEach; ++e) {
        result.endpoints.push({
          kind: 'vm',
          name: names.length > 0 ? named('') : `vm-${v}-${s}-${e}`,
          id: `/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-${v}-${s}-${e}`,
          resourceGroup: 'rg',
          subscription: `s${v % 2}`,
          location: 'westeurope',
          addresses: [`10.${v}.${s}.${4 + (e % 250)}/32`],
          use: names.length > 0 ? named('') : `vm-${v}-${s}-${e}`,
          subnet,
          exposure: s === 0 && e === 0 ? 'wide' : s === 1 && e === 0 ? 'narrow' : 'none',
        });
      }
    }
  }
  const last = result.axis.length - 1;
  const https = [{ protocol: 'tcp', ports: [[443, 443]] as [number, number][], sourcePorts: [[0, 65535]] as [number, number][] }];
  const any = [
    { protocol: 'tcp', ports: [[0, 65535]] as [number, number][] },
    { protocol: 'udp', ports: [[0, 65535]] as [number, number][] },
    { protocol: 'icmp', types: [[0, 255]] as [number, number][], codes: [[0, 255]] as [number, number][] },
  ];
  result.blocks = [
    { from: [[0, 0]], to: [[2, 2]], verdict: 'reachable', service: https, possible: [] },
    { from: [[2, last]], to: [[2, Math.min(last, 2 + subnets - 1)]], verdict: 'reachable', service: https, possible: [] },
    { from: [[2, 2]], to: [[0, 0]], verdict: 'reachable', service: any, possible: [] },
    { from: [[1, 1]], to: [[2, last]], verdict: 'unknown', service: [], possible: any },
  ];
  const first = result.axis[2]!.label;
  const storage = '/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st1';
  result.endpoints.push({ kind: 'paas', name: names[0] ?? 'st1/blob', id: storage, resourceGroup: 'rg', subscription: 's1', location: 'westeurope', addresses: [], use: names[0] ?? 'st1/blob', subnet: null, exposure: 'wide' });
  result.axis.push({ label: names[0] ?? 'st1/blob', kind: 'service', id: storage });
  result.blocks.push({ from: [[0, 0]], to: [[last + 1, last + 1]], verdict: 'partial', service: https, possible: [] });
  result.exposed = [{ endpoint: result.endpoints[0]!.id, name: result.endpoints[0]!.use, service: https, possible: [], sources: 'any address' }];
  const hops = [
    { hop: 1, kind: 'nat', at: { id: id('publicIPAddresses', 'pip'), name: 'pip' }, direction: null, decision: 'translate', by: { id: id('publicIPAddresses', 'pip'), name: 'pip', priority: null, default: false }, reason: 'DNAT' },
    { hop: 2, kind: 'nsg', at: { id: result.vnets[0]!.subnets[0]!.id, name: result.vnets[0]!.subnets[0]!.name }, direction: 'inbound' as const, decision: 'allow', by: { id: `${groups[0]!.id}/securityRules/allow-web`, name: names[0] ?? 'allow-web', priority: 100, default: false, file: 'prod.json', pointer: '/value/3', line: 41 }, reason: 'NSG_ALLOW' },
  ];
  result.queries = [
    {
      question: { from: 'internet', to: result.endpoints[0]!.use, service: 'any' },
      verdict: 'partial',
      witness: { protocol: 'tcp', src: '8.8.8.8', srcPort: 49152, dst: '20.0.0.4', dstPort: 443 },
      path: hops,
      return: { verdict: 'delivered', symmetric: true, path: [] },
      blockers: [],
      dependsOn: [],
    },
    {
      question: { from: 'internet', to: first, service: 'any' },
      verdict: 'blocked',
      witness: { protocol: 'tcp', src: '8.8.8.8', srcPort: 49152, dst: '20.0.0.4', dstPort: 22 },
      path: [hops[0]!, { ...hops[1]!, decision: 'deny', reason: 'NSG_DENY', by: { ...hops[1]!.by!, id: `${groups[0]!.id}/securityRules/deny-rest`, name: 'deny-rest', priority: 4096 } }],
      return: null,
      blockers: [],
      dependsOn: ['AZR9001 /subscriptions/s1/x'],
    },
    {
      question: { from: 'internet', to: names[0] ?? 'st1/blob', service: 'any' },
      verdict: 'partial',
      witness: { protocol: 'tcp', src: '8.8.8.8', srcPort: 49152, dst: '0.0.0.1', dstPort: 443 },
      path: [],
      return: null,
      blockers: [],
      dependsOn: [],
      entries: [
        { entry: 'public', endpoint: names[1] ?? 'st1/blob', id: storage, verdict: 'partial', path: [{ ...hops[0]!, kind: 'paas-firewall', decision: 'allow', reason: 'PAAS_ALLOW' }], blockers: [], dependsOn: [] },
        { entry: 'private-endpoint', endpoint: 'st1/blob', id: id('privateEndpoints', names[2] ?? 'pe-st1'), verdict: 'blocked', path: [], blockers: [], dependsOn: ['pe-ports'] },
      ],
      residual: [{ endpoint: 'st1/blob', class: 'trusted-services', who: null, certain: true, note: names[3] ?? "Azure's own services" }],
    },
  ];
  result.check = {
    summary: { held: 1, violated: 1, unknown: 1, vacuous: 0, suppressed: 0, 'not-asked': 0 },
    invariants: [
      { id: 'no-internet-to-data', title: names[1] ?? 'No internet to data', severity: 'critical', verb: 'deny', status: 'violated', source: { file: 'azreach.yaml', line: 12 }, witness: result.queries[0]!.witness, path: hops, affected: { sources: 4294967296, destinations: 1, service: https, sourceNames: ['internet'], destinationNames: [names[2] ?? 'vm-0-0-0'] }, dependsOn: [], why: 'PCI 1.3', owner: 'netsec', flow: 'internet -> data' },
      { id: 'egress', title: 'Egress by the firewall', severity: 'high', verb: 'through', status: 'unknown', source: null, witness: null, path: null, affected: null, dependsOn: ['vnet-tag-includes-udr'], decidedBy: { held: [{ 'vnet-tag-includes-udr': 'no' }], violated: [] } },
      { id: 'app', title: 'App works', severity: 'low', verb: 'require', status: 'held', source: null, witness: null, path: null, affected: null, dependsOn: [] },
    ],
  };
  result.diff = {
    summary: { new: 1, lost: 1, changed: 0, unchangedPairs: 40, configChanges: 2, newExposures: 1 },
    changes: [
      { kind: 'new', certain: true, exposure: true, from: { name: 'internet' }, to: { name: names[2] ?? 'vm-0-0-0' }, service: https, before: 'blocked', after: 'reachable', causedBy: [{ id: `${groups[0]!.id}/securityRules/${names[3] ?? 'allow-web'}`, pointer: '/properties/access', old: 'Deny', new: 'Allow', file: 'plan.json', line: 12 }], witness: result.queries[0]!.witness, path: hops, pathBefore: [hops[0]!] },
      { kind: 'lost', certain: true, from: { name: 'onprem' }, to: { name: names[1] ?? 'vm-0-0-1' }, service: https, before: 'reachable', after: 'blocked', causedBy: [{ id: `${groups[0]!.id}/securityRules/b`, pointer: '', old: 'Allow Inbound', new: null }], witness: null, path: [] },
    ],
    configChanges: [
      { id: `${groups[0]!.id}/securityRules/${names[3] ?? 'allow-web'}`, pointer: '/properties/access', old: 'Deny', new: 'Allow', file: 'plan.json', line: 12 },
      { id: `${groups[0]!.id}/securityRules/b`, pointer: '', old: 'Allow Inbound', new: null },
    ],
    withoutEffect: [],
    invariants: [
      { id: 'no-internet-to-data', before: 'held', after: 'violated', severity: 'critical' },
      { id: 'app', before: 'held', after: 'held', severity: 'low' },
    ],
  };
  result.lint = { findings: [{ rule: 'AZR2001', name: 'shadowed-rule', severity: 'medium', target: { id: `${groups[0]!.id}/securityRules/deny-rest`, name: names[3] ?? 'deny-rest', file: 'prod.json', line: 41 }, by: [{ id: `${groups[0]!.id}/securityRules/allow-web`, name: names[4] ?? 'allow-web (100)', file: 'prod.json', line: 41 }], message: 'allow-web decides everything before' }] };
  return {
    tool: { name: 'azreach', version: '0.1.0' },
    snapshot: { digest: 'sha256:1f9c0000000000000000000000000000', sources: [{ path: 'prod.json', kind: 'resource-graph', resources: 120 }], gaps: [{ code: 'AZR9001', what: names[4] ?? id('virtualNetworks', 'partner'), neededFor: id('virtualNetworks', 'vnet-0'), effect: 'answers to the partner network are unknown' }] },
    reading: 'strict',
    assumptions: [{ key: 'nva:10.0.2.4', value: 'transparent', origin: 'command line' }],
    diagnostics: [{ code: 'AZR1019', severity: 'warning', message: 'host bits' }],
    result,
  };
}

/** The built page with a report in it, as `azreach report` fills it. */
export function fill(page: string, report: Report): string {
  const text = JSON.stringify(report)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return page.replace('@azreach-report-data@', () => text);
}
