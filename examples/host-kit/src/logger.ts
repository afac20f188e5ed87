import { type DestinationStream, pino } from 'pino';

/** How much is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Writes one line an event. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Options of {@link createJsonLogger}. */
export interface JsonLoggerOptions {
  readonly service: string;
  /** @default 'info' */
  readonly level?: LogLevel;
  /** @default standard output */
  readonly destination?: DestinationStream;
}

/**
 * Makes a logger that writes JSON lines with `time` (ISO 8601), `level`, `service` and `message`.
 *
 * @example
 * const lines: string[] = [];
 * const log = createJsonLogger({ service: 'demo', destination: { write: (line) => void lines.push(line) } });
 * log.info('started', { port: 80 });
 * JSON.parse(lines[0]).port // => 80
 */
export function createJsonLogger({ service, level = 'info', destination }: JsonLoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log = destination ? pino(options, destination) : pino(options);
  return {
    debug: (message, fields = {}) => log.debug(fields, message),
    info: (message, fields = {}) => log.info(fields, message),
    warn: (message, fields = {}) => log.warn(fields, message),
    error: (message, fields = {}) => log.error(fields, message),
  };
}
