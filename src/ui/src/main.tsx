import { render } from 'preact';
import { App } from './app';
import { parseReport } from './data';
import { makeState } from './state';
import './style.css';

const root = document.getElementById('app')!;
try {
  const report = parseReport(document.getElementById('azreach-data')?.textContent ?? '');
  document.title = report.result.title ? `${report.result.title} - azreach` : 'azreach report';
  render(<App state={makeState(report)} />, root);
} catch (error) {
  root.textContent = `This report cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
