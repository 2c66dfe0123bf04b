"""Trains the bundled model from scratch: PyTorch, transformers' LlamaForCausalLM, packed documents.

The same command runs on a CPU and on a GPU. Matrices inside the layers are trained with Muon
(orthogonalised momentum), embeddings and norms with AdamW: on a budget of tens of millions of tokens
that learns clearly more per token than AdamW alone. The learning rate is flat, then falls to zero
over the last part, so a run can be prolonged from any checkpoint of the flat part.
"""

import argparse
import hashlib
import json
import math
import platform
import random
import time
from pathlib import Path

import numpy as np
import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SHAPE = {
    "hidden_size": 192,
    "intermediate_size": 512,
    "num_hidden_layers": 5,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "tie_word_embeddings": True,
    "rms_norm_eps": 1e-5,
}
END = 0


def main() -> None:
    options = _options()
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = PreTrainedTokenizerFast.from_pretrained(options.tokenizer)
    options.out.mkdir(parents=True, exist_ok=True)
    run = Run(options, device, tokenizer)
    if (options.out / "checkpoint.pt").exists() and not options.fresh:
        run.load()
    elif options.init:
        run.begin_with(options.init)
    run.train()
    run.export(options.out / "final")


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, required=True, help="folder of JSON-lines files, or several runs of them over time"
    )
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument(
        "--out", type=Path, required=True, help="checkpoint, log and final model; resumes what is there"
    )
    parser.add_argument("--fresh", action="store_true", help="ignore the checkpoint in --out")
    parser.add_argument("--init", type=Path, help="begin with this model's weights (same shape, same tokenizer)")
    parser.add_argument("--tokens", type=float, default=30e6, help="length of the run; it ends here at the latest")
    parser.add_argument(
        "--minutes", type=float, default=0, help="or when this time is up, counted over all resumed parts"
    )
    parser.add_argument("--batch-tokens", type=int, default=8192)
    parser.add_argument("--length", type=int, default=512, help="tokens in a sequence")
    parser.add_argument("--long-length", type=int, default=1024, help="tokens in a sequence towards the end")
    parser.add_argument(
        "--long-from", type=float, default=0.85, help="from this share of the run on, sequences of --long-length"
    )
    parser.add_argument("--natural-share", type=float, default=0.2, help="share of the tokens from natural code")
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=3e-3)
    parser.add_argument(
        "--decay", type=float, default=0.3, help="last part of the run, over which the rate falls to zero"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


class Documents:
    """Token ids of all documents of a kind, drawn without end in shuffled rounds."""

    def __init__(self, ids: list[np.ndarray], seed: int):
        self.ids, self.rng, self.order = ids, random.Random(seed), []
        self.rounds = 0

    def next(self) -> np.ndarray:
        if not self.order:
            self.order = list(range(len(self.ids)))
            self.rng.shuffle(self.order)
            self.rounds += 1
        return self.ids[self.order.pop()]


def read_documents(folder: Path, tokenizer) -> dict[str, list[np.ndarray]]:
    """Encode a corpus, keeping the ids beside it."""
    found: dict[str, list[np.ndarray]] = {"generated": [], "natural": []}
    for path in sorted(folder.glob("*.jsonl")):
        kept = path.with_suffix(".ids.npz")
        if not kept.exists() or kept.stat().st_mtime < path.stat().st_mtime:
            rows = [json.loads(line) for line in path.open()]
            flat: list[int] = []
            ends = []
            for start in range(0, len(rows), 5000):
                batch = tokenizer._tokenizer.encode_batch(
                    [r["text"] for r in rows[start : start + 5000]], add_special_tokens=False
                )
                for item in batch:
                    flat += [*item.ids, END]
                    ends.append(len(flat))
            np.savez(kept, flat=np.array(flat, dtype=np.uint16), ends=np.array(ends), kind=rows[0]["kind"])
        data = np.load(kept)
        found[str(data["kind"])] += np.split(data["flat"], data["ends"][:-1])
    return found


class Muon(torch.optim.Optimizer):
    """Momentum whose matrix is brought near an orthogonal one before it is applied (Jordan et al., 2024)."""

    def __init__(self, params, lr: float, momentum: float = 0.95):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            by_shape: dict[tuple, list] = {}
            for p in group["params"]:
                if p.grad is not None:
                    by_shape.setdefault(tuple(p.shape), []).append(p)
            for (rows, columns), params in by_shape.items():
                grads = torch.stack([p.grad for p in params])
                for p, g in zip(params, grads, strict=False):
                    buffer = self.state[p].setdefault("buffer", torch.zeros_like(p))
                    buffer.lerp_(g, 1 - group["momentum"])
                    g.lerp_(buffer, group["momentum"])
                updates = orthogonal(grads) * max(1, rows / columns) ** 0.5
                for p, update in zip(params, updates, strict=False):
                    p.mul_(1 - 0.01 * group["lr"]).add_(update.to(p.dtype), alpha=-group["lr"])


def orthogonal(g: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Newton-Schulz iteration towards the nearest orthogonal matrix, for a stack of matrices."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    flip = x.size(-2) > x.size(-1)
    x = x.mT if flip else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        m = x @ x.mT
        x = a * x + (b * m + c * m @ m) @ x
    return x.mT if flip else x


class Run:
    """Model, optimisers, data and the state that a resumed run goes on from."""

    def __init__(self, options, device, tokenizer):
        self.options, self.device, self.tokenizer = options, device, tokenizer
        config = LlamaConfig(vocab_size=len(tokenizer), bos_token_id=None, eos_token_id=END, pad_token_id=1, **SHAPE)
        self.model = LlamaForCausalLM(config).to(device)
        self.mean = {k: v.detach().clone() for k, v in self.model.state_dict().items() if k != "lm_head.weight"}
        inner = [
            p for n, p in self.model.named_parameters() if p.ndim == 2 and "embed" not in n and "lm_head" not in n
        ]
        rest = [p for n, p in self.model.named_parameters() if p.ndim != 2 or "embed" in n]
        self.optimizers = [
            Muon(inner, lr=options.muon_lr),
            torch.optim.AdamW(rest, lr=options.adam_lr, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        ]
        self.rates = [options.muon_lr, options.adam_lr]
        self.state = {"step": 0, "tokens": 0, "seconds": 0.0, "losses": []}

    # data ----------------------------------------------------------------
    def open_data(self):
        found = read_documents(self.options.corpus, self.tokenizer)
        seed = self.options.seed * 7919 + self.state["step"]
        self.sources = {kind: Documents(ids, seed) for kind, ids in found.items() if ids}
        self.rng = random.Random(seed)
        for kind, ids in found.items():
            print(f"{kind}: {len(ids)} documents, {sum(map(len, ids)) / 1e6:.1f}M tokens", flush=True)
        means = {k: sum(map(len, ids)) / len(ids) for k, ids in found.items() if ids}
        share = self.options.natural_share
        natural = share / means["natural"] if "natural" in means else 0
        generated = (1 - share) / means["generated"]
        self.natural_odds = natural / (natural + generated)

    def row(self, length: int) -> np.ndarray:
        """Whole documents one after another; the row begins with a document's start."""
        parts, size = [], 0
        while size < length + 1:
            kind = "natural" if self.rng.random() < self.natural_odds else "generated"
            part = self.sources[kind].next()
            parts.append(part)
            size += len(part)
        return np.concatenate(parts)[: length + 1]

    def batch(self, length: int) -> torch.Tensor:
        rows = self.options.batch_tokens // length
        return torch.from_numpy(np.stack([self.row(length) for _ in range(rows)]).astype(np.int64)).to(self.device)

    # training --------------------------------------------------------------
    def progress(self) -> float:
        done = self.state["tokens"] / self.options.tokens
        if self.options.minutes:
            done = max(done, self.state["seconds"] / 60 / self.options.minutes)
        return min(done, 1.0)

    def rate(self, progress: float) -> float:
        warm = min(1.0, (self.state["step"] + 1) / 100)
        fall = min(1.0, (1 - progress) / self.options.decay)
        return warm * fall

    def loss(self, rows: torch.Tensor) -> torch.Tensor:
        hidden = self.model.model(input_ids=rows[:, :-1], use_cache=False).last_hidden_state
        logits = hidden @ self.model.lm_head.weight.T
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), rows[:, 1:].flatten())

    def train(self):
        self.open_data()
        loss_of = torch.compile(self.loss, dynamic=False) if self.options.compile else self.loss
        last_save = last_print = time.time()
        while (progress := self.progress()) < 1:
            started = time.time()
            length = self.options.long_length if progress >= self.options.long_from else self.options.length
            self.attend(length)
            rows = self.batch(length)
            with torch.autocast(self.device, dtype=torch.bfloat16):
                loss = loss_of(rows)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            for optimizer, top in zip(self.optimizers, self.rates, strict=False):
                optimizer.param_groups[0]["lr"] = top * self.rate(progress)
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            self.update_mean()
            self.state["step"] += 1
            self.state["tokens"] += rows.numel() - rows.size(0)
            self.state["seconds"] += time.time() - started
            self.state["losses"].append(loss.item())
            if time.time() - last_print > 20:
                last_print = time.time()
                self.report(progress)
            if time.time() - last_save > 120:
                last_save = time.time()
                self.save()
        self.save()

    def attend(self, length: int) -> None:
        """On a CPU, short sequences are faster with the scores written out."""
        way = "eager" if self.device == "cpu" and length <= 256 else "sdpa"
        if self.model.config._attn_implementation != way:
            self.model.set_attn_implementation(way)

    @torch.no_grad()
    def update_mean(self):
        """A running mean of the weights, for looking at a run whose rate has not fallen yet."""
        share = 0.01 if self.state["step"] > 300 else 0.1
        for name, value in self.model.state_dict().items():
            if name in self.mean:
                self.mean[name].lerp_(value, share)

    def report(self, progress):
        s = self.state
        recent = s["losses"][-30:]
        speed = s["tokens"] / max(s["seconds"], 1e-9)
        print(
            f"step {s['step']} {progress:6.1%} {s['tokens'] / 1e6:.2f}M tokens loss {sum(recent) / len(recent):.3f} {speed:.0f} tok/s {s['seconds'] / 60:.1f} min",
            flush=True,
        )

    # files ---------------------------------------------------------------
    def save(self):
        path = self.options.out / "checkpoint.pt"
        content = {
            "model": self.model.state_dict(),
            "mean": self.mean,
            "state": self.state,
            "optimizers": [o.state_dict() for o in self.optimizers],
        }
        torch.save(content, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def load(self):
        kept = torch.load(self.options.out / "checkpoint.pt", map_location=self.device)
        self.model.load_state_dict(kept["model"])
        self.mean = kept["mean"]
        self.state = kept["state"]
        for optimizer, state in zip(self.optimizers, kept["optimizers"], strict=False):
            optimizer.load_state_dict(state)
        print(f"resumed at step {self.state['step']}", flush=True)

    def begin_with(self, folder: Path):
        """The weights of a finished model; optimisers and counts begin anew."""
        weights = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).state_dict()
        self.model.load_state_dict(weights)
        self.mean = {name: weights[name].detach().clone().to(self.device) for name in self.mean}
        print(f"begins with the weights of {folder}", flush=True)

    def export(self, folder: Path):
        export(self.model.state_dict(), self.model.config, self.options.tokenizer, folder)
        losses = self.state["losses"][-200:]
        facts = {
            "tokens": self.state["tokens"],
            "steps": self.state["step"],
            "minutes": round(self.state["seconds"] / 60, 1),
            "loss": round(sum(losses) / len(losses), 4),
            "parameters": self.model.num_parameters(),
            "device": self.device,
            "machine": platform.processor() or platform.machine(),
            "torch": torch.__version__,
            "sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
            "perplexity": round(math.exp(sum(losses) / len(losses)), 3),
        }
        (folder / "training.json").write_text(json.dumps(facts, indent=2) + "\n")
        print(json.dumps(facts), flush=True)


def export(weights, config, tokenizer: Path, folder: Path) -> None:
    """Write the model as transformers reads it, weights in bfloat16."""
    model = LlamaForCausalLM(config)
    model.load_state_dict(weights, strict=False)
    model = model.to(torch.bfloat16)
    model.generation_config = GenerationConfig(
        do_sample=True, temperature=0.4, top_p=0.95, max_new_tokens=200, eos_token_id=END, pad_token_id=1
    )
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((tokenizer / name).read_bytes())


if __name__ == "__main__":
    main()
