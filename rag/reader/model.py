"""The reader in torch, for training: the bundled encoder, and what it says of a question and a passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rag.index.e5_weights import Weights
from rag.reader.encoding import Row

_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_NORMS = ("aln", "oln")
FROZEN = 4  # lowest layers that stay those of the bundled encoder: a third less work, and smaller files


class ReaderModel(nn.Module):
    """multilingual-e5-small with two heads; its word embeddings and lowest layers are not trained.

    ``forward`` takes int64 ``ids`` and ``mask`` (batch, length) and gives fp32 ``spans`` (batch, length, 2), the logits
    of each token being the first and the last of the answer, and ``judged`` (batch, 2): the logits that the passage
    answers the question, and that it supports the statement read in place of one.
    """

    def __init__(self, weights: Weights, *, tokens: int) -> None:
        super().__init__()
        from transformers import BertConfig, BertModel  # importing it makes a folder

        shape = weights.shape
        config = BertConfig(
            vocab_size=tokens,
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=shape.ffn,
            max_position_embeddings=shape.positions,
            type_vocab_size=shape.types,
            layer_norm_eps=shape.epsilon,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.encoder.load_state_dict(_state(weights, tokens=tokens))
        self.encoder.embeddings.requires_grad_(False)
        self.encoder.encoder.layer[:FROZEN].requires_grad_(False)
        self.spans = nn.Linear(shape.hidden, 2)
        self.judged = nn.Linear(shape.hidden, 2)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.spans(states).float(), self.judged(states[:, 0]).float()

    def trained(self) -> dict[str, np.ndarray[Any, Any]]:
        """What differs from the bundled encoder, by the names of its own tensors: the upper layers, and the heads."""
        layers = {}
        for index, layer in list(enumerate(self.encoder.encoder.layer))[FROZEN:]:
            parts = dict(layer.named_parameters())
            for short, name in _NAMES.items():
                for kind, parameter in (("w", "weight"), ("b", "bias")):
                    layers[f"l{index}.{short}.{kind}"] = parts[f"{name}.{parameter}"]
        heads = {f"{head}.{name}": value for head in ("spans", "judged") for name, value in _head(self, head)}
        return {name: value.detach().float().numpy() for name, value in {**layers, **heads}.items()}


def stepped(length: int) -> int:
    """Few different lengths: kernels are compiled anew for every shape of a batch."""
    return -(-length // 64) * 64


def padded(rows: Sequence[Row]) -> tuple[Tensor, Tensor]:
    """The int64 ``ids`` and ``mask`` of ``rows``, as long as the longest."""
    length = stepped(max(len(row.ids) for row in rows))
    ids = torch.ones(len(rows), length, dtype=torch.long)  # 1 is <pad>
    mask = torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)] = torch.tensor(row.ids)
        mask[index, : len(row.ids)] = 1
    return ids, mask


def _head(model: ReaderModel, name: str) -> list[tuple[str, Tensor]]:
    head = getattr(model, name)
    return [("w", head.weight), ("b", head.bias)]


def _state(weights: Weights, *, tokens: int) -> dict[str, Tensor]:
    """The encoder's weights under the names of transformers."""
    shape = weights.shape
    state = {
        "embeddings.word_embeddings.weight": weights.matrix("emb.word", shape.hidden).dense()[:tokens],
        "embeddings.position_embeddings.weight": weights.vector("emb.pos").reshape(-1, shape.hidden),
        "embeddings.token_type_embeddings.weight": weights.vector("emb.type").reshape(-1, shape.hidden),
        "embeddings.LayerNorm.weight": weights.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.vector("emb.ln.b"),
    }
    for index in range(shape.layers):
        for short, name in _NAMES.items():
            prefix = f"encoder.layer.{index}.{name}"
            columns = shape.ffn if short == "fo" else shape.hidden
            tensor = f"l{index}.{short}.w"
            state[f"{prefix}.weight"] = (
                weights.vector(tensor) if short in _NORMS else weights.matrix(tensor, columns).dense()
            )
            state[f"{prefix}.bias"] = weights.vector(f"l{index}.{short}.b")
    return {name: torch.from_numpy(np.array(value, np.float32)) for name, value in state.items()}
