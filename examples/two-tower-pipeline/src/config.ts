import { z } from 'zod';

const vocabularySize = z.number().int().min(0);
const share = z.number().min(0).max(0.9);

/**
 * The YAML file of a run. Every key has a default, an unknown key is a mistake; the names are those of the files that
 * exist for this pipeline elsewhere.
 */
export const pipelineConfigSchema = z.strictObject({
  experiment_name: z.string().min(1).default('two_tower_v2_default'),
  seed: z.number().int().default(42),
  artifacts: z
    .strictObject({
      embedding_dim: z.number().int().min(1).default(256),
      max_tag_vocab: vocabularySize.default(512),
      max_actress_vocab: vocabularySize.default(256),
      min_tag_freq: z.number().int().min(1).default(3),
      min_actress_freq: z.number().int().min(1).default(2),
    })
    .prefault({}),
  training: z
    .strictObject({
      epochs: z.number().int().min(1).default(25),
      batch_size: z.number().int().min(1).default(256),
      lr: z.number().positive().default(1e-3),
      weight_decay: z.number().min(0).default(1e-5),
      negative_sampling_ratio: z.number().int().min(0).default(3),
      train_val_split: share.default(0.1),
      early_stopping_patience: z.number().int().min(1).default(5),
      gradient_clip_norm: z.number().positive().nullable().default(5),
      use_rpc_features: z.boolean().default(true),
      loss: z.enum(['bce', 'softmax']).default('softmax'),
      temperature: z.number().positive().default(0.1),
      learn_temperature: z.boolean().default(true),
    })
    .prefault({}),
  optimizer: z
    .strictObject({
      betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
      eps: z.number().positive().default(1e-8),
    })
    .prefault({}),
  logging: z.strictObject({ every_n_steps: z.number().int().min(1).default(50) }).prefault({}),
  export: z
    .strictObject({
      onnx_opset: z.literal(17).default(17),
      onnx_user_input_name: z.string().min(1).default('user_features'),
    })
    .prefault({}),
});

/** A checked configuration with every default filled in. */
export type PipelineConfig = z.infer<typeof pipelineConfigSchema>;

/** A configuration that cannot be used; the message names every problem. */
export class PipelineConfigError extends Error {
  override readonly name = 'PipelineConfigError';
}

/**
 * Checks a parsed YAML document.
 *
 * @param document - what the YAML parser gave; null (an empty file) means all defaults.
 * @throws PipelineConfigError with one line for each problem.
 * @example
 * readPipelineConfig({ seed: 7 }, 'my.yaml').seed // => 7
 */
export function readPipelineConfig(document: unknown, name: string): PipelineConfig {
  const parsed = pipelineConfigSchema.safeParse(document ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || 'document'}: ${message}`);
  throw new PipelineConfigError(`The configuration ${name} is not usable:\n${problems.join('\n')}`);
}
