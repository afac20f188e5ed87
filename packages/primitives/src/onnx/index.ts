export { dropoutMask } from './dropout-mask.js';
export {
  EmbeddingTable,
  type EmbeddingTableOptions,
  type EmbeddingTableState,
  type TableBag,
} from './embedding-table.js';
export { gradients } from './gradients.js';
export {
  type AttributeValue,
  type Backward,
  type Derivation,
  type ExternalData,
  Graph,
  type GraphConstant,
  type GraphNode,
  type GraphParameter,
  GraphValue,
  type NodeSpec,
  withGradient,
} from './graph.js';
export { type LearningRate, type LinearScheduleOptions, linearSchedule } from './learning-rate.js';
export { buildModel, type ModelOptions } from './model.js';
export * from './operators/index.js';
export { type AdamWOptions, adamW, type Optimizer, type SgdOptions, sgd, type UpdateRange } from './optimizers.js';
export {
  loadOnnxRuntime,
  OnnxRuntime,
  OnnxRuntimeMissingError,
  type OnnxRuntimeOptions,
  type SessionLease,
} from './runtime.js';
export type { Feeds, OnnxSession, SessionOptions, TensorInfo } from './session.js';
export {
  type Dimension,
  floatTensor,
  integerTensor,
  type OnnxTensor,
  type Shape,
  type TensorData,
  type TensorType,
} from './tensor-types.js';
export {
  createTrainStep,
  type StepFeeds,
  type StepResult,
  type TrainState,
  type TrainStep,
  type TrainStepOptions,
} from './train-step.js';
