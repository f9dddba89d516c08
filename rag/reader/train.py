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
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rag.index.bundled_model import ensure_model, model_folder, read_weights, tokenizer
from rag.index.embeddings import create_embeddings
from rag.reader import data
from rag.reader.decoding import best_span
from rag.reader.encoding import Passage, Row, batches, encode
from rag.reader.export import pack
from rag.reader.judging import Judge, Mark, Read, summary, write_marks
from rag.reader.loss import loss_of
from rag.reader.mining import nearest
from rag.reader.model import ReaderModel, padded, stepped
from rag.reader.reader import Reader
from rag.settings import Settings

CHECKPOINT, LOG, NEAREST, WEIGHTS = "checkpoint.pt", "training.jsonl", "nearest.json", "reader.npz"
MARKS, MARKS_INT8 = "marks.jsonl", "marks-int8.jsonl"  # of the held-out questions, as trained and as shipped
_SAVE_EVERY, _SCORE_EVERY, _REPORT_EVERY = 100, 500, 25  # steps
_HELD_OUT_QUESTIONS = 300  # of each file, scored at the end; some of them on the way
_ON_THE_WAY = 80
KINDS = ("nearest", "cut", "changed", "written")

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
    steps: int | None = None  # at most so many, and the learning rate falls over them
    without: tuple[str, ...] = ()  # kinds of negatives that are left out, of ``KINDS``


def main(arguments: Sequence[str] | None = None) -> None:
    usual = Plan()
    parser = argparse.ArgumentParser(description="Train the reader.")
    parser.add_argument("--squad", type=Path, nargs="+", required=True, help="SQuAD-shaped files")
    parser.add_argument("--written", type=Path, nargs="*", default=[], help="passages, questions and statements")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint, the log and the weights")
    parser.add_argument("--epochs", type=int, default=usual.epochs)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--steps", type=int, help="end after so many")
    parser.add_argument("--without", choices=KINDS, nargs="+", default=[], help="kinds of negatives to leave out")
    parser.add_argument("--judge", type=Path, nargs="*", default=[], help="written lines to judge with, not trained on")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    plan = Plan(epochs=given.epochs, seed=given.seed, steps=given.steps, without=tuple(given.without))
    Training(plan, given.squad, given.written, given.out, judge=given.judge).run()


