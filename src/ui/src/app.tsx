import { useEffect, useRef, useState } from 'preact/hooks';
import { parseHash, toHash, type Page } from './route';
import { search, type State } from './state';
import { Overview } from './overview';
import { MapPage } from './map-page';
import { MatrixPage } from './matrix-page';
import { PathPage } from './path-page';
import { DiffPage } from './diff-page';
import { GapsPage } from './gaps-page';
import { InvariantsPage } from './invariants-page';
import { RulesPage } from './rules-page';

const titles: Record<Page, string> = {
  overview: 'Overview',
  map: 'Map',
  matrix: 'Matrix',
  path: 'Path',
  diff: 'Diff',
  invariants: 'Invariants',
  rules: 'Rules',
  gaps: 'Gaps',
};

export function App({ state }: { state: State }) {
  const [route, setRoute] = useState(() => parseHash(location.hash));
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const follow = () => setRoute(parseHash(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const gaps = state.report.snapshot.gaps.length;
  const { page, parts } = route;
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>
        Skip to the page
      </a>
      <header>
        <span class="brand">azreach</span>
        <span class="muted title">{state.report.result.title}</span>
        <Search state={state} />
        <nav aria-label="Pages">
          {(Object.keys(titles) as Page[]).map((p) => (
            <a key={p} href={toHash(p)} aria-current={p === page ? 'page' : undefined}>
              {titles[p]}
              {p === 'gaps' && gaps > 0 ? ` (${gaps})` : ''}
            </a>
          ))}
        </nav>
      </header>
      <main ref={main} tabIndex={-1} id="main">
        {page === 'overview' ? <Overview state={state} /> : null}
        {page === 'map' ? <MapPage state={state} parts={parts} /> : null}
        {page === 'matrix' ? <MatrixPage state={state} parts={parts} /> : null}
        {page === 'path' ? <PathPage key={parts.join('/')} state={state} parts={parts} /> : null}
        {page === 'diff' ? <DiffPage state={state} /> : null}
        {page === 'invariants' ? <InvariantsPage state={state} parts={parts} /> : null}
        {page === 'rules' ? <RulesPage state={state} parts={parts} /> : null}
        {page === 'gaps' ? <GapsPage state={state} /> : null}
      </main>
      <footer class="muted">
        {state.report.tool.name} {state.report.tool.version} · reading {state.report.reading} · {state.report.snapshot.digest.slice(0, 19)}
      </footer>
    </>
  );
}

function Search({ state }: { state: State }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (e: KeyboardEvent) => {
      const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement;
      if (e.key === '/' && !typing) {
        e.preventDefault();
        input.current?.focus();
      }
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  const found = search(state, text);
  const open = text.trim() !== '';
  const go = (index: number) => {
    const endpoint = found[index];
    if (!endpoint) return;
    location.hash = toHash('map', endpoint.subnet ?? (endpoint.kind === 'paas' ? `${endpoint.id}#${endpoint.use}` : endpoint.id));
    setText('');
    input.current?.blur();
  };
  return (
    <div class="search" role="search">
      <input
        ref={input}
        type="search"
        role="combobox"
        aria-label="Search an endpoint by name or address"
        aria-expanded={open}
        aria-controls="search-results"
        aria-autocomplete="list"
        aria-activedescendant={open && found[at] ? `found-${at}` : undefined}
        placeholder="Search a name or address ( / )"
        value={text}
        onInput={(e) => {
          setText(e.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(e) => {
          if (e.key === 'ArrowDown') {
            e.preventDefault();
            setAt(Math.min(at + 1, found.length - 1));
          } else if (e.key === 'ArrowUp') {
            e.preventDefault();
            setAt(Math.max(at - 1, 0));
          } else if (e.key === 'Enter') {
            go(at);
          } else if (e.key === 'Escape') {
            setText('');
          }
        }}
      />
      {open ? (
        <ul id="search-results" role="listbox" aria-label="Endpoints found">
          {found.map((endpoint, i) => (
            <li
              key={endpoint.id}
              id={`found-${i}`}
              role="option"
              aria-selected={i === at}
              onMouseDown={(e) => {
                e.preventDefault();
                go(i);
              }}
            >
              <strong>{endpoint.use}</strong> <span class="muted">{endpoint.kind} {endpoint.addresses.join(' ')}</span>
            </li>
          ))}
          {found.length === 0 ? (
            <li role="option" aria-selected="false" aria-disabled="true">
              No endpoint of that name or address
            </li>
          ) : null}
        </ul>
      ) : null}
    </div>
  );
}
