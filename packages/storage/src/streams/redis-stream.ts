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
import { asList, type RedisLike, readEntry, readStreams } from './redis-client.js';
import { handleRound, type MessageActions } from './run-rounds.js';

/** Options of {@link createRedisStreamPublisher}. */
export interface RedisStreamPublisherOptions {
  readonly stream: string;
  /** Messages kept, roughly; older ones are trimmed. @default 10000 */
  readonly maxLength?: number;
}

/**
 * Writes to a Redis stream.
 *
 * @param redis - `ioredis` or another client with `call`.
 * @see https://redis.io/docs/latest/commands/xadd/
 * @example
 * const redis = { call: async (...args: unknown[]) => args.join(' ') };
 * await createRedisStreamPublisher(redis, { stream: 's' }).publish({ a: 'b' }) // => 'XADD s MAXLEN ~ 10000 * a b'
 */
export function createRedisStreamPublisher(redis: RedisLike, options: RedisStreamPublisherOptions): StreamPublisher {
  const { stream } = options;
  const maxLength = checkInteger('createRedisStreamPublisher', 'maxLength', options.maxLength ?? 10_000, { min: 1 });
  return {
    async publish(fields) {
      checkFields(fields);
      return String(await redis.call('XADD', stream, 'MAXLEN', '~', maxLength, '*', ...Object.entries(fields).flat()));
    },
  };
}

/** Options of {@link createRedisStreamConsumer}. */
export interface RedisStreamConsumerOptions extends StreamConsumerOptions {
  /** Longest wait for new messages in milliseconds; also the longest time that stopping takes. @default 5000 */
  readonly blockMs?: number;
  /** Dead letters kept, roughly. @default 1000 */
  readonly maxDeadLetters?: number;
}

/**
 * Reads a Redis stream as a member of a consumer group.
 *
 * The group is made when it is missing, from the beginning of the stream. A message is acknowledged after its handler
 * resolved, never before. What a member left unfinished is taken over after `minIdleMs` and, after `maxDeliveries`, goes to
 * the dead letters: written there first, acknowledged second, so that a crash between the two repeats it and loses nothing.
 *
 * @param redis - a connection of its own: reading blocks it. The client's command timeout must be longer than `blockMs`.
 * @see https://redis.io/docs/latest/commands/xreadgroup/, https://redis.io/docs/latest/commands/xautoclaim/
 * @example
 * const replies: Record<string, unknown> = { XREADGROUP: [['s', [['1-0', ['a', 'b']]]]], XAUTOCLAIM: ['0-0', []] };
 * const redis = { call: async (command: string) => replies[command] ?? 'OK' };
 * const consumer = createRedisStreamConsumer(redis, { stream: 's', group: 'g', consumer: 'c' });
 * (await consumer.poll(async () => {})).acknowledged // => 1
 */
export function createRedisStreamConsumer(redis: RedisLike, options: RedisStreamConsumerOptions): StreamConsumer {
  const reader = new RedisStreamReader(redis, options);
  return {
    poll: (handler, { signal = new AbortController().signal } = {}) => reader.round(handler, signal, 0),
    async run(handler, { signal }) {
      while (!signal.aborted) await reader.round(handler, signal, reader.blockMs);
    },
  };
}

class RedisStreamReader {
  readonly blockMs: number;
  readonly #batchSize: number;
  readonly #minIdleMs: number;
  readonly #maxDeadLetters: number;
  readonly #deadLetterStream: string;
  /** Where the search for unfinished messages goes on. */
  #cursor = '0-0';
  #joined = false;

  constructor(
    readonly redis: RedisLike,
    readonly options: RedisStreamConsumerOptions,
  ) {
    const caller = 'createRedisStreamConsumer';
    this.blockMs = checkInteger(caller, 'blockMs', options.blockMs ?? 5000, { min: 1 });
    this.#batchSize = checkInteger(caller, 'batchSize', options.batchSize ?? 10, { min: 1 });
    this.#minIdleMs = checkInteger(caller, 'minIdleMs', options.minIdleMs ?? 30_000, { min: 0 });
    this.#maxDeadLetters = checkInteger(caller, 'maxDeadLetters', options.maxDeadLetters ?? 1000, { min: 1 });
    checkInteger(caller, 'maxDeliveries', options.maxDeliveries ?? 5, { min: 1 });
    this.#deadLetterStream = options.deadLetterStream ?? `${options.stream}:dlq`;
  }

