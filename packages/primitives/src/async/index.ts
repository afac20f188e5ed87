export {
  type Clock,
  type Cooperative,
  DeadlineExceededError,
  nextTurn,
  type Progress,
  type ProgressCallback,
  runAsync,
  runSync,
  withDeadline,
} from './cooperative.js';
export { mapConcurrent } from './map-concurrent.js';
