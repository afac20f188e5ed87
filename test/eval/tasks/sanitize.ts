import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { extractMainContent, sanitizeHtml } from '@matome/recap-core';
import { Parser } from 'htmlparser2';
import { parseHTML } from 'linkedom';
import { readRows } from '../read-rows.js';
import { EvalInputError, type EvalTask } from '../task.js';

interface HostileRow {
  readonly id?: string;
  readonly text?: string;
  readonly base64?: string;
}

export const task: EvalTask = {
  summary: 'Hostile markup (fields text or base64, or the .dat files of a .tar.gz): does anything get through?',
  options: {
    generated: 'true adds 14 generated pages of up to 10 MB: deep nesting, unclosed tags, endless attributes',
  },
  async run({ data, options, limit, progress }) {
    const inputs = (await readInputs(data)).slice(0, limit);
    if (options.generated === 'true') inputs.push(...generatedPages());
    if (inputs.length === 0) throw new EvalInputError(`${data} holds no rows.`);
    const examples: string[] = [];
    const counts = { escapes: 0, crashes: 0, unstable: 0 };
    const report = (what: keyof typeof counts, detail: string) => {
      counts[what]++;
      if (examples.length < 20) examples.push(`${what}: ${detail.slice(0, 200)}`);
    };
    let maxSeconds = 0;
    inputs.forEach((input, i) => {
      const start = performance.now();
      try {
        const clean = sanitizeHtml(input);
        const article = extractMainContent(input, { includeComments: true, minProbability: 0 });
        maxSeconds = Math.max(maxSeconds, (performance.now() - start) / 1000);
        for (const html of [clean, article.html]) {
          for (const danger of findEscapes(html))
            report('escapes', `${danger} from ${JSON.stringify(input.slice(0, 100))}`);
          if (sanitizeHtml(html) !== html) report('unstable', JSON.stringify(input.slice(0, 150)));
        }
      } catch (error) {
        report('crashes', `${String(error)} from ${JSON.stringify(input.slice(0, 100))}`);
      }
      if (i % 500 === 499) progress(`${i + 1} of ${inputs.length}`);
    });
    return { rows: inputs.length, metrics: { ...counts, maxSeconds, examples } };
  },
};

async function readInputs(path: string): Promise<string[]> {
  if (/\.tar(?:\.gz)?$|\.tgz$/.test(path)) return readTestFiles(path);
  const rows = await readRows<HostileRow>(path, []);
  return rows.map((row, i) => {
    if (row.text !== undefined) return row.text;
    // Bytes that are not UTF-8 reach a page reader as Latin-1 or as replacement characters.
    if (row.base64 !== undefined) return Buffer.from(row.base64, 'base64').toString('latin1');
    throw new EvalInputError(`${path}:${i + 1} has neither "text" nor "base64".`);
  });
}

/** The `#data` parts of html5lib tree tests, and other text files of the archive whole. */
async function readTestFiles(path: string): Promise<string[]> {
  const raw = await readFile(path);
  const archive = raw[0] === 0x1f ? gunzipSync(raw) : raw;
  const inputs: string[] = [];
  for (let at = 0; at + 512 <= archive.length; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0;
    const name = archive.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const text = archive.toString('utf8', at + 512, at + 512 + size);
    if (name.endsWith('.dat') && text.includes('#data\n')) {
      for (const part of text.split(/(?:^|\n)#data\n/).slice(1)) inputs.push(part.split(/\n#errors/)[0]!);
    } else if (size > 0 && /\.(?:test|dat|html|json)$/.test(name)) inputs.push(text);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return inputs;
}

const harmless = new Set(
  (
    'a abbr address article aside b bdi bdo blockquote br caption cite code dd del details dfn div dl dt em figcaption ' +
    'figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp ' +
    'section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr'
  ).split(' '),
);

/** What two independent parsers find in a piece of HTML that could run, load or post something. */
function findEscapes(html: string): string[] {
  const found: string[] = [];
  const check = (tag: string, attributes: Iterable<readonly [string, string]>) => {
    if (!harmless.has(tag)) found.push(`<${tag}>`);
    for (const [name, value] of attributes) {
      if (/^on|^style$|^srcdoc$|action$|^id$|^name$|^xlink|^xmlns|^srcset$/i.test(name)) found.push(`${tag} ${name}`);
      const bare = value.replace(/[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028\u2029\ufeff]/g, '');
      if (/^(?:javascript|vbscript|data|file|blob|livescript|mocha|feed|view-source|jar|ms-\w+):/i.test(bare)) {
        found.push(`${tag} ${name}=${value}`);
      }
    }
  };
  const parser = new Parser({ onopentag: (tag, attributes) => check(tag, Object.entries(attributes)) });
  parser.end(html);
  if (html.length < 200_000) {
    const { document } = parseHTML(`<html><body>${html}</body></html>`);
    for (const element of document.querySelectorAll('body *')) {
      check(
        element.localName,
        [...element.attributes].map((a) => [a.name, a.value] as const),
      );
    }
  }
  return found;
}

function generatedPages(): string[] {
  const words = 'The ferry left the old harbour at noon with two hundred people on board. ';
  return [
    '<div>'.repeat(20_000) + words,
    `<div>${'<p>'.repeat(20_000)}${words}`,
    '<div>'.repeat(2_000_000),
    '<b><i><u>'.repeat(300_000) + words,
    `${'<table><tr><td>'.repeat(50_000)}${words}`,
    '<a href="'.repeat(500_000),
    '<!--'.repeat(1_000_000),
    '&#x3C;script>'.repeat(300_000),
    `<p ${Array.from({ length: 500_000 }, (_, i) => `a${i}=1`).join(' ')}>${words}`,
    `<ul>${'<li>'.repeat(200_000)}${words}`,
    `${'<p>'.repeat(100_000)}${words.repeat(20_000)}`,
    `<svg>${'<g>'.repeat(200_000)}<style><img src=x onerror=alert(1)></style>`,
    `<div class="${'comment '.repeat(500_000)}">${words}</div>`,
    `<script type="application/ld+json">${'['.repeat(1_000_000)}</script>${words}`,
  ];
}
