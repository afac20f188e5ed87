/**
 * Checks that JSON is the record of a model of the given kind and version 1.
 *
 * @throws TypeError with one sentence.
 */
export function readModel(name: string, kind: string, json: unknown): Readonly<Record<string, unknown>> {
  const model = json as { readonly kind?: unknown; readonly version?: unknown } | null;
  if (typeof model !== 'object' || model === null || model.kind !== kind || model.version !== 1) {
    throw new TypeError(`The input of ${name}.fromJSON must be a record of kind '${kind}' and version 1.`);
  }
  return model as Readonly<Record<string, unknown>>;
}

/** A member that must be a list of texts. */
export function readTexts(name: string, model: Readonly<Record<string, unknown>>, member: string): string[] {
  const value = model[member];
  if (!Array.isArray(value) || !value.every((text) => typeof text === 'string')) {
    throw new TypeError(`The ${member} of ${name}.fromJSON must be a list of texts.`);
  }
  return value;
}

/** A member that must be a list of finite numbers. */
export function readNumbers(name: string, model: Readonly<Record<string, unknown>>, member: string): number[] {
  const value = model[member];
  if (!Array.isArray(value) || !value.every((number) => Number.isFinite(number))) {
    throw new TypeError(`The ${member} of ${name}.fromJSON must be a list of finite numbers.`);
  }
  return value;
}

/** A member that must be two ascending positive integers. */
export function readRange(
  name: string,
  model: Readonly<Record<string, unknown>>,
  member: string,
): readonly [number, number] {
  const [low, high, ...rest] = readNumbers(name, model, member);
  const whole = Number.isInteger(low) && Number.isInteger(high);
  if (low === undefined || high === undefined || !whole || rest.length > 0 || low < 1 || high < low) {
    throw new TypeError(`The ${member} of ${name}.fromJSON must be two ascending positive integers.`);
  }
  return [low, high];
}
