import { createTagExtractor } from '@matome/tag-extractor';

/** The names of the best tags of an article, without any model. */
export async function tagAnArticle(title: string, body: string): Promise<string[]> {
  const { tags } = await createTagExtractor({ topN: 5 }).extract({ title, body });
  return tags.map((tag) => tag.name);
}
