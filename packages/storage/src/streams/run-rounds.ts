import {
  deadLetterFields,
  type MessageHandler,
  type RoundReport,
  type StreamConsumerOptions,
  type StreamMessage,
} from './message-stream.js';

/** What a stream does for the handling of its messages. */
export interface MessageActions {
  acknowledge(message: StreamMessage): Promise<void>;
  /** Writes the dead letter, then acknowledges. */
  deadLetter(message: StreamMessage, fields: Readonly<Record<string, string>>): Promise<void>;
}

/** The part of a consumer that is the same on every stream: judge each message of a round. */
export async function handleRound(
  messages: readonly StreamMessage[],
  handler: MessageHandler,
  actions: MessageActions,
  options: Pick<StreamConsumerOptions, 'maxDeliveries' | 'onEvent'>,
  signal: AbortSignal,
): Promise<RoundReport> {
  const { maxDeliveries = 5, onEvent } = options;
  const report = { acknowledged: 0, failed: 0, deadLettered: 0 };
  const bury = async (message: StreamMessage, reason: string) => {
    await actions.deadLetter(message, deadLetterFields(message, reason));
    onEvent?.({ type: 'dead-lettered', message, reason });
    report.deadLettered++;
  };
  for (const message of messages) {
    // What is not begun stays unfinished and is handed out again.
    if (signal.aborted) break;
    if (message.deliveries > maxDeliveries) {
      await bury(message, `handed out ${message.deliveries - 1} times without success`);
      continue;
    }
    let outcome: Awaited<ReturnType<MessageHandler>>;
    try {
      outcome = await handler(message, { signal });
    } catch (error) {
      onEvent?.({ type: 'failed', message, error });
      report.failed++;
      continue;
    }
    if (outcome?.status === 'rejected') await bury(message, outcome.reason);
    else {
      await actions.acknowledge(message);
      report.acknowledged++;
    }
  }
  return report;
}
