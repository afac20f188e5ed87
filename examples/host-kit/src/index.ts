export {
  createHttpClient,
  type Fetch,
  type HttpAnswer,
  type HttpClient,
  type HttpClientOptions,
  HttpError,
} from './http-client.js';
export { ConfigError, type Environment, type LoadConfigOptions, loadConfig } from './load-config.js';
export { createJsonLogger, type JsonLoggerOptions, type Logger, type LogLevel } from './logger.js';
export { createMetrics, type Metrics } from './metrics.js';
export { type RunningServer, type ServeOptions, serve } from './serve.js';
