import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createLanguageDetector, type LanguageDetectorOptions } from '@matome/primitives/text';
import type { MainContentOptions } from '../content/index.js';
import type { Article, Preparation } from './article.js';
import type { PrepareOptions } from './prepare-article.js';
import { prepareSafely } from './prepare-articles.js';

/** What a worker is started with. */
export interface PreparationTask {
  /** A module whose default export builds the options, instead of what follows. */
  readonly module: string | undefined;
  readonly language: LanguageDetectorOptions | undefined;
  readonly minSentenceLength: number | undefined;
  readonly content: MainContentOptions | undefined;
}

/** From the host to the worker. */
export interface PreparationRequest {
  readonly id: number;
  readonly article: Article;
}

/** From the worker to the host: it is ready, or an answer; answers come in the order of the requests. */
export type PreparationReply = 'ready' | { readonly id: number; readonly preparation: Preparation };

async function loadOptions(task: PreparationTask): Promise<PrepareOptions> {
  if (task.module !== undefined) {
    const { default: create } = (await import(task.module)) as {
      default: () => PrepareOptions | Promise<PrepareOptions>;
    };
    return create();
  }
  const { language = {}, minSentenceLength, content } = task;
  return {
    detectLanguage: await createLanguageDetector(language),
    ...(minSentenceLength === undefined ? {} : { minSentenceLength }),
    ...(content === undefined ? {} : { content }),
  };
}

async function main(port: MessagePort): Promise<void> {
  const options = await loadOptions(workerData as PreparationTask);
  port.on('message', ({ id, article }: PreparationRequest) => {
    port.postMessage({ id, preparation: prepareSafely(article, options) } satisfies PreparationReply);
  });
  port.postMessage('ready' satisfies PreparationReply);
}

// A fault in loading is left unhandled: it ends the worker and reaches the host as its error.
if (parentPort) void main(parentPort);
