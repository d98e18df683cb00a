import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { select } from 'd3-selection';
import 'd3-zoom';
import { zoom, zoomIdentity, type ZoomBehavior } from 'd3-zoom';
import type { Endpoint } from './data';
import { layout, type Box } from './layout';
import { Badge, Empty, RuleTable } from './parts';
import { quote } from './matrix-page';
import type { Cell } from './matrix';
import { toHash } from './route';
import { serviceText } from './words';
import type { State } from './state';

type Colour = 'exposure' | 'network' | 'subscription';

const exposureRank = { none: 0, narrow: 1, unknown: 2, wide: 3 } as const;
const exposureMark = { none: '', narrow: '◔ ', unknown: '? ', wide: '● ' } as const;

function exposureOf(list: Endpoint[]): Endpoint['exposure'] {
  let worst: Endpoint['exposure'] = 'none';
  for (const endpoint of list) {
    if (exposureRank[endpoint.exposure] > exposureRank[worst]) worst = endpoint.exposure;
  }
  return worst;
}

/** One of a few hues, the same for the same text. */
function hue(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; ++i) sum = (sum * 31 + text.charCodeAt(i)) >>> 0;
  return (sum % 12) * 30;
}

export function MapPage({ state, parts }: { state: State; parts: string[] }) {
  const svg = useRef<SVGSVGElement>(null);
  const inner = useRef<SVGGElement>(null);
  const pane = useRef<SVGRectElement>(null);
  const behaviour = useRef<ZoomBehavior<SVGSVGElement, unknown> | null>(null);
  const [colour, setColour] = useState<Colour>('exposure');
  const [first, setFirst] = useState<string | null>(null);
  const inSubnet = (id: string) => state.endpointsBySubnet.get(id.toLowerCase()) ?? [];
  const drawn = useMemo(() => layout(state.report, (id) => inSubnet(id).length), [state]);
  const byId = useMemo(() => new Map(drawn.boxes.map((b) => [b.id.toLowerCase(), b])), [drawn]);
  const chosen = parts[0] ? (drawn.boxes.find((b) => b.label === parts[0]) ?? byId.get(parts[0].toLowerCase()) ?? null) : null;

  useEffect(() => {
    const element = svg.current;
    const group = inner.current;
    if (!element || !group) return;
    const moving = (yes: boolean) => {
      group.style.willChange = yes ? 'transform' : '';
      // A pane before everything: the browser need not look what lies under the pointer.
      pane.current?.setAttribute('display', yes ? 'inline' : 'none');
    };
    const selection = select(element);
    const z = zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.05, 8])
      // While it moves it is a layer of its own, which costs no painting; at rest it is drawn sharp.
      .on('start', () => moving(true))
      .on('zoom', ({ transform }) => (group.style.transform = `translate(${transform.x}px,${transform.y}px) scale(${transform.k})`))
      .on('end', () => moving(false));
    behaviour.current = z;
    selection.call(z);
    fit();
    return () => {
      selection.on('.zoom', null);
    };
  }, [drawn]);

  function fit() {
    const element = svg.current;
    if (!element || !behaviour.current) return;
    const { width, height } = element.getBoundingClientRect();
    const scale = Math.min(2, (width - 20) / drawn.width, (height - 20) / drawn.height) || 1;
    select(element).call(behaviour.current.transform, zoomIdentity.translate(10, 10).scale(scale));
  }

  function pick(box: Box, shift: boolean) {
    const name = nameOf(box);
    if (shift && first && first !== name) {
      location.hash = toHash('path', first, name, 'any');
      setFirst(null);
      return;
    }
    setFirst(name);
    location.hash = toHash('map', box.id);
  }

  if (drawn.boxes.length === 0) return <Empty>There is no network in this report.</Empty>;
  const subscriptions = [...new Set(state.report.result.vnets.map((v) => v.subscription))];

  return (
    <div class="page full">
      <div class="bar">
        <h1>Map</h1>
        <label>
          Colour by{' '}
          <select value={colour} onChange={(e) => setColour(e.currentTarget.value as Colour)}>
            <option value="exposure">exposure</option>
            <option value="network">network</option>
            <option value="subscription">subscription ({subscriptions.length})</option>
          </select>
        </label>
        <button type="button" onClick={fit}>
          Whole map
        </button>
        <span class="legend">
          <span class="swatch x-wide">●</span> open to the internet <span class="swatch x-narrow">◔</span> to some addresses <span class="swatch x-unknown">?</span> unknown
        </span>
        <span class="muted">Shift-click a second box for the path.</span>
      </div>
      <div class="split">
        <svg ref={svg} class="map" role="group" aria-label="Map of the networks">
          <g ref={inner}>
            {drawn.boxes.map((box) => {
              const exposure = box.kind === 'subnet' ? exposureOf(inSubnet(box.id)) : (box.service?.exposure ?? 'none');
              const tint = colour === 'network' ? box.vnet?.id : colour === 'subscription' ? (box.vnet?.subscription ?? box.service?.subscription) : undefined;
              return (
                <g
                  key={box.id}
                  class={`box ${box.kind}${colour === 'exposure' ? ` x-${exposure}` : ''}${chosen === box ? ' chosen' : ''}`}
                  transform={`translate(${box.x},${box.y})`}
                  tabindex={box.kind === 'region' ? undefined : 0}
                  role={box.kind === 'region' ? undefined : 'button'}
                  aria-label={box.kind === 'region' ? undefined : `${box.kind} ${box.label}${box.kind === 'service' ? '' : `, ${endpoints(box.count)}`}${exposure === 'none' ? '' : `, exposure ${exposure}`}`}
                  onClick={(e) => {
                    if (box.kind === 'region') return;
                    e.stopPropagation();
                    pick(box, e.shiftKey);
                  }}
                  onKeyDown={(e) => {
                    if (box.kind !== 'region' && (e.key === 'Enter' || e.key === ' ')) {
                      e.preventDefault();
                      pick(box, e.shiftKey);
                    }
                  }}
                >
                  <rect width={box.width} height={box.height} rx="4" style={tint !== undefined ? `fill: hsl(${hue(tint)} 55% var(--tint))` : undefined} />
                  <text x="8" y="16" class="label">
                    {clip(`${exposureMark[exposure]}${box.label}`, box.width)}
                  </text>
                  {box.kind === 'subnet' ? (
                    <>
                      <text x="8" y="31" class="detail">
                        {clip(box.detail, box.width)}
                      </text>
                      <text x="8" y="46" class="detail">
                        {clip(inside(box), box.width)}
                      </text>
                    </>
                  ) : null}
                  {box.kind === 'service' ? (
                    <text x="8" y="31" class="detail">
                      {clip(box.detail, box.width)}
                    </text>
                  ) : null}
                  {box.kind === 'vnet' ? (
                    <text x={box.width - 8} y="16" class="detail end">
                      {box.width > 260 ? clip(box.detail, box.width / 2) : ''}
                    </text>
                  ) : null}
                </g>
              );
            })}
            {state.report.result.links.map((link, i) => {
              const a = byId.get(link.from.toLowerCase());
              const b = byId.get(link.to.toLowerCase());
              return a && b ? <path key={i} class={`link ${link.kind}`} d={curve(a, b)}><title>{`${link.label} (${link.kind}, ${link.state})`}</title></path> : null;
            })}
          </g>
          <rect ref={pane} class="pane" width="100%" height="100%" display="none" />
        </svg>
        {chosen ? <BoxPanel state={state} box={chosen} list={chosen.kind === 'subnet' ? inSubnet(chosen.id) : []} /> : null}
      </div>
    </div>
  );
}

