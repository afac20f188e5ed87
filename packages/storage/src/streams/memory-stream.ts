import { checkInteger } from '@matome/primitives/options';
import {
  checkFields,
  type MessageHandler,
  type RoundReport,
  type StreamConsumer,
  type StreamConsumerOptions,
  type StreamMessage,
  type StreamPublisher,
} from './message-stream.js';
import { handleRound } from './run-rounds.js';

/** Streams in memory. */
export interface MemoryStreams {
  publisher(stream: string): StreamPublisher;
  consumer(options: StreamConsumerOptions): StreamConsumer;
  /** @returns all messages of a stream, oldest first. */
  messages(stream: string): readonly Omit<StreamMessage, 'deliveries'>[];
}

interface Group {
  next: number;
  readonly pending: Map<string, { message: StreamMessage; since: number }>;
}

interface MemoryStream {
  readonly entries: { readonly id: string; readonly fields: Readonly<Record<string, string>> }[];
  readonly groups: Map<string, Group>;
  readonly waiting: Set<() => void>;
}

/**
 * Makes streams that live in this process, with the rules of the Redis ones: groups, take-over, dead letters.
 *
 * @param now - milliseconds since 1970.
 * @example
 * const streams = createMemoryStreams(() => 0);
 * await streams.publisher('s').publish({ a: 'b' });
 * const consumer = streams.consumer({ stream: 's', group: 'g', consumer: 'c' });
 * await consumer.poll(async () => {}) // => { acknowledged: 1, failed: 0, deadLettered: 0 }
 */
export function createMemoryStreams(now: () => number): MemoryStreams {
  const streams = new Map<string, MemoryStream>();
  let sequence = 0;
  const open = (name: string): MemoryStream => {
    const known = streams.get(name);
    if (known) return known;
    const made: MemoryStream = { entries: [], groups: new Map(), waiting: new Set() };
    streams.set(name, made);
    return made;
  };
  const append = (name: string, fields: Readonly<Record<string, string>>) => {
    const stream = open(name);
    const id = `${now()}-${sequence++}`;
    stream.entries.push({ id, fields: { ...fields } });
    for (const wake of stream.waiting) wake();
    return id;
  };
  return {
    publisher: (name) => ({
      async publish(fields) {
        checkFields(fields);
        return append(name, fields);
      },
    }),
    consumer: (options) => createConsumer(open(options.stream), options, now, append),
    messages: (name) => [...open(name).entries],
  };
}

function createConsumer(
  stream: MemoryStream,
  options: StreamConsumerOptions,
  now: () => number,
  append: (name: string, fields: Readonly<Record<string, string>>) => string,
): StreamConsumer {
  const batchSize = checkInteger('MemoryStreams.consumer', 'batchSize', options.batchSize ?? 10, { min: 1 });
  const { group: name, minIdleMs = 30_000, deadLetterStream = `${options.stream}:dlq` } = options;
  const group = stream.groups.get(name) ?? { next: 0, pending: new Map() };
  stream.groups.set(name, group);
  const actions = {
    async acknowledge({ id }: StreamMessage) {
      group.pending.delete(id);
    },
    async deadLetter({ id }: StreamMessage, fields: Readonly<Record<string, string>>) {
      append(deadLetterStream, fields);
      group.pending.delete(id);
    },
  };
  const poll = async (handler: MessageHandler, signal: AbortSignal): Promise<RoundReport> => {
    const due = [...group.pending.values()].filter(({ since }) => now() - since >= minIdleMs).slice(0, batchSize);
    const old = due.map(({ message }) => ({ ...message, deliveries: message.deliveries + 1 }));
    const entries = stream.entries.slice(group.next, group.next + batchSize);
    group.next += entries.length;
    const messages = [...old, ...entries.map((entry) => ({ ...entry, deliveries: 1 }))];
    for (const message of messages) group.pending.set(message.id, { message, since: now() });
    return handleRound(messages, handler, actions, options, signal);
  };
  return {
    poll: (handler, { signal = new AbortController().signal } = {}) => poll(handler, signal),
    async run(handler, { signal }) {
      while (!signal.aborted) {
        await poll(handler, signal);
        if (group.next >= stream.entries.length) await nextMessage(stream, signal);
      }
    },
  };
}

function nextMessage({ waiting }: MemoryStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const wake = () => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
