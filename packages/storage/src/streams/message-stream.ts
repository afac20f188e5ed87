/** A message: flat text fields. */
export interface StreamMessage {
  /** Given by the stream; grows with every message. */
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
  /** How often it was handed out, this time included. */
  readonly deliveries: number;
}

/** What a handler says of a message that it will never be able to handle. */
export interface Rejection {
  readonly status: 'rejected';
  readonly reason: string;
}

/**
 * Handles one message. When it resolves, the message is acknowledged; when it rejects, the message is handed out again
 * later; a {@link Rejection} sends it to the dead letters at once. It may be called twice with one message.
 */
// biome-ignore-start lint/suspicious/noConfusingVoidType: a handler without a result is the usual one.
export type MessageHandler = (
  message: StreamMessage,
  options: { readonly signal: AbortSignal },
) => Promise<Rejection | undefined | void>;
// biome-ignore-end lint/suspicious/noConfusingVoidType: see above.

/** What became of the messages of one round. */
export interface RoundReport {
  readonly acknowledged: number;
  readonly failed: number;
  readonly deadLettered: number;
}

/** What a consumer tells while it runs. */
export type ConsumerEvent =
  | { readonly type: 'failed'; readonly message: StreamMessage; readonly error: unknown }
  | { readonly type: 'dead-lettered'; readonly message: StreamMessage; readonly reason: string };

/** Reads a stream as a member of a group; every message goes to one member. */
export interface StreamConsumer {
  /** One round: messages that others left unfinished, then new ones. */
  poll(handler: MessageHandler, options?: { readonly signal?: AbortSignal }): Promise<RoundReport>;
  /** Rounds until the signal aborts; the round under way is finished first. */
  run(handler: MessageHandler, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Writes to a stream. */
export interface StreamPublisher {
  /** @returns the id of the message. @throws TypeError for a message without fields. */
  publish(fields: Readonly<Record<string, string>>): Promise<string>;
}

/** Options of every consumer. */
export interface StreamConsumerOptions {
  /** Name of the stream. */
  readonly stream: string;
  /** Name of the group. */
  readonly group: string;
  /** Name of this member; unique in the group. */
  readonly consumer: string;
  /** Messages a round. @default 10 */
  readonly batchSize?: number;
  /** Handing out, after which a message that still fails goes to the dead letters. @default 5 */
  readonly maxDeliveries?: number;
  /** Milliseconds after which an unfinished message is handed to another member. @default 30000 */
  readonly minIdleMs?: number;
  /** Stream of the dead letters. @default `${stream}:dlq` */
  readonly deadLetterStream?: string;
  /** Told of failures; must not throw. */
  readonly onEvent?: (event: ConsumerEvent) => void;
}

/** What is written beside the fields of a dead letter. */
export function deadLetterFields(message: StreamMessage, reason: string): Readonly<Record<string, string>> {
  return {
    ...message.fields,
    original_message_id: message.id,
    delivery_count: String(message.deliveries),
    dead_letter_reason: reason,
  };
}

/** Throws unless the fields can be written. */
export function checkFields(fields: Readonly<Record<string, string>>): void {
  const entries = Object.entries(fields);
  if (entries.length === 0) throw new TypeError('A stream message must have at least one field.');
  const bad = entries.find(([, value]) => typeof value !== 'string');
  if (bad) throw new TypeError(`The field ${bad[0]} of a stream message must be text. Got ${typeof bad[1]}.`);
}
