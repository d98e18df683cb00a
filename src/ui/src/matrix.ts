// Blocks of the axis as cells, looked up when they are drawn; never all pairs at once.
import type { Block, Report, Service } from './data';

export interface Cell {
  verdict: Block['verdict'] | 'blocked';
  service: Service[];
  possible: Service[];
}

const nothing: Cell = { verdict: 'blocked', service: [], possible: [] };

export class Matrix {
  private readonly rows = new Map<number, Block[]>();

  constructor(private readonly blocks: Block[], readonly size: number) {}

  /** Blocks that touch a row, found once. Cost: blocks. */
  private row(from: number): Block[] {
    let list = this.rows.get(from);
    if (!list) {
      list = this.blocks.filter((b) => contains(b.from, from));
      this.rows.set(from, list);
    }
    return list;
  }

  cell(from: number, to: number): Cell {
    return this.row(from).find((b) => contains(b.to, to)) ?? nothing;
  }

  /** Rows or columns of `entries` with anything at all, in order. */
  busy(entries: number[], side: 'from' | 'to'): number[] {
    return entries.filter((i) => this.blocks.some((b) => contains(b[side], i)));
  }
}

export function contains(list: [number, number][], value: number): boolean {
  let low = 0;
  let high = list.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = list[middle]!;
    if (value < range[0]) high = middle - 1;
    else if (value > range[1]) low = middle + 1;
    else return true;
  }
  return false;
}

/** Formula-safe CSV of some rows and columns. */
export function csv(report: Report, matrix: Matrix, rows: number[], columns: number[], text: (cell: Cell) => string): string {
  const axis = report.result.axis;
  const lines = [['from', 'to', 'verdict', 'service'].join(',')];
  for (const r of rows) {
    for (const c of columns) {
      const cell = matrix.cell(r, c);
      if (cell.verdict === 'blocked') continue;
      lines.push([axis[r]!.label, axis[c]!.label, cell.verdict, text(cell)].map(csvField).join(','));
    }
  }
  return lines.join('\r\n') + '\r\n';
}

export function csvField(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
