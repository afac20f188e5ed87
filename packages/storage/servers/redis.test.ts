import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRedisStreamConsumer, createRedisStreamPublisher } from '../src/streams/index.js';
import { streamCases } from '../src/testing/index.js';

describe('streams on a Redis server', () => {
  const url = inject('redisUrl');
  let redis: Redis;
  let prefix = '';
  const connections: Redis[] = [];
  const connect = () => {
    const connection = new Redis(url, { maxRetriesPerRequest: 1 });
    connections.push(connection);
    return connection;
  };

  beforeAll(() => {
    expect(url, 'MATOME_TEST_REDIS_URL must name a server').not.toBe('');
    redis = new Redis(url, { maxRetriesPerRequest: 1 });
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.disconnect();
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(keys);
  });
  afterAll(() => redis.disconnect());

  for (const { name, run } of streamCases) {
    it(name, async () => {
      // The server may hold data of others: every case uses names of its own.
      prefix = `matome-test-${randomBytes(6).toString('hex')}:`;
      await run({
        publisher: (stream) => createRedisStreamPublisher(redis, { stream: prefix + stream }),
        consumer: (options) =>
          createRedisStreamConsumer(connect(), {
            ...options,
            stream: prefix + options.stream,
            blockMs: 200,
            deadLetterStream: prefix + (options.deadLetterStream ?? `${options.stream}:dlq`),
          }),
        read: async (stream) =>
          (await redis.xrange(prefix + stream, '-', '+')).map(([, flat]) =>
            Object.fromEntries(flat.flatMap((value, i) => (i % 2 === 0 ? [[value, flat[i + 1]!]] : []))),
          ),
      });
    });
  }
});
