import type { StageEvent, StageTiming } from '../pipeline/run-newsroom.js';

/** Where progress is written. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Milliseconds between two lines or redraws of one stage. */
const lineIntervalMs = 5000;
const drawIntervalMs = 100;

/**
 * Shows the stages as they run: one line that is drawn again on a terminal, plain lines elsewhere.
 *
 * @param monotonic - milliseconds of a clock that never goes back.
 */
export function createProgressDisplay(stream: ProgressStream, monotonic: () => number): (event: StageEvent) => void {
  const interactive = stream.isTTY === true;
  let start = 0;
  let shown = 0;
  const draw = (text: string) => stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  return (event) => {
    const time = monotonic();
    switch (event.type) {
      case 'resumed':
        stream.write(`Going on with job ${event.jobId} after stage ${event.stage}.\n`);
        break;
      case 'start':
        start = time;
        shown = time;
        if (interactive) draw(`${event.stage.padEnd(16)}…`);
        break;
      case 'progress': {
        if (time - shown < (interactive ? drawIntervalMs : lineIntervalMs)) break;
        shown = time;
        const text = progressText(event, time - start);
        if (interactive) draw(text);
        else stream.write(`${text}\n`);
        break;
      }
      case 'end':
        if (interactive) stream.write('\r\u001b[2K');
        stream.write(`${timingText(event)}\n`);
        break;
    }
  };
}

function progressText(event: Extract<StageEvent, { type: 'progress' }>, elapsedMs: number): string {
  const { stage, unit, completed, total } = event;
  const share = total > 0 ? ` of ${total} (${Math.floor((100 * completed) / total)} %)` : '';
  return `${stage.padEnd(16)} ${completed}${share} ${unit}, ${rate(completed, elapsedMs)}`;
}

function timingText({ stage, unit, count, elapsedMs }: StageTiming): string {
  const amount = `${count} ${unit}`.padEnd(20);
  return `${stage.padEnd(16)} ${amount} ${seconds(elapsedMs).padStart(8)}   ${rate(count, elapsedMs)}`.trimEnd();
}

function rate(count: number, elapsedMs: number): string {
  if (count === 0 || elapsedMs < 1) return '';
  const perSecond = (1000 * count) / elapsedMs;
  return `${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)} a second`;
}

/** Writes a time as people read it. */
export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
