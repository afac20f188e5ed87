import assert from 'node:assert/strict';
import type { StreamConsumer, StreamConsumerOptions, StreamPublisher } from '../streams/message-stream.js';
import type { ConformanceCase } from './conformance.js';

/** Streams that the cases fill; names are given by the case. */
export interface StreamSubject {
  publisher(stream: string): StreamPublisher;
  consumer(options: StreamConsumerOptions): StreamConsumer;
  /** Fields of all messages of a stream, oldest first. */
  read(stream: string): Promise<readonly Readonly<Record<string, string>>[]>;
}

const member = (consumer: string, more: Partial<StreamConsumerOptions> = {}): StreamConsumerOptions => {
  return { stream: 'events', group: 'workers', consumer, minIdleMs: 0, ...more };
};

async function publishNumbers({ publisher }: StreamSubject, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await publisher('events').publish({ n: String(i) });
}

/** Promises about streams. */
export const streamCases: readonly ConformanceCase<StreamSubject>[] = [
  {
    name: 'hands every message that was published before or after the group was made to one member, in order',
    async run(subject) {
      await subject.publisher('events').publish({ n: '0', text: '雨 "q" \n' });
      const consumer = subject.consumer(member('a'));
      const seen: Record<string, string>[] = [];
      const handler = async ({ fields }: { fields: Readonly<Record<string, string>> }) => void seen.push({ ...fields });
      assert.deepEqual(await consumer.poll(handler), { acknowledged: 1, failed: 0, deadLettered: 0 });
      await publishNumbers(subject, 3);
      await consumer.poll(handler);
      assert.deepEqual(await consumer.poll(handler), { acknowledged: 0, failed: 0, deadLettered: 0 });
      assert.deepEqual(seen, [{ n: '0', text: '雨 "q" \n' }, { n: '0' }, { n: '1' }, { n: '2' }]);
    },
  },
  {
    name: 'shares messages among the members of a group and gives each group all of them',
    async run(subject) {
      const seen: string[] = [];
      const note =
        (name: string) =>
        async ({ fields }: { fields: Readonly<Record<string, string>> }) => {
          seen.push(`${name}${fields.n}`);
        };
      const first = subject.consumer(member('a', { batchSize: 2 }));
      const second = subject.consumer(member('b', { batchSize: 2 }));
      const other = subject.consumer(member('a', { group: 'readers' }));
      await publishNumbers(subject, 4);
      await first.poll(note('a'));
      await second.poll(note('b'));
      await other.poll(note('r'));
      assert.deepEqual(seen, ['a0', 'a1', 'b2', 'b3', 'r0', 'r1', 'r2', 'r3']);
    },
  },
  {
    name: 'hands a message that failed out again, to any member, and counts',
    async run(subject) {
      await publishNumbers(subject, 1);
      const events: string[] = [];
      const onEvent = ({ type }: { readonly type: string }) => void events.push(type);
      const failing = subject.consumer(member('a', { onEvent }));
      const report = await failing.poll(async () => {
        throw new Error('database away');
      });
      assert.deepEqual(report, { acknowledged: 0, failed: 1, deadLettered: 0 });
      assert.deepEqual(events, ['failed']);
      const deliveries: number[] = [];
      const rescue = subject.consumer(member('b'));
      await rescue.poll(async (message) => void deliveries.push(message.deliveries));
      await rescue.poll(async (message) => void deliveries.push(message.deliveries));
      assert.deepEqual(deliveries, [2]);
    },
  },
  {
    name: 'leaves a message with the member that works on it until the time is over',
    async run(subject) {
      await publishNumbers(subject, 1);
      await subject.consumer(member('slow')).poll(async () => {
        throw new Error('still at it');
      });
      const patient = subject.consumer(member('b', { minIdleMs: 1_000_000 }));
      assert.deepEqual(await patient.poll(async () => {}), { acknowledged: 0, failed: 0, deadLettered: 0 });
    },
  },
  {
    name: 'sends a message that keeps failing to the dead letters, once, with its fields and its story',
    async run(subject) {
      await publishNumbers(subject, 1);
      const consumer = subject.consumer(member('a', { maxDeliveries: 3 }));
      let calls = 0;
      const failing = async () => {
        calls++;
        throw new Error('poison');
      };
      for (let i = 0; i < 6; i++) await consumer.poll(failing);
      assert.equal(calls, 3);
      const letters = await subject.read('events:dlq');
      assert.equal(letters.length, 1);
      assert.equal(letters[0]?.n, '0');
      assert.equal(letters[0]?.delivery_count, '4');
      assert.match(letters[0]?.original_message_id ?? '', /^\d+-\d+$/);
    },
  },
  {
    name: 'sends a message that the handler rejects to the dead letters at once',
    async run(subject) {
      await publishNumbers(subject, 2);
      const consumer = subject.consumer(member('a', { deadLetterStream: 'bad' }));
      const report = await consumer.poll(async ({ fields }) =>
        fields.n === '0' ? { status: 'rejected', reason: 'no article_id' } : undefined,
      );
      assert.deepEqual(report, { acknowledged: 1, failed: 0, deadLettered: 1 });
      assert.equal((await subject.read('bad'))[0]?.dead_letter_reason, 'no article_id');
      assert.equal((await consumer.poll(async () => {})).acknowledged, 0);
    },
  },
  {
    name: 'begins no further message once stopped, and loses none of them',
    async run(subject) {
      await publishNumbers(subject, 3);
      const stop = new AbortController();
      const consumer = subject.consumer(member('a'));
      const report = await consumer.poll(async () => stop.abort(), { signal: stop.signal });
      assert.equal(report.acknowledged, 1);
      const seen: string[] = [];
      await subject.consumer(member('b')).poll(async ({ fields }) => void seen.push(fields.n ?? ''));
      assert.deepEqual(seen, ['1', '2']);
    },
  },
  {
    name: 'runs until stopped, waking for messages that come while it waits',
    async run(subject) {
      const stop = new AbortController();
      const seen: string[] = [];
      const running = subject.consumer(member('a')).run(
        async ({ fields }) => {
          seen.push(fields.n ?? '');
          if (seen.length === 3) stop.abort();
        },
        { signal: stop.signal },
      );
      await publishNumbers(subject, 3);
      await running;
      assert.deepEqual(seen, ['0', '1', '2']);
    },
  },
  {
    name: 'refuses a message without fields or with a field that is no text',
    async run({ publisher }) {
      await assert.rejects(publisher('events').publish({}), TypeError);
      await assert.rejects(publisher('events').publish({ n: 1 as unknown as string }), /The field n .* Got number/);
    },
  },
];
