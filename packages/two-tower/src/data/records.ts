/** A user as the table `profiles` holds it. */
export interface ProfileRecord {
  readonly userId: string;
  readonly displayName?: string | null;
  /** Null when unknown or unreadable. */
  readonly createdAt: Date | null;
}

/** An item as the tables `videos`, `video_tags` and `video_performers` hold it. */
export interface VideoRecord {
  readonly id: string;
  /** Null, NaN and infinities count as unknown. */
  readonly price: number | null;
  readonly durationSeconds: number | null;
  readonly productReleasedAt: Date | null;
  readonly distributionStartedAt?: Date | null;
  readonly tags: readonly string[];
  readonly performers: readonly string[];
  /** @default 0 */
  readonly safetyLevel?: number;
  /** Regions the item may be shown in; none means everywhere. @default [] */
  readonly regionCodes?: readonly string[];
  /** @default true */
  readonly isActive?: boolean;
  readonly title?: string | null;
}

/** One judgement of a user on an item, as the table `user_video_decisions` holds it. */
export interface DecisionRecord {
  readonly userId: string;
  readonly videoId: string;
  /** `like` and `nope` are learned from; other kinds only count as decisions. */
  readonly decisionType: string;
  /** Null when unknown or unreadable. */
  readonly createdAt: Date | null;
}

/** Everything the samples and features are made of. */
export interface Catalogue {
  readonly profiles: readonly ProfileRecord[];
  readonly videos: readonly VideoRecord[];
  readonly decisions: readonly DecisionRecord[];
}

/** Milliseconds since the epoch, or undefined for a missing or invalid date. */
export function timeOf(date: Date | null | undefined): number | undefined {
  const time = date?.getTime();
  return time === undefined || Number.isNaN(time) ? undefined : time;
}
