import { createHttpClient } from '@matome/host-kit';
import { loadTaxonomy } from '@matome/recap-core';
import type { Storage } from '@matome/storage';
import { genreLooks } from '../page/genre-look.js';
import { type ReportFiles, writeReport } from '../page/write-report.js';
import { loadRecap, type Recap } from '../pipeline/load-recap.js';
import { type NewsroomOutcome, runNewsroom, type StageTiming } from '../pipeline/run-newsroom.js';
import { formatOrigin, type Problem } from '../read/raw-article.js';
import { createProgressDisplay, seconds } from '../terminal/progress.js';
import { type CommandEnvironment, exitCodes } from './environment.js';

/** What a recap is made of and where it goes. */
export interface RecapRequest {
  readonly inputs: readonly string[];
  /** Folder of the report; none is written without it. */
  readonly out?: string;
  /** Ends with a code of its own when anything was wrong with the input. */
  readonly strict: boolean;
}

/** Makes a recap and tells how it went. @returns whether there is one to show. */
export async function makeRecap(
  storage: Storage,
  { inputs, out, strict }: RecapRequest,
  environment: CommandEnvironment,
): Promise<boolean> {
  const { stdout, stderr, signal, now, monotonic } = environment;
  const onEvent = createProgressDisplay(stderr, monotonic);
  const http = createHttpClient({ headers: { 'user-agent': 'matome-newsroom' } });
  const outcome = await runNewsroom(inputs, { storage, http, now, monotonic, signal, onEvent });
  reportProblems(outcome.problems, stderr);
  if (strict && outcome.problems.length > 0) environment.setExitCode(exitCodes.problems);
  if (outcome.jobId === undefined) {
    stdout.write('No article was found.\n');
    if (outcome.problems.every(({ message }) => message === 'no such file or folder')) {
      environment.setExitCode(exitCodes.failed);
    }
    return false;
  }
  const recap = await loadRecap(storage, outcome.jobId);
  const started = monotonic();
  const files = out === undefined ? undefined : await report(out, recap, outcome.problems);
  const timings = [...outcome.timings];
  if (files) timings.push({ stage: 'report', unit: 'files', count: 3, elapsedMs: Math.round(monotonic() - started) });
  printSummary(environment, outcome, recap, timings);
  if (files) stdout.write(`Report: ${files.html}\nData:   ${files.json}\n`);
  return true;
}

async function report(out: string, recap: Recap, problems: readonly Problem[]): Promise<ReportFiles> {
  return writeReport(out, recap, problems, genreLooks(await loadTaxonomy()));
}

function reportProblems(problems: readonly Problem[], stream: CommandEnvironment['stderr']): void {
  for (const { origin, message, effect } of problems) {
    stream.write(`${formatOrigin(origin)}: ${message}${effect === 'skipped' ? '; skipped' : ''}.\n`);
  }
}

function printSummary(
  { stdout, peakMemory }: CommandEnvironment,
  { status, problems }: NewsroomOutcome,
  recap: Recap,
  timings: readonly StageTiming[],
): void {
  if (status === 'unchanged') {
    stdout.write(`Nothing new: the same articles were recapped at ${recap.finishedAt.toISOString()}.\n`);
  } else {
    stdout.write('\nStage              Result                   Time\n');
    for (const { stage, unit, count, elapsedMs } of timings) {
      stdout.write(`${stage.padEnd(16)} ${`${count} ${unit}`.padEnd(20)} ${seconds(elapsedMs).padStart(8)}\n`);
    }
    const total = timings.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
    stdout.write(`${'in all'.padEnd(37)} ${seconds(total).padStart(8)}\n`);
  }
  const stories = recap.sections.reduce((sum, section) => sum + section.stories.length, 0);
  const copies = [...recap.articles.values()].reduce((sum, { duplicates }) => sum + duplicates.length, 0);
  stdout.write(
    `\n${recap.articles.size} articles, ${copies} of them copies, in ${stories} stories and ${recap.sections.length} sections; ` +
      `${problems.length} problems in the input.\nPeak memory: ${Math.round(peakMemory() / 1_048_576)} MiB\n`,
  );
}
