"""How far what the model says of a batch is from what it should say."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from rag.reader.data import Example
from rag.reader.encoding import Row


def loss_of(spans: Tensor, judged: Tensor, rows: Sequence[Row], examples: Sequence[Example]) -> Tensor:
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