function nameOf(box: Box): string {
  return box.kind === 'subnet' && box.vnet ? `${box.vnet.name}/${box.label}` : box.kind === 'outside' ? box.id : box.label;
}

/** Text that fits in a width, by the width of an average letter. */
function clip(text: string, space: number): string {
  const most = Math.max(3, Math.floor((space - 16) / 6.4));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** From the border of one box to the border of the other, slightly bent. */
function curve(a: Box, b: Box): string {
  const start = border(a, b);
  const end = border(b, a);
  const bend = Math.min(40, Math.hypot(end.x - start.x, end.y - start.y) / 6);
  return `M${start.x},${start.y} Q${(start.x + end.x) / 2 + bend},${(start.y + end.y) / 2 - bend} ${end.x},${end.y}`;
}

/** Where the line from the middle of `from` to the middle of `to` leaves the box. */
function border(from: Box, to: Box): { x: number; y: number } {
  const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
  const [dx, dy] = [to.x + to.width / 2 - x, to.y + to.height / 2 - y];
  const scale = Math.min(dx === 0 ? Infinity : from.width / 2 / Math.abs(dx), dy === 0 ? Infinity : from.height / 2 / Math.abs(dy));
  return Number.isFinite(scale) ? { x: x + dx * scale, y: y + dy * scale } : { x, y };
}

const deviceMark: Record<string, string> = { firewall: '◆', gateway: '◇', bastion: '▣', nat: '⇄', other: '▫' };

/** What stands in a subnet, and its group. */
function inside(box: Box): string {
  const devices = (box.subnet?.devices ?? []).map((d) => `${deviceMark[d.kind] ?? '▫'} ${d.name}`);
  const parts = [...devices, ...(box.count > 0 || devices.length === 0 ? [endpoints(box.count)] : []), box.subnet?.securityGroup?.name ?? 'no group'];
  return parts.join(' · ');
}

/** "1 endpoint", "3 endpoints". */
function endpoints(count: number): string {
  return `${count} ${count === 1 ? 'endpoint' : 'endpoints'}`;
}

/** Who reaches a box, and whom it reaches, as the matrix has it. */
function Reached({ state, box }: { state: State; box: Box }) {
  const { axis } = state.report.result;
  const own = axis.findIndex((a) => (box.kind === 'outside' ? a.kind === box.id : a.id?.toLowerCase() === box.id.toLowerCase()));
  if (own < 0) return null;
  const most = 40;
  const list = (title: string, cellOf: (other: number) => Cell, link: (other: number) => string) => {
    const others = axis.map((_, i) => i).filter((i) => cellOf(i).verdict !== 'blocked');
    return (
      <>
        <h3>{title}</h3>
        {others.length === 0 ? <p class="muted">nobody</p> : null}
        <ul class="plain tall">
          {others.slice(0, most).map((i) => {
            const cell = cellOf(i);
            return (
              <li key={i}>
                <a href={link(i)}>{axis[i]!.label}</a>{' '}
                <span class="muted">{cell.service.length > 0 ? serviceText(cell.service) : `perhaps ${serviceText(cell.possible)}`}</span>
              </li>
            );
          })}
        </ul>
        {others.length > most ? <p class="muted">and {others.length - most} more in the matrix</p> : null}
      </>
    );
  };
  return (
    <>
      {list('Reached from', (i) => state.matrix.cell(i, own), (i) => toHash('matrix', axis[i]!.label, axis[own]!.label))}
      {list('Reaches', (i) => state.matrix.cell(own, i), (i) => toHash('matrix', axis[own]!.label, axis[i]!.label))}
    </>
  );
}

function BoxPanel({ state, box, list }: { state: State; box: Box; list: Endpoint[] }) {
  const group = box.subnet?.securityGroup ? state.groupById.get(box.subnet.securityGroup.id.toLowerCase()) : undefined;
  const name = nameOf(box);
  return (
    <aside class="panel" aria-label="Chosen box">
      <h2>{box.label}</h2>
      <p class="muted">
        {box.kind}
        {box.detail ? `, ${box.detail}` : ''}
      </p>
      {box.kind === 'vnet' ? (
        <ul class="plain">
          {state.report.result.links
            .filter((l) => l.from === box.id || l.to === box.id)
            .map((l, i) => (
              <li key={i}>
                {l.kind} {l.label} <span class="muted">{l.state}</span>
              </li>
            ))}
        </ul>
      ) : null}
      {box.subnet ? (
        <p>
          {box.subnet.securityGroup ? (
            <>
              Group <a href={toHash('rules', box.subnet.securityGroup.name)}>{box.subnet.securityGroup.name}</a>
            </>
          ) : (
            'No security group'
          )}
          {box.subnet.routeTable ? `, routes ${box.subnet.routeTable.name}` : ''}
        </p>
      ) : null}
      {(box.subnet?.devices ?? []).length > 0 ? (
        <ul class="plain">
          {box.subnet!.devices!.map((d) => (
            <li key={d.id}>
              <span aria-hidden="true">{deviceMark[d.kind] ?? '▫'} </span>
              {d.name} <span class="muted">{d.kind === 'other' ? '' : d.kind}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {box.service ? (
        <>
          <p>Exposure: {box.service.exposure === 'wide' ? 'any address of the internet' : box.service.exposure === 'narrow' ? 'some addresses of the internet' : box.service.exposure}</p>
          <ul class="plain tall">
            {state.report.result.queries
              .filter((q) => q.question.to === box.service!.use)
              .map((q) => (
                <li key={`${q.question.from} ${q.question.service}`}>
                  <Badge verdict={q.verdict} /> <a href={toHash('path', q.question.from, q.question.to, q.question.service)}>from {q.question.from}</a>
                </li>
              ))}
          </ul>
        </>
      ) : null}
      {list.length > 0 ? (
        <>
          <h3>{endpoints(list.length)}</h3>
          <ul class="plain tall">
            {list.slice(0, 300).map((e) => (
              <li key={e.id}>
                <span aria-hidden="true">{exposureMark[e.exposure]}</span>
                {e.use} <span class="muted">{e.addresses.join(' ')}</span>
                {e.exposure === 'none' ? null : <span class="muted"> exposure: {e.exposure}</span>}
              </li>
            ))}
          </ul>
          {list.length > 300 ? <p class="muted">and {list.length - 300} more</p> : null}
        </>
      ) : null}
      {box.kind === 'subnet' || box.kind === 'outside' ? <Reached state={state} box={box} /> : null}
      {group ? (
        <details>
          <summary>Rules of {group.name}</summary>
          <RuleTable group={group} direction={null} />
        </details>
      ) : null}
      <p class="muted">
        <code>azreach show {quote(name)}</code>
      </p>
    </aside>
  );
}
