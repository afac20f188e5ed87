export { createMemoryStreams, type MemoryStreams } from './memory-stream.js';
export type {
  ConsumerEvent,
  MessageHandler,
  Rejection,
  RoundReport,
  StreamConsumer,
  StreamConsumerOptions,
  StreamMessage,
  StreamPublisher,
} from './message-stream.js';
export type { RedisLike } from './redis-client.js';
export {
  createRedisStreamConsumer,
  createRedisStreamPublisher,
  type RedisStreamConsumerOptions,
  type RedisStreamPublisherOptions,
} from './redis-stream.js';
