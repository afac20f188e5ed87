export { type ConformalOptions, ConformalSets } from './classification/conformal-sets.js';
export { DistilledStudent, type StudentLessons, type StudentTraining } from './classification/distilled-student.js';
export { findLabelIssues, type LabelIssue } from './classification/find-label-issues.js';
export { fitThresholds } from './classification/fit-thresholds.js';
export { fitIsotonic, type IsotonicFunction, isotonicValue } from './classification/isotonic-regression.js';
export { LinearSvm, type LinearSvmOptions } from './classification/linear-svm.js';
export { LogisticRegression, type LogisticRegressionOptions } from './classification/logistic-regression.js';
export { type ModelFile, readModelFile, writeModelFile } from './classification/model-file.js';
export { NearestCentroid, type NearestCentroidOptions } from './classification/nearest-centroid.js';
export { fitPlattScaling, type PlattScaling, plattProbability } from './classification/platt-scaling.js';
export { fitLogitWeights } from './classification/stacked-logits.js';
export { fitTemperature, softmaxRows } from './classification/temperature.js';
export {
  loadTransformerStudent,
  type TransformerStudent,
  type TransformerStudentOptions,
} from './classification/transformer-student.js';
export {
  extractMainContent,
  type MainContent,
  type MainContentOptions,
  type PageLimits,
  type PageMetadata,
  type SanitizeHtmlOptions,
  sanitizeHtml,
} from './content/index.js';
export {
  type DedupDocument,
  type DeduplicateOptions,
  type DeduplicateWithEmbedderOptions,
  type DedupResult,
  type DuplicateGroup,
  type DuplicateHit,
  DuplicateIndex,
  type DuplicateIndexOptions,
  type DuplicateMember,
  type DuplicateReason,
  type DuplicateThresholds,
  deduplicate,
  deduplicateWithEmbedder,
  dropRepeatedSentences,
  estimateJaccard,
  LocalitySensitiveIndex,
  type LocalitySensitiveIndexOptions,
  minHash,
  type PrimaryChoice,
  paraphraseProbability,
  type RepeatedSentenceOptions,
  type SentenceDocument,
  type SentenceFilterResult,
  type ShingleOptions,
  shingleHashes,
} from './dedup/index.js';
export { type BinaryScores, binaryScores } from './evaluation/binary-scores.js';
export { type BootstrapOptions, bootstrapConfidenceInterval } from './evaluation/bootstrap.js';
export { expectedCalibrationError, type ReliabilityBin, reliabilityBins } from './evaluation/calibration-error.js';
export {
  type ClassificationReport,
  type ClassScores,
  classificationReport,
  type PrecisionRecall,
} from './evaluation/classification-report.js';
export { type Fold, type StratifiedFoldsOptions, stratifiedFolds } from './evaluation/cross-validation.js';
export { type McNemarResult, mcNemarCounts, mcNemarTest } from './evaluation/mcnemar-test.js';
export {
  cohensD,
  requiredPerGroup,
  type TestResult,
  type TTestOptions,
  tTest,
  tTestPower,
} from './evaluation/mean-tests.js';
export { type MultiLabelReport, multiLabelReport } from './evaluation/multi-label-report.js';
export { type Association, adjustProbabilities, association } from './evaluation/multiple-testing.js';
export { clopperPearsonInterval, type Interval, wilsonInterval } from './evaluation/proportion-interval.js';
export {
  mannWhitneyTest,
  pearsonCorrelation,
  spearmanCorrelation,
  wilcoxonTest,
} from './evaluation/rank-tests.js';
export {
  type TopicCoherence,
  type TopicCoherenceOptions,
  topicCoherence,
} from './evaluation/topic-coherence.js';
export { topicDiversity } from './evaluation/topic-diversity.js';
export { type ClusterTopicsOptions, clusterTopics } from './evidence/cluster-topics.js';
export type {
  Evidence,
  EvidenceArticle,
  EvidenceCluster,
  EvidenceDiagnostics,
  EvidenceSentence,
} from './evidence/evidence.js';
export { type GatherEvidenceOptions, gatherEvidence } from './evidence/gather-evidence.js';
export { chooseRepresentatives, type Representative, type RepresentativeOptions } from './evidence/representatives.js';
export { semanticDedup } from './evidence/semantic-dedup.js';
export { isUsableSentence } from './evidence/usable-sentence.js';
export type { ClassifierExpectations, ClassifyOptions } from './genre/coarse-genre-classifier.js';
export {
  type ClassifiableArticle,
  CoarseGenreClassifier,
  type CoarseGenreClassifierOptions,
} from './genre/coarse-genre-classifier.js';
export { type DistilLessons, distilStudent, GenreStudent, transformerModel } from './genre/distil-student.js';
export type { GenreDocument } from './genre/genre-document.js';
export { type GenreFeatureOptions, GenreFeatures, type TermWeighting } from './genre/genre-features.js';
export type { Genre, GenreAssignment, GenreScore, GoldenExample, RefineStrategy } from './genre/genre-types.js';
export { type GoldenItem, goldenExamples, parseGoldenSet } from './genre/golden-set.js';
export { KeywordClassifier } from './genre/keyword-classifier.js';
export {
  type CandidateRecord,
  type LearningRecord,
  type RefineReason,
  type RefineTag,
  tagEntropy,
} from './genre/learning-record.js';
export type { GenreMethod } from './genre/member-plans.js';
export { loadGoldenSet, loadTaxonomy } from './genre/packaged-data.js';
export type { RefinableArticle, TieBreaker, TieBreakRequest } from './genre/refine-decisions.js';
export { type RefinedGenre, type RefineOptions, refineGenres } from './genre/refine-genres.js';
export { type RefineSettings, refineSettings } from './genre/refine-settings.js';
export { type RescueOptions, RescuePass } from './genre/rescue-pass.js';
export { isInRollout, rolloutBucket } from './genre/rollout.js';
export { routeLanguage } from './genre/route-language.js';
export {
  StudentClassifier,
  type StudentModel,
  type StudentModels,
  type StudentOptions,
} from './genre/student-classifier.js';
export { parseTaxonomy, type Taxonomy, type TaxonomyGenre } from './genre/taxonomy.js';
export {
  buildLabelGraph,
  type LabelEdge,
  type LabelGraphOptions,
  type LabelOrigin,
  type LabelRecord,
} from './label-graph/build-label-graph.js';
export { type CorrectAndSmoothOptions, correctAndSmooth } from './label-graph/correct-and-smooth.js';
export { createLabelGraphSource, LabelGraph, type LabelGraphSourceOptions } from './label-graph/label-graph.js';
export {
  type LabelPropagationResult,
  type LabelSpreadingOptions,
  labelPropagation,
  labelSpreading,
  type RandomWalkOptions,
  randomWalkWithRestart,
  type SpreadingOptions,
} from './label-graph/label-propagation.js';
export { type SimilarityGraphOptions, similarityGraph } from './label-graph/similarity-graph.js';
export { smoothAssignments } from './label-graph/smooth-assignments.js';
export { type DraftOptions, draftReorganization, type GenreDraft } from './learning/draft-reorganization.js';
export {
  type LearningEntry,
  type LearningSummary,
  learningEntries,
  summarizeLearning,
} from './learning/learning-entry.js';
export {
  type GraphThresholds,
  optimizeThresholds,
  type ThresholdOptions,
  type ThresholdProposal,
} from './learning/optimize-thresholds.js';
export { defineStage, type PipelineStage, type StageContext, visitItems } from './pipeline/pipeline-stage.js';
export {
  type PipelineEvent,
  type PipelineResult,
  type RunPipelineOptions,
  runPipeline,
  StageError,
  type StageReport,
} from './pipeline/run-pipeline.js';
export { createMemoryStageStore, type SavedStage, type StageStore } from './pipeline/stage-store.js';
export {
  type Article,
  createPreparationPool,
  type DroppedArticle,
  type DropReason,
  isSubstantial,
  type Preparation,
  type PreparationCallOptions,
  type PreparationMetrics,
  type PreparationPool,
  type PreparationPoolOptions,
  type PreparedArticle,
  type PreparedBatch,
  type PrepareOptions,
  prepareArticle,
  prepareArticles,
  prepareArticlesSteps,
  type TagSignal,
} from './preprocess/index.js';
export { type DriftAlarm, type DriftOptions, type DriftReport, inspectGenreDrift } from './select/genre-drift.js';
export { filterOutliers, type OutlierOptions, type OutlierResult } from './select/outlier-filter.js';
export { type SelectionSignals, scoreArticle } from './select/score-article.js';
export {
  type GenreSelection,
  type SelectableArticle,
  type Selection,
  type SelectionReason,
  type SelectOptions,
  selectArticles,
} from './select/select-articles.js';
export { type GenreParts, type SubdivideOptions, subdivideGenre } from './select/subdivide-genre.js';
export { groupStories, type Story, type StoryArticle, type StoryOptions } from './stories/group-stories.js';
export { createExtractiveSummarizer, type ExtractiveSummarizerOptions } from './summary/extractive-summarizer.js';
export type { Citation, Summarizer, Summary, SummaryBullet, SummarySentence } from './summary/summarizer.js';
