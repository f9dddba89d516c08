"""Trains the reader: ``python -m rag.reader.train --squad FILE … --written FILE … --out FOLDER``.

Two epochs take about an hour on two cores that know bfloat16, and most of a night on others. It may be interrupted at
any time: the same command goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rag.index.bundled_model import ensure_model, model_folder, read_weights, tokenizer
from rag.index.embeddings import create_embeddings
from rag.reader import data, scoring
from rag.reader.decoding import best_span
from rag.reader.encoding import Passage, Row, batches, encode
from rag.reader.export import pack
from rag.reader.mining import nearest
from rag.reader.model import ReaderModel
from rag.settings import Settings

CHECKPOINT, LOG, NEAREST, WEIGHTS = "checkpoint.pt", "training.jsonl", "nearest.json", "reader.npz"
_SAVE_EVERY, _SCORE_EVERY, _REPORT_EVERY = 100, 500, 25  # steps
_HELD_OUT_QUESTIONS = 300  # of each file, scored at the end; some of them on the way
_ON_THE_WAY = 80


Step = list[tuple[data.Example, Row]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. ``batch_tokens`` counts padding; ``learning_rate`` is the highest, reached after the warm-up."""

    epochs: int = 2
    learning_rate: float = 1.5e-4
    batch_tokens: int = 4096
    warm_up: float = 0.06
    written_times: int = 2
    seed: int = 1


def main(arguments: Sequence[str] | None = None) -> None:
    usual = Plan()
    parser = argparse.ArgumentParser(description="Train the reader.")
    parser.add_argument("--squad", type=Path, nargs="+", required=True, help="SQuAD-shaped files")
    parser.add_argument("--written", type=Path, nargs="*", default=[], help="passages, questions and statements")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint, the log and the weights")
    parser.add_argument("--epochs", type=int, default=usual.epochs)
    parser.add_argument("--seed", type=int, default=usual.seed)
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    Training(Plan(epochs=given.epochs, seed=given.seed), given.squad, given.written, given.out).run()


