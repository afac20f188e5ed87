import { Counter, Histogram, Registry } from 'prom-client';

/** Counts and times the stages of a host and renders them for Prometheus. */
export interface Metrics {
  /** Adds to the counter `<prefix>_<name>_total`. */
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Adds an observation in seconds to the histogram `<prefix>_<name>_seconds`. */
  observe(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
  /** @returns the text format of Prometheus. */
  render(): Promise<string>;
}

/**
 * Makes a registry of its own; the labels of a name are fixed by its first use.
 *
 * @param prefix - of every metric, such as `newsroom`.
 * @example
 * const metrics = createMetrics('demo');
 * metrics.count('articles', { source: 'rss' }, 3);
 * (await metrics.render()).includes('demo_articles_total{source="rss"} 3') // => true
 */
export function createMetrics(prefix: string): Metrics {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  return {
    count(name, labels = {}, by = 1) {
      let counter = counters.get(name);
      if (!counter) {
        const labelNames = Object.keys(labels);
        const help = `Number of ${name.replaceAll('_', ' ')}.`;
        counter = new Counter({ name: `${prefix}_${name}_total`, help, labelNames, registers: [registry] });
        counters.set(name, counter);
      }
      counter.inc({ ...labels }, by);
    },
    observe(name, seconds, labels = {}) {
      let histogram = histograms.get(name);
      if (!histogram) {
        const labelNames = Object.keys(labels);
        const help = `Seconds of ${name.replaceAll('_', ' ')}.`;
        const buckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];
        const common = { labelNames, buckets, registers: [registry] };
        histogram = new Histogram({ name: `${prefix}_${name}_seconds`, help, ...common });
        histograms.set(name, histogram);
      }
      histogram.observe({ ...labels }, seconds);
    },
    render: () => registry.metrics(),
  };
}
