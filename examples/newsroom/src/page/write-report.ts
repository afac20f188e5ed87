import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recap } from '../pipeline/load-recap.js';
import type { Problem } from '../read/raw-article.js';
import type { GenreLook } from './genre-look.js';
import { recapPage } from './recap-page.js';
import { anchorOf } from './story-card.js';

/** Files of a report. */
export interface ReportFiles {
  /** One page that needs no server and no other file. */
  readonly html: string;
  /** The sections, articles and duplicates as JSON. */
  readonly json: string;
  /** One JSON line for each problem. */
  readonly problems: string;
}

/** Writes a recap into a folder; each file replaces an older one at once. */
export async function writeReport(
  folder: string,
  recap: Recap,
  problems: readonly Problem[],
  look: (genre: string) => GenreLook,
): Promise<ReportFiles> {
  await mkdir(folder, { recursive: true });
  const links = { article: (id: string) => `#${anchorOf(id)}` };
  const files = { html: 'report.html', json: 'recap.json', problems: 'problems.jsonl' };
  await replaceFile(join(folder, files.html), recapPage({ ...recap, problems }, { look, links }));
  await replaceFile(join(folder, files.json), recapJson(recap));
  await replaceFile(
    join(folder, files.problems),
    problems.map(({ origin, message, effect }) => `${JSON.stringify({ ...origin, message, effect })}\n`).join(''),
  );
  const at = (name: string) => join(folder, name);
  return { html: at(files.html), json: at(files.json), problems: at(files.problems) };
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** The recap without anything that differs between two runs over the same input. */
export function recapJson({ jobId, sections, articles }: Recap): string {
  const list = [...articles.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const value = {
    jobId,
    sections: sections.map(({ genre, stories, tags }) => ({ genre, tags, stories })),
    articles: list.map(({ id, title, url, feedId, language, publishedAt, tags }) => {
      return { id, title, url, source: feedId, language, publishedAt, tags };
    }),
    duplicates: list.flatMap(({ duplicates }) => duplicates),
  };
  return `${JSON.stringify(value, null, 1)}\n`;
}
