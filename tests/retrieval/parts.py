from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

LETTERS = "温州到年的城市化率目标是多少第一二三条本办法老人用餐补助政务云平台迁移"
MOST_TOKENS = 64


def write_cross_encoder(folder: Path, *, labels: int = 1, letters: str = LETTERS, unknown: str = "") -> Path:
    """A cross-encoder of two tiny layers with random weights, always the same; one token for each of ``letters``.

    The tokenizer has tokens for the letters of ``unknown`` too, which the network does not know.
    """
    torch.manual_seed(0)
    model = BertForSequenceClassification(_config(letters, num_labels=labels))
    with torch.no_grad():  # so that scores differ, and lie on both sides of one half
        model.classifier.weight.mul_(10)
        model.classifier.bias.fill_(-7)
    model.save_pretrained(folder)
    return _write_tokenizer(folder, letters + unknown)


def write_encoder(folder: Path) -> Path:
    """The same without a head: it gives vectors, and no score."""
    BertModel(_config(LETTERS)).save_pretrained(folder)
    return _write_tokenizer(folder, LETTERS)


def _config(letters: str, **options: int) -> BertConfig:
    return BertConfig(
        vocab_size=5 + len(letters),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=MOST_TOKENS,
        initializer_range=0.25,
        **options,
    )


def _write_tokenizer(folder: Path, letters: str) -> Path:
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]), "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder
