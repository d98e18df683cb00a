// Where boxes stand on the map: regions hold virtual networks, these hold subnets. Shelves of
// boxes, largest first within a parent, the same for the same data every time.
import { hierarchy, type HierarchyNode } from 'd3-hierarchy';
import type { Endpoint, Report, Subnet, Vnet } from './data';

export interface Box {
  id: string;
  kind: 'region' | 'vnet' | 'subnet' | 'outside' | 'service';
  label: string;
  detail: string;
  x: number;
  y: number;
  width: number;
  height: number;
  depth: number;
  vnet?: Vnet;
  subnet?: Subnet;
  service?: Endpoint;
  count: number; // endpoints inside
}

interface Item {
  id: string;
  kind: Box['kind'] | 'root';
  label: string;
  detail: string;
  vnet?: Vnet;
  subnet?: Subnet;
  service?: Endpoint;
  count: number;
  children?: Item[];
}

type Node = HierarchyNode<Item> & { width: number; height: number; left: number; top: number };

const gap = 10;
const head = 24;
const subnetSize = { width: 196, height: 54 };
// How many times wider than high a box is meant to be.
const wide = { root: 3.4, region: 2.6, vnet: 2.6, subnet: 1, outside: 1, service: 1 } as const;
const mostServices = 200; // boxes of PaaS endpoints
const serviceSize = { width: 196, height: 40 };
const outsideSize = { width: 132, height: 44 };

export function layout(report: Report, countOf: (subnet: string) => number): { boxes: Box[]; width: number; height: number } {
  const regions = new Map<string, Item>();
  for (const vnet of report.result.vnets) {
    const location = vnet.location || 'no region';
    let region = regions.get(location);
    if (!region) {
      region = { id: `region:${location}`, kind: 'region', label: location, detail: '', count: 0, children: [] };
      regions.set(location, region);
    }
    const children = vnet.subnets.map((subnet): Item => ({
      id: subnet.id,
      kind: 'subnet',
      label: subnet.name,
      detail: subnet.prefixes.join(' '),
      vnet,
      subnet,
      count: countOf(subnet.id),
    }));
    region.children!.push({
      id: vnet.id,
      kind: 'vnet',
      label: vnet.name,
      detail: vnet.prefixes.join(' '),
      vnet,
      count: children.reduce((sum, child) => sum + child.count, 0),
      children,
    });
  }
  const outside: Item[] = report.result.axis
    .filter((entry) => entry.kind === 'internet' || entry.kind === 'onprem')
    .map((entry) => ({ id: entry.kind, kind: 'outside', label: entry.label, detail: '', count: 0 }));
  const services = report.result.endpoints.filter((e) => e.kind === 'paas');
  const platform: Item[] =
    services.length === 0
      ? []
      : [
          {
            id: 'region:services',
            kind: 'region',
            label: services.length > mostServices ? `PaaS, ${mostServices} of ${services.length}` : 'PaaS',
            detail: '',
            count: 0,
            children: services.slice(0, mostServices).map((service) => ({
              id: `${service.id}#${service.use}`,
              kind: 'service',
              label: service.use,
              detail: service.id.split('/').slice(-2)[0] ?? '',
              service,
              count: 1,
            })),
          },
        ];
  const root = hierarchy<Item>({
    id: 'root',
    kind: 'root',
    label: '',
    detail: '',
    count: 0,
    children: [...outside, ...[...regions.values()].sort((a, b) => compare(a.label, b.label)), ...platform],
  }) as Node;
  root.eachAfter((node) => measure(node as Node));
  const boxes: Box[] = [];
  root.eachBefore((n) => {
    const node = n as Node;
    const parent = node.parent as Node | null;
    if (parent) {
      node.left += parent.left;
      node.top += parent.top;
    }
    const { kind, id, label, detail, vnet, subnet, service, count } = node.data;
    if (kind !== 'root') {
      boxes.push({ id, kind, label, detail, vnet, subnet, service, count, x: node.left, y: node.top, width: node.width, height: node.height, depth: node.depth });
    }
  });
  return { boxes, width: root.width, height: root.height };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sets the size of a node and the places of its children inside it. */
function measure(node: Node): void {
  node.left = 0;
  node.top = 0;
  const children = (node.children ?? []) as Node[];
  if (children.length === 0) {
    const size = node.data.kind === 'outside' ? outsideSize : node.data.kind === 'service' ? serviceSize : subnetSize;
    node.width = size.width;
    node.height = size.height;
    if (node.data.kind === 'vnet' || node.data.kind === 'region') node.height += head;
    return;
  }
  const area = children.reduce((sum, c) => sum + (c.width + gap) * (c.height + gap), 0);
  const widest = Math.max(...children.map((c) => c.width));
  const line = Math.max(widest, Math.sqrt(area * wide[node.data.kind]));
  const top = node.data.kind === 'root' ? 0 : head;
  let x = gap;
  let y = top + gap;
  let tallest = 0;
  let used = 0;
  for (const child of children) {
    const after = children[children.indexOf(child) - 1];
    const newRow = after?.data.kind === 'outside' && child.data.kind !== 'outside';
    if (x > gap && (newRow || x + child.width > line + gap)) {
      y += tallest + gap;
      x = gap;
      tallest = 0;
    }
    child.left = x;
    child.top = y;
    x += child.width + gap;
    tallest = Math.max(tallest, child.height);
    used = Math.max(used, x);
  }
  node.width = Math.max(used, subnetSize.width);
  node.height = y + tallest + gap;
}