class Training:
    """One run of training in the folder ``out``."""

    def __init__(
        self, plan: Plan, squad: Sequence[Path], written: Sequence[Path], out: Path, *, judge: Sequence[Path] = ()
    ) -> None:
        torch.manual_seed(plan.seed)
        torch.set_flush_denormal(True)  # vanishing gradients would be several times slower than all others
        home = Settings.load().state
        ensure_model(model_folder(home))
        self._plan, self._out = plan, out
        self._shipped = Reader(home, weights=out / WEIGHTS)
        self._tokenizer = tokenizer(model_folder(home))
        self._model = ReaderModel(read_weights(), tokens=self._tokenizer.get_vocab_size())
        read = {path.stem: data.read_squad(path) for path in squad}
        self._asked = [each for trained, _ in read.values() for each in trained]
        self._held = {name: held[:_HELD_OUT_QUESTIONS] for name, (_, held) in read.items()}
        self._pool = data.pieces([each for both in read.values() for part in both for each in part])
        self._written = [each for each in data.read_written(written) if not _left_out(each, plan.without)]
        self._kept = {path.stem: data.read_written([path]) for path in judge}
        every = [*self._asked, *(each for held in self._held.values() for each in held)]
        self._near = self._nearest([each.question for each in every], home)

    def run(self) -> None:
        """Train, reporting progress; the trained weights are in ``reader.npz`` at the end."""
        every = (step for epoch in range(self._plan.epochs) for step in self._steps(epoch))
        steps = list(islice(every, self._plan.steps))
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
                self._log(step=number, **summary(self._judged(self._read, _ON_THE_WAY)))
        pack(self._model.trained(), self._out / WEIGHTS)
        for read, file in ((self._read, MARKS), (self._as_shipped, MARKS_INT8)):
            marks = self._judged(read, _HELD_OUT_QUESTIONS)
            write_marks(marks, self._out / file)
            self._log(step=len(steps), int8=float(file == MARKS_INT8), **summary(marks))

    def _steps(self, epoch: int) -> list[Step]:
        """The batches of one epoch: rows of similar length together, the batches in random order."""
        rng = random.Random(self._plan.seed * 1000 + epoch)
        pairs = list(data.positives(self._asked, rng))
        examples = [example for _, example in pairs] + list(
            data.negatives(pairs, self._near, self._pool, rng, without=self._plan.without)
        )
        examples += self._written * self._plan.written_times
        rng.shuffle(examples)
        examples = [_without_heading(each) if rng.random() < 0.3 else each for each in examples]
        rows = [encode(self._tokenizer, each.question, each.passage) for each in examples]
        groups = list(batches([stepped(len(row.ids)) for row in rows], tokens=self._plan.batch_tokens))
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
            spans, judged = self._model(*padded(rows))
        loss = loss_of(spans, judged, rows, [example for example, _ in step])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        return float(loss.detach())

    def _judged(self, read: Read, questions: int) -> list[Mark]:
        """Marks for so many held-out questions of each file, and for all of the written lines kept apart."""
        judge = Judge(read)
        marks = [mark for name, held in self._held.items() for mark in self._of_squad(judge, name, held[:questions])]
        return marks + [mark for name, kept in self._kept.items() for mark in judge.written(name, kept)]

    def _of_squad(self, judge: Judge, name: str, held: Sequence[data.Asked]) -> list[Mark]:
        right = list(data.positives(held, random.Random(0)))
        wrong = list(data.of_every_kind(right, self._near, self._pool, random.Random(0)))
        return judge.answers(name, held) + judge.pairs(name, [*right, *wrong])

    @torch.no_grad()
    def _read(self, pairs: Sequence[tuple[str, Passage]]) -> list[tuple[float, tuple[int, int]]]:
        """With the model as it is now, in bfloat16."""
        self._model.eval()
        rows = [encode(self._tokenizer, *pair) for pair in pairs]
        read: dict[int, tuple[float, tuple[int, int]]] = {}
        for group in batches([stepped(len(row.ids)) for row in rows], tokens=self._plan.batch_tokens):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                spans, judged = self._model(*padded([rows[index] for index in group]))
            for index, logits, (answers, _) in zip(group, spans.numpy(), judged.tolist(), strict=True):
                read[index] = answers, best_span(logits, rows[index].places)[0]
        return [read[index] for index in range(len(pairs))]

    def _as_shipped(self, pairs: Sequence[tuple[str, Passage]]) -> list[tuple[float, tuple[int, int]]]:
        """With the weights written, as the product reads, in int8."""
        return [(each.answers, each.span) for each in self._shipped.read_pairs(pairs)]

    def _log(self, **values: float) -> None:
        with (self._out / LOG).open("a") as stream:
            stream.write(json.dumps(values) + "\n")
        print("  ".join(f"{name} {value:.4g}" for name, value in values.items()), flush=True)


def _rate(done: int, steps: int, plan: Plan) -> float:
    """The share of the highest learning rate: up over the warm-up, then down in a straight line."""
    warm = max(1, int(steps * plan.warm_up))
    return (done + 1) / warm if done < warm else max(0.02, (steps - done) / max(1, steps - warm))


def _left_out(written: data.Example, without: Sequence[str]) -> bool:
    """Whether it is a question that its passage nearly answers, and those are left out."""
    return "written" in without and written.holds is None and written.span is None


def _without_heading(example: data.Example) -> data.Example:
    return replace(example, passage=example.passage._replace(heading=""))


if __name__ == "__main__":
    main()
