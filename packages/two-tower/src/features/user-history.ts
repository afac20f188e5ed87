import { type Catalogue, type DecisionRecord, type ProfileRecord, timeOf, type VideoRecord } from '../data/records.js';
import { userFeatureRow } from './catalogue-features.js';
import { userFeaturePayload } from './feature-payloads.js';
import type { FeatureRow } from './feature-spec.js';

/** A user at a moment. */
export interface UserMoment {
  readonly userId: string;
  /** Null stands for the end of the data. */
  readonly decisionTs: Date | null;
}

/**
 * What was known of users at given moments: only decisions before a moment count into its row, so that no row tells the
 * label of the decision it belongs to.
 *
 * @example
 * const history = new UserHistory({ profiles: [], videos: [], decisions: [] });
 * history.row({ userId: 'u', decisionTs: new Date(0) }).like_count // => 0
 */
export class UserHistory {
  private readonly profiles: ReadonlyMap<string, ProfileRecord>;
  private readonly videos: ReadonlyMap<string, VideoRecord>;
  private readonly decisions = new Map<string, DecisionRecord[]>();
  /** Latest time of any decision; ages without a moment of their own are counted to it. */
  readonly latest: Date;

  constructor(catalogue: Catalogue) {
    this.profiles = new Map(catalogue.profiles.map((profile) => [profile.userId, profile]));
    this.videos = new Map(catalogue.videos.map((video) => [video.id, video]));
    let latest = Number.NEGATIVE_INFINITY;
    for (const decision of catalogue.decisions) {
      const own = this.decisions.get(decision.userId);
      if (own) own.push(decision);
      else this.decisions.set(decision.userId, [decision]);
      latest = Math.max(latest, timeOf(decision.createdAt) ?? latest);
    }
    this.latest = new Date(latest === Number.NEGATIVE_INFINITY ? 0 : latest);
  }

  /**
   * The columns of `userFeatureSpecs` for a user at a moment.
   *
   * @remarks O(decisions of the user · their tags).
   */
  row({ userId, decisionTs }: UserMoment): FeatureRow {
    const options = decisionTs ? { before: decisionTs } : {};
    const own = this.decisions.get(userId) ?? [];
    const payload = userFeaturePayload(userId, this.profiles.get(userId), own, this.videos, options);
    return userFeatureRow(payload, decisionTs ?? this.latest);
  }
}