  async round(handler: MessageHandler, signal: AbortSignal, blockMs: number): Promise<RoundReport> {
    await this.#join();
    const old = await handleRound(await this.#reclaim(), handler, this.#actions, this.options, signal);
    // Unfinished work goes first and shows that there is no need to wait for more.
    const busy = old.acknowledged + old.failed + old.deadLettered > 0;
    const fresh = signal.aborted ? [] : await this.#read(busy ? 0 : blockMs);
    const next = await handleRound(fresh, handler, this.#actions, this.options, signal);
    return {
      acknowledged: old.acknowledged + next.acknowledged,
      failed: old.failed + next.failed,
      deadLettered: old.deadLettered + next.deadLettered,
    };
  }

  readonly #actions: MessageActions = {
    acknowledge: async ({ id }) => {
      await this.redis.call('XACK', this.options.stream, this.options.group, id);
    },
    deadLetter: async (message, fields) => {
      const flat = Object.entries(fields).flat();
      await this.redis.call('XADD', this.#deadLetterStream, 'MAXLEN', '~', this.#maxDeadLetters, '*', ...flat);
      await this.#actions.acknowledge(message);
    },
  };

  async #join(): Promise<void> {
    if (this.#joined) return;
    const { stream, group } = this.options;
    try {
      await this.redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM');
    } catch (error) {
      if (!/^BUSYGROUP/.test((error as Error).message)) throw error;
    }
    this.#joined = true;
  }

  /** Joins anew where the group is gone: the stream was deleted, or Redis came back without it. */
  async #callGroup(command: string, ...args: (string | number)[]): Promise<unknown> {
    try {
      return await this.redis.call(command, ...args);
    } catch (error) {
      if (!/^NOGROUP/.test((error as Error).message)) throw error;
      this.#joined = false;
      await this.#join();
      return await this.redis.call(command, ...args);
    }
  }

  async #read(blockMs: number): Promise<StreamMessage[]> {
    const { stream, group, consumer } = this.options;
    // Without BLOCK the reply comes at once; BLOCK 0 would wait for ever.
    const block = blockMs > 0 ? ['BLOCK', blockMs] : [];
    const args = ['GROUP', group, consumer, 'COUNT', this.#batchSize, ...block, 'STREAMS', stream, '>'];
    const entries = readStreams(await this.#callGroup('XREADGROUP', ...args));
    return entriesOf(entries).map((entry) => ({ ...entry, deliveries: 1 }));
  }

  /** Takes over messages that no member finished in time, with the number of times they were handed out. */
  async #reclaim(): Promise<StreamMessage[]> {
    const { stream, group, consumer } = this.options;
    const claim = [stream, group, consumer, this.#minIdleMs, this.#cursor, 'COUNT', this.#batchSize];
    const [cursor, entries] = asList('XAUTOCLAIM', await this.#callGroup('XAUTOCLAIM', ...claim));
    this.#cursor = typeof cursor === 'string' ? cursor : '0-0';
    const claimed = entriesOf(entries);
    if (claimed.length === 0) return [];
    const range = [claimed[0]!.id, claimed.at(-1)!.id];
    const pending = await this.#callGroup('XPENDING', stream, group, ...range, 10 * this.#batchSize, consumer);
    const deliveries = new Map(
      asList('XPENDING', pending).map((line) => {
        const [id, , , count] = asList('XPENDING', line);
        return [String(id), Number(count)];
      }),
    );
    return claimed.map((entry) => ({ ...entry, deliveries: deliveries.get(entry.id) ?? 1 }));
  }
}

function entriesOf(reply: unknown) {
  return asList('XREADGROUP', reply).flatMap((entry) => readEntry(entry) ?? []);
}
