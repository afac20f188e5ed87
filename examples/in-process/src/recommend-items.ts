import { loadOnnxRuntime } from '@matome/primitives/onnx';
import {
  collaborativeData,
  easeScorer,
  evaluateRetrieval,
  fitTwoTower,
  ItemIndex,
  interactionMatrix,
  productScorer,
  splitPerUser,
  takeEncodedRows,
} from '@matome/two-tower';

/** Who took what, and when. */
export interface Purchase {
  readonly userId: string;
  readonly itemId: string;
  readonly decisionTs: Date;
}

/** Learns from purchases and names the items that each user is most likely to take next, best first. */
export async function recommendItems(purchases: readonly Purchase[], limit: number) {
  const users = [...new Set(purchases.map(({ userId }) => userId))].sort();
  const items = [...new Set(purchases.map(({ itemId }) => itemId))].sort();
  const matrixOf = (rows: readonly Purchase[]) =>
    interactionMatrix(
      {
        userRows: rows.map((row) => users.indexOf(row.userId)),
        itemRows: rows.map((row) => items.indexOf(row.itemId)),
      },
      users.length,
      items.length,
    );

  // 1. The last tenth of every user says how many epochs are good.
  const { train, validation } = splitPerUser(purchases, 0.1);
  const seen = matrixOf(train);
  const relevant = matrixOf(validation);
  const tower = { hidden: [], outputDropout: 0.2 };
  const runtime = await loadOnnxRuntime({ threads: 1 });
  const options = { runtime, embeddingDim: 32, learningRate: 0.01, user: tower, item: tower };
  const part = collaborativeData(seen);
  const found = await fitTwoTower(part, { ...options, validation: { users: part.users, relevant, seen } });

  // 2. Is it worth it? A linear model that needs no training is hard to beat.
  const { scorer, dispose } = await productScorer(
    runtime,
    await found.embedUsers(part.users),
    await found.embedItems(part.items),
  );
  const task = { relevant, seen };
  const ours = await evaluateRetrieval(scorer, task, { ks: [limit] });
  const ease = await evaluateRetrieval(easeScorer(seen, { lambda: 10 }), task, { ks: [limit] });
  await dispose();

  // 3. The model that serves learns from everything, as long as was good.
  const all = collaborativeData(matrixOf(purchases));
  const model = await fitTwoTower(all, { ...options, epochs: found.parts.bestEpoch });
  const index = new ItemIndex(items, await model.embedItems(all.items));

  /** Items of a user that are new to it. */
  const recommend = async (userId: string) => {
    const vector = await model.embedUsers(takeEncodedRows(all.users, [users.indexOf(userId)]));
    const exclude = new Set(purchases.filter((row) => row.userId === userId).map(({ itemId }) => itemId));
    return index.search(vector.data, { limit, exclude }).map(({ id }) => id);
  };
  return { recall: ours.at[limit]!.recall, easeRecall: ease.at[limit]!.recall, recommend };
}