class Training:
    """One run of training in the folder ``out``."""

    def __init__(self, plan: Plan, squad: Sequence[Path], written: Sequence[Path], out: Path) -> None:
        torch.manual_seed(plan.seed)
        torch.set_flush_denormal(True)  # vanishing gradients would be several times slower than all others
        home = Settings.load().state
        ensure_model(model_folder(home))
        self._plan, self._out = plan, out
        self._tokenizer = tokenizer(model_folder(home))
        self._model = ReaderModel(read_weights(), tokens=self._tokenizer.get_vocab_size())
        read = {path.stem: data.read_squad(path) for path in squad}
        self._asked = [each for trained, _ in read.values() for each in trained]
        self._held = {name: held[:_HELD_OUT_QUESTIONS] for name, (_, held) in read.items()}
        self._pool = data.pieces([each for both in read.values() for part in both for each in part])
        self._written = data.read_written(written)
        every = [*self._asked, *(each for held in self._held.values() for each in held)]
        self._near = self._nearest([each.question for each in every], home)

    def run(self) -> None:
        """Train, reporting progress; the trained weights are in ``reader.npz`` at the end."""
        steps = [step for epoch in range(self._plan.epochs) for step in self._steps(epoch)]
        parameters = [parameter for parameter in self._model.parameters() if parameter.requires_grad]
        optimiser = torch.optim.AdamW(parameters, lr=self._plan.learning_rate, weight_decay=0.01, fused=True)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda done: _rate(done, len(steps), self._plan))
        first = self._resumed(optimiser, schedule)
        began, seen, losses = time.monotonic(), 0, []
        for number, step in enumerate(steps[first:], first + 1):
            losses.append(self._learn(step, parameters, optimiser))
            schedule.step()
            seen += len(step)
            if number % _REPORT_EVERY == 0:
                speed = seen / (time.monotonic() - began)
                left = sum(map(len, steps[number:])) / speed
                self._log(
                    step=number, of=len(steps), loss=float(np.mean(losses)), pairs_per_s=speed, minutes_left=left / 60
                )
                losses = []
            if number % _SAVE_EVERY == 0 or number == len(steps):
                torch.save(
                    (number, self._model.state_dict(), optimiser.state_dict(), schedule.state_dict()),
                    self._out / CHECKPOINT,
                )
            if number % _SCORE_EVERY == 0 and number < len(steps):
                self._log(step=number, **self.score(_ON_THE_WAY))
        self._log(step=len(steps), **self.score(_HELD_OUT_QUESTIONS))
        pack(self._model.trained(), self._out / WEIGHTS)

    def _steps(self, epoch: int) -> list[Step]:
        """The batches of one epoch: rows of similar length together, the batches in random order."""
        rng = random.Random(self._plan.seed * 1000 + epoch)
        pairs = list(data.positives(self._asked, rng))
        examples = [example for _, example in pairs] + list(data.negatives(pairs, self._near, self._pool, rng))
        examples += self._written * self._plan.written_times
        rng.shuffle(examples)
        examples = [_without_heading(each) if rng.random() < 0.3 else each for each in examples]
        rows = [encode(self._tokenizer, each.question, each.passage) for each in examples]
        groups = list(batches([_stepped(len(row.ids)) for row in rows], tokens=self._plan.batch_tokens))
        rng.shuffle(groups)
        return [[(examples[index], rows[index]) for index in group] for group in groups]

    def _nearest(self, questions: list[str], home: Path) -> dict[str, list[int]]:
        """For each question the nearest passages of the pool; found once, and kept beside the checkpoint."""
        kept = self._out / NEAREST
        if not kept.exists():
            embeddings = create_embeddings("bundled", home=home)
            found = nearest(questions, self._pool, embeddings, wanted=data.NEAREST)
            kept.write_text(json.dumps(found.tolist()))
        rows: list[list[int]] = json.loads(kept.read_text())
        return dict(zip(questions, rows, strict=True))

    def _resumed(self, optimiser: torch.optim.Optimizer, schedule: torch.optim.lr_scheduler.LambdaLR) -> int:
        if not (self._out / CHECKPOINT).exists():
            return 0
        number, model, optimising, scheduling = torch.load(self._out / CHECKPOINT, weights_only=True)
        self._model.load_state_dict(model)
        optimiser.load_state_dict(optimising)
        schedule.load_state_dict(scheduling)
        return int(number)

    def _learn(self, step: Step, parameters: list[Any], optimiser: torch.optim.Optimizer) -> float:
        rows = [row for _, row in step]
        self._model.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            spans, judged = self._model(*_padded(rows))
        loss = _loss(spans, judged, rows, [example for example, _ in step])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        return float(loss.detach())

    def score(self, questions: int) -> dict[str, float]:
        """On so many held-out ``questions`` of each file: EM and F1 on whole paragraphs, and how it tells passages.

        The latter is the AUC of pieces with the answer over the nearest ones without, and over both made from them.
        """
        result = {}
        for name, every in self._held.items():
            held = every[:questions]
            pairs = list(data.positives(held, random.Random(0)))
            wrong = list(data.negatives(pairs, self._near, self._pool, random.Random(0)))
            given = [(self._answer(each), each.answers) for each in held]
            right = self._read([(each.question, each.passage) for _, each in pairs])
            other = self._read([(each.question, each.passage) for each in wrong])
            result[f"{name}.em"] = float(np.mean([scoring.exact(*each) for each in given]))
            result[f"{name}.f1"] = float(np.mean([scoring.f1(*each) for each in given]))
            result[f"{name}.auc"] = scoring.auc([score for score, _ in right], [score for score, _ in other])
        return result

    def _answer(self, asked: data.Asked) -> str:
        """The best span of the piece of the paragraph that answers best."""
        pieces = data.pieces([asked])
        read = self._read([(asked.question, piece) for piece in pieces])
        (_, span), piece = max(zip(read, pieces, strict=True), key=lambda each: each[0][0])
        return piece.text[slice(*span)]

    @torch.no_grad()
    def _read(self, pairs: Sequence[tuple[str, Passage]]) -> list[tuple[float, tuple[int, int]]]:
        """For each pair the logit that the passage answers, and the best span of its text."""
        self._model.eval()
        rows = [encode(self._tokenizer, *pair) for pair in pairs]
        read: dict[int, tuple[float, tuple[int, int]]] = {}
        for group in batches([_stepped(len(row.ids)) for row in rows], tokens=self._plan.batch_tokens):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                spans, judged = self._model(*_padded([rows[index] for index in group]))
            for index, logits, (answers, _) in zip(group, spans.numpy(), judged.tolist(), strict=True):
                read[index] = answers, best_span(logits, rows[index].places)[0]
        return [read[index] for index in range(len(pairs))]

    def _log(self, **values: float) -> None:
        with (self._out / LOG).open("a") as stream:
            stream.write(json.dumps(values) + "\n")
        print("  ".join(f"{name} {value:.4g}" for name, value in values.items()), flush=True)


