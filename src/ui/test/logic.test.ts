import { describe, expect, it } from 'vitest';
import { parseReport } from '../src/data';
import { layout } from '../src/layout';
import { contains, csv, csvField, Matrix } from '../src/matrix';
import { parseHash, toHash } from '../src/route';
import { makeState, ruleOf, search } from '../src/state';
import { packetText, placeText, serviceText, width } from '../src/words';
import { fill, hostile, sample } from './sample';

describe('services', () => {
  it('names ports, ranges and everything', () => {
    expect(serviceText([{ protocol: 'tcp', ports: [[80, 80], [443, 445]] }])).toBe('tcp/80,443-445');
    expect(serviceText([{ protocol: '*' }])).toBe('every protocol');
    expect(serviceText([])).toBe('nothing');
    expect(
      serviceText([
        { protocol: 'tcp', ports: [[0, 65535]] },
        { protocol: 'udp', ports: [[0, 65535]] },
        { protocol: 'icmp', types: [[0, 255]], codes: [[0, 255]] },
      ]),
    ).toBe('any');
    expect(serviceText([{ protocol: 47 }])).toBe('47');
    expect(serviceText([{ protocol: 'icmp', types: [[8, 8]] }])).toBe('icmp/8');
  });
  it('counts ports', () => {
    expect(width([{ protocol: 'tcp', ports: [[80, 80], [1000, 1009]] }])).toBe(11);
    expect(width([{ protocol: '*' }])).toBeGreaterThan(65536);
  });
});

describe('packets and places', () => {
  it('brackets IPv6 addresses before ports', () => {
    expect(packetText({ protocol: 'tcp', src: '10.0.0.1', srcPort: 5, dst: '2001:db8::1', dstPort: 443 })).toBe('tcp 10.0.0.1:5 → [2001:db8::1]:443');
  });
  it('prefers the line to the pointer', () => {
    const by = { id: 'x', name: 'x', priority: 1, default: false, file: 'a.json', pointer: '/p' };
    expect(placeText({ ...by, line: 7 })).toBe('a.json:7');
    expect(placeText({ ...by, line: null })).toBe('a.json#/p');
    expect(placeText(null)).toBe('');
  });
});

describe('the address bar', () => {
  it('keeps any name through a link and back', () => {
    for (const name of ['vm-1', 'vnet/snet', 'a b', '50%', ...hostile]) {
      expect(parseHash(toHash('path', name, 'x', 'tcp/443'))).toEqual({ page: 'path', parts: [name, 'x', 'tcp/443'] });
    }
  });
  it('takes an unknown page or a broken escape as they come', () => {
    expect(parseHash('#nonsense/x').page).toBe('overview');
    expect(parseHash('#map/%zz').parts).toEqual(['%zz']);
    expect(parseHash('').page).toBe('overview');
  });
});

describe('the matrix', () => {
  const report = sample();
  const matrix = new Matrix(report.result.blocks, report.result.axis.length);
  it('finds the block of a pair, and nothing elsewhere', () => {
    expect(matrix.cell(0, 2).verdict).toBe('reachable');
    expect(matrix.cell(0, 3).verdict).toBe('blocked');
    expect(matrix.cell(1, 5).verdict).toBe('unknown');
  });
  it('looks up closed ranges', () => {
    const ranges: [number, number][] = [[1, 3], [7, 7], [9, 12]];
    const inside = [1, 2, 3, 7, 9, 10, 11, 12];
    for (let i = 0; i < 15; ++i) expect(contains(ranges, i)).toBe(inside.includes(i));
    expect(contains([], 0)).toBe(false);
  });
  it('writes no formula into a spreadsheet', () => {
    expect(csvField('=1+1')).toBe("'=1+1");
    expect(csvField('@x')).toBe("'@x");
    expect(csvField('a,"b"')).toBe('"a,""b"""');
    const text = csv(report, matrix, [0], [2, 3], () => '=cmd()');
    expect(text).toBe("from,to,verdict,service\r\ninternet,vnet-0/snet-0,reachable,'=cmd()\r\n");
  });
});

describe('the map', () => {
  it('keeps boxes inside their parents and apart from their neighbours', () => {
    const { boxes } = layout(sample(7, 9, 1), () => 1);
    const overlaps = (a: (typeof boxes)[0], b: (typeof boxes)[0]) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
    const subnets = boxes.filter((b) => b.kind === 'subnet');
    const vnets = boxes.filter((b) => b.kind === 'vnet');
    expect(subnets).toHaveLength(63);
    for (let i = 0; i < vnets.length; ++i) {
      for (let k = i + 1; k < vnets.length; ++k) expect(overlaps(vnets[i]!, vnets[k]!)).toBe(false);
    }
    for (const subnet of subnets) {
      const parent = vnets.find((v) => v.id === subnet.vnet!.id)!;
      expect(subnet.x).toBeGreaterThanOrEqual(parent.x);
      expect(subnet.x + subnet.width).toBeLessThanOrEqual(parent.x + parent.width);
      expect(subnet.y + subnet.height).toBeLessThanOrEqual(parent.y + parent.height);
      expect(subnets.filter((other) => other !== subnet && overlaps(other, subnet))).toHaveLength(0);
    }
  });
  it('is the same for the same data', () => {
    expect(layout(sample(), () => 2)).toEqual(layout(sample(), () => 2));
  });
});

describe('search and rules', () => {
  const state = makeState(sample());
  it('finds names before parts of names, and addresses', () => {
    expect(search(state, 'vm-0-0-1')[0]!.name).toBe('vm-0-0-1');
    expect(search(state, '10.1.2.5')[0]!.name).toBe('vm-1-2-1');
    expect(search(state, '  ')).toHaveLength(0);
    expect(search(state, 'no such thing')).toHaveLength(0);
  });
  it('finds the rule that a decision names, whatever the case', () => {
    const group = state.report.result.groups[0]!;
    expect(ruleOf(state, `${group.id.toUpperCase()}/SECURITYRULES/allow-web`)?.rule).toBe('allow-web');
    expect(ruleOf(state, '/x/securityRules/y')).toBeNull();
    expect(ruleOf(state, null)).toBeNull();
  });
});

describe('the data', () => {
  it('may lack any part', () => {
    expect(parseReport('{}').result.vnets).toEqual([]);
    expect(parseReport('{"result":{"title":"x"}}').result.endpoints).toEqual([]);
    expect(() => parseReport('[]')).toThrow('not an object');
    expect(() => parseReport('')).toThrow();
  });
  it('cannot end its block of the page', () => {
    const page = fill('<script>@azreach-report-data@</script>', sample(2, 2, 2, hostile));
    expect(page.match(/<\/script>/g)).toHaveLength(1);
    expect(page).not.toContain('<img');
  });
});
