import { useMemo, useState } from 'preact/hooks';
import { Badge, Command, Empty, PathLink } from './parts';
import { csv, type Cell } from './matrix';
import { toHash } from './route';
import { keyOf, type State } from './state';
import { serviceText, width } from './words';

const most = 60; // rows and columns that are drawn at once

/** What a cell shows besides its colour. */
function mark(cell: Cell): string {
  if (cell.verdict === 'unknown') return '?';
  // Open for some of the addresses and not for all: what may pass, with a tilde.
  const part = cell.service.length === 0;
  const shown = part ? cell.possible : cell.service;
  if (shown.length === 0) return '·';
  const text = serviceText(shown);
  const ports = width(shown);
  const count = text === 'any' || text === 'every protocol' ? 'all' : ports > 999 ? '>999' : `${ports}`;
  return part ? `~${count}` : count;
}

function level(cell: Cell): string {
  if (cell.verdict === 'blocked') return 'none';
  if (cell.verdict === 'unknown') return 'unsure';
  const ports = width(cell.service.length > 0 ? cell.service : cell.possible);
  return ports <= 4 ? 'few' : ports <= 1024 ? 'some' : 'many';
}

export function MatrixPage({ state, parts }: { state: State; parts: string[] }) {
  const { axis } = state.report.result;
  const [filter, setFilter] = useState('');
  const [onlyBusy, setOnlyBusy] = useState(true);
  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    const all = axis.map((_, i) => i).filter((i) => wanted === '' || axis[i]!.label.toLowerCase().includes(wanted) || axis[i]!.kind === 'internet');
    const rows = onlyBusy ? state.matrix.busy(all, 'from') : all;
    const columns = onlyBusy ? state.matrix.busy(all, 'to') : all;
    return { rows, columns };
  }, [axis, filter, onlyBusy, state]);
  const rows = shown.rows.slice(0, most);
  const columns = shown.columns.slice(0, most);
  const chosen = parts.length === 2 ? { from: axis.findIndex((a) => a.label === parts[0]), to: axis.findIndex((a) => a.label === parts[1]) } : null;

  if (axis.length === 0) return <Empty>This report holds no matrix.</Empty>;

  const save = () => {
    const text = csv(state.report, state.matrix, shown.rows, shown.columns, (cell) => serviceText(cell.service));
    const link = document.createElement('a');
    link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`;
    link.download = 'reachability.csv';
    link.click();
  };

  return (
    <div class="page wide">
      <h1>Who reaches whom</h1>
      <div class="bar">
        <label>
          Filter <input type="search" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} placeholder="subnet or network" />
        </label>
        <label>
          <input type="checkbox" checked={onlyBusy} onChange={(e) => setOnlyBusy(e.currentTarget.checked)} /> only with traffic
        </label>
        <button type="button" onClick={save}>
          Save as CSV
        </button>
        <span class="legend">
          <span class="swatch l-none">·</span> nothing <span class="swatch l-few">4</span> few ports <span class="swatch l-some">80</span> some{' '}
          <span class="swatch l-many">all</span> many <span class="swatch l-unsure">?</span> unknown, ~ for some addresses
        </span>
      </div>
      {shown.rows.length > most || shown.columns.length > most ? (
        <p class="muted">
          The first {most} of {shown.rows.length} sources and {shown.columns.length} destinations; filter to see others.
        </p>
      ) : null}
      <div class="split">
        <div class="scroll">
          <table class="matrix">
            <caption class="sr">Rows are sources, columns are destinations</caption>
            <thead>
              <tr>
                <th scope="col" class="corner">
                  from ↓ to →
                </th>
                {columns.map((c) => (
                  <th scope="col" key={c}>
                    <span>{axis[c]!.label}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r}>
                  <th scope="row">{axis[r]!.label}</th>
                  {columns.map((c) => {
                    const cell = state.matrix.cell(r, c);
                    const text = mark(cell);
                    const selected = chosen?.from === r && chosen.to === c;
                    return (
                      <td key={c} class={`l-${level(cell)}${selected ? ' selected' : ''}`}>
                        {cell.verdict === 'blocked' && r === c ? (
                          <span aria-hidden="true"> </span>
                        ) : (
                          <a href={toHash('matrix', axis[r]!.label, axis[c]!.label)} aria-label={`${axis[r]!.label} to ${axis[c]!.label}: ${cell.verdict}, ${serviceText(cell.service)}`}>
                            {text}
                          </a>
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {chosen && chosen.from >= 0 && chosen.to >= 0 ? <CellPanel state={state} from={chosen.from} to={chosen.to} /> : null}
      </div>
    </div>
  );
}

function CellPanel({ state, from, to }: { state: State; from: number; to: number }) {
  const { axis, queries } = state.report.result;
  const cell = state.matrix.cell(from, to);
  const source = axis[from]!.label;
  const target = axis[to]!.label;
  const known = queries.filter((q) => q.question.from === source && q.question.to === target);
  return (
    <aside class="panel" aria-label="Chosen pair">
      <h2>
        {source} → {target}
      </h2>
      <p>
        <Badge verdict={cell.verdict} />
      </p>
      {cell.service.length > 0 ? (
        <p>
          <strong>Certainly</strong> {serviceText(cell.service)}
        </p>
      ) : null}
      {cell.possible.length > 0 ? (
        <p>
          <strong>Perhaps</strong> {serviceText(cell.possible)}
        </p>
      ) : null}
      {known.length > 0 ? (
        <ul class="plain">
          {known.map((q) => (
            <li key={keyOf(q.question.from, q.question.to, q.question.service)}>
              <PathLink from={source} to={target} service={q.question.service}>
                Why: {q.question.service}
              </PathLink>
            </li>
          ))}
        </ul>
      ) : (
        <Command text={`azreach explain ${quote(source)} ${quote(target)}`} />
      )}
    </aside>
  );
}

export function quote(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
