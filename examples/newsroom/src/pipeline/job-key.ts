import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { uuidNamespaces, uuidV5 } from '@matome/primitives/hashing';
import { listFiles } from '../read/list-files.js';
import type { RawArticle } from '../read/raw-article.js';
import { isAddress } from '../read/read-inputs.js';

/** Rises when the same input would give another recap. */
const pipelineVersion = 2;

/**
 * Names the input as it looks from outside: paths, sizes and times of files, addresses of feeds.
 *
 * A stopped run is gone on with when this is the same; one changed file makes it another input.
 */
export async function inputKey(inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`newsroom ${pipelineVersion}\n`);
  for (const input of inputs) {
    if (isAddress(input)) {
      hash.update(`${input}\n`);
      continue;
    }
    for await (const { path, status } of listFiles(input)) {
      const { size, mtimeMs } = status === 'file' ? await stat(path) : { size: 0, mtimeMs: 0 };
      hash.update(`${resolve(path)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

/** The id of the job that recaps these articles: the same articles in the same order are the same job. */
export function jobIdOf(articles: readonly RawArticle[]): string {
  const hash = createHash('sha256').update(`newsroom ${pipelineVersion}\n`);
  for (const { id, title, body, kind, url, source, publishedAt, language } of articles) {
    hash.update(`${JSON.stringify([id, title, body, kind, url, source, publishedAt, language])}\n`);
  }
  return uuidV5(hash.digest('hex'), uuidNamespaces.url);
}
