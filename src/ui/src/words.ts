// Values as people read them.
import type { By, Packet, Ranges, Service, Verdict } from './data';

function ranges(list: Ranges | undefined, last: number): string {
  if (!list || list.some(([first, end]) => first === 0 && end === last)) return '';
  return list.map(([first, end]) => (first === end ? `${first}` : `${first}-${end}`)).join(',');
}

/** "tcp/80,443"; "any" for everything. */
export function serviceText(services: Service[]): string {
  if (services.length === 0) return 'nothing';
  if (services.some((s) => s.protocol === '*')) return 'every protocol';
  const all = (name: string) =>
    services.some((s) => s.protocol === name && ranges(s.ports, 65535) === '' && ranges(s.types, 255) === '');
  const rest = services.filter((s) => typeof s.protocol === 'number');
  if (all('tcp') && all('udp') && (all('icmp') || all('icmpv6')) && services.length - rest.length <= 4) {
    return rest.length > 0 ? 'every protocol' : 'any';
  }
  return services
    .map((s) => {
      const ports = ranges(s.ports, 65535) || ranges(s.types, 255);
      return ports === '' ? `${s.protocol}` : `${s.protocol}/${ports}`;
    })
    .join(' ');
}

/** How many TCP and UDP ports, and whether there is more than ports. */
export function width(services: Service[]): number {
  let count = 0;
  for (const s of services) {
    if (s.protocol === '*') return 131072;
    if (!s.ports) {
      count += 1;
      continue;
    }
    for (const [first, last] of s.ports) count += last - first + 1;
  }
  return count;
}

export function packetText(p: Packet): string {
  const end = (address: string, port?: number) =>
    port === undefined ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return `${p.protocol} ${end(p.src, p.srcPort)} → ${end(p.dst, p.dstPort)}`;
}

export function placeText(by: By | null): string {
  if (!by?.file) return '';
  return by.line ? `${by.file}:${by.line}` : `${by.file}${by.pointer ? '#' + by.pointer : ''}`;
}

/** A value of the configuration: text as it is, anything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? (value === '' ? '(none)' : value) : JSON.stringify(value ?? null);
}

/** The last part of an ARM id; the text itself when it is none. */
export function shortName(id: string): string {
  const slash = id.lastIndexOf('/');
  return slash < 0 || slash === id.length - 1 ? id : id.slice(slash + 1);
}

export const verdictMark: Record<string, string> = {
  reachable: '●',
  partial: '◐',
  'one-way': '→',
  blocked: '✕',
  unknown: '?',
  held: '✓',
  violated: '✕',
  vacuous: '∅',
  suppressed: '⏸',
  'not-asked': '–',
};

export function isOpen(verdict: Verdict): boolean {
  return verdict === 'reachable' || verdict === 'partial' || verdict === 'one-way';
}