def _rate(done: int, steps: int, plan: Plan) -> float:
    """The share of the highest learning rate: up over the warm-up, then down in a straight line."""
    warm = max(1, int(steps * plan.warm_up))
    return (done + 1) / warm if done < warm else max(0.02, (steps - done) / max(1, steps - warm))


def _stepped(length: int) -> int:
    """Few different lengths: kernels are compiled anew for every shape of a batch."""
    return -(-length // 64) * 64


def _padded(rows: Sequence[Row]) -> tuple[Tensor, Tensor]:
    length = _stepped(max(len(row.ids) for row in rows))
    ids = torch.ones(len(rows), length, dtype=torch.long)  # 1 is <pad>
    mask = torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)] = torch.tensor(row.ids)
        mask[index, : len(row.ids)] = 1
    return ids, mask


def _loss(spans: Tensor, judged: Tensor, rows: Sequence[Row], examples: Sequence[data.Example]) -> Tensor:
    """Of questions the place of the answer (``<s>`` for none) and whether there is one; of statements their truth."""
    asked = [index for index, each in enumerate(examples) if each.holds is None]
    said = [index for index, each in enumerate(examples) if each.holds is not None]
    total = torch.zeros(())
    if asked:
        readable = torch.tensor(
            [
                [position == 0 or place[0] >= 0 for position, place in enumerate(rows[i].places)]
                + [False] * (spans.shape[1] - len(rows[i].places))
                for i in asked
            ]
        )
        logits = spans[asked].masked_fill(~readable[..., None], -1e4)
        ends = torch.tensor([_tokens(rows[index], examples[index].span) for index in asked])
        found = (ends[:, 0] > 0).float()
        total = total + functional.cross_entropy(logits[..., 0], ends[:, 0]) * len(asked)
        total = total + functional.cross_entropy(logits[..., 1], ends[:, 1]) * len(asked)
        total = total + functional.binary_cross_entropy_with_logits(judged[asked, 0], found, reduction="sum")
    if said:
        true = torch.tensor([float(bool(examples[index].holds)) for index in said])
        total = total + functional.binary_cross_entropy_with_logits(judged[said, 1], true, reduction="sum")
    return total / len(examples)


def _tokens(row: Row, span: tuple[int, int] | None) -> tuple[int, int]:
    """The first and the last token of ``span``; those of ``<s>`` where there is none, or it was cut off."""
    if span is None:
        return 0, 0
    inside = [
        index for index, (start, end) in enumerate(row.places) if start >= 0 and start < span[1] and end > span[0]
    ]
    return (inside[0], inside[-1]) if inside and row.places[inside[-1]][1] >= span[1] else (0, 0)


def _without_heading(example: data.Example) -> data.Example:
    return replace(example, passage=example.passage._replace(heading=""))


if __name__ == "__main__":
    main()
