/** Folder that holds the weights of the default model; hand it to `loadStaticModel` of `@matome/primitives/embedding`. */
export declare const modelPath: string;
