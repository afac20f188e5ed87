declare module 'stopword' {
  export const eng: readonly string[];
  export const jpn: readonly string[];
}

declare module 'wink-eng-lite-web-model' {
  import type { Model } from 'wink-nlp';

  const model: Model;
  export default model;
}
