"""DOC, WPS, RTF, ODT, PPT and ODP: LibreOffice converts them where it is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path, PurePath

from rag.corpus.formats.detection import OLE
from rag.corpus.loading import LoadedText
from rag.errors import DocumentError, UnsupportedFormatError

_TIMEOUT_S = 50  # what reads a file in a process of its own waits a little longer
_FILTERS = {
    "docx": "docx:MS Word 2007 XML",
    "pptx": "pptx:Impress MS PowerPoint 2007 XML",
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
}
# No macros, no updating of links, nothing fetched that a document refers to.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"""


def load(data: bytes, *, name: str, encoding: str | None = None) -> LoadedText:
    """The text of an older office document, by way of DOCX or PPTX.

    Raises:
        UnsupportedFormatError: LibreOffice is not installed.
        DocumentError: it is encrypted or damaged, or takes LibreOffice too long.
    """
    if is_encrypted(data):
        raise DocumentError(f"{name} is encrypted. Save it without a password.")
    program = shutil.which("soffice") or shutil.which("libreoffice")
    kind = PurePath(name).suffix.lower().lstrip(".").upper() or "such files"
    if program is None:
        raise UnsupportedFormatError(
            f"{name}: {kind} is read with the help of LibreOffice, which is not installed (no soffice on the PATH). "
            "Install it, or save the file as DOCX or PDF first."
        )
    ending, target = _kinds(data, name)
    converted = _convert(program, data, ending=ending, target=target, name=name)
    loaded: LoadedText = import_module(f"rag.corpus.formats.{target}").load(converted, name=name, encoding=encoding)
    return loaded


def is_encrypted(data: bytes) -> bool:
    """Whether a compound file is encrypted as a whole, or its Word document says that it is."""
    if not data.startswith(OLE):
        return False
    if "EncryptedPackage".encode("utf-16-le") in data:
        return True
    # A sector that begins with the mark of a Word document: bit 8 of its flags (MS-DOC 2.5.2, FibBase).
    found = (at for at in range(512, min(len(data) - 12, 2_000_000), 512) if data[at : at + 2] == b"\xec\xa5")
    at = next(found, None)
    return at is not None and bool(data[at + 11] & 1)


def _kinds(data: bytes, name: str) -> tuple[str, str]:
    """The ending that tells LibreOffice what ``data`` is, and the format to convert it to."""
    head = data[:20_000]
    if data.startswith(OLE):
        slides = "PowerPoint Document".encode("utf-16-le") in data
        return ("ppt", "pptx") if slides else ("doc", "docx")
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf", "docx"
    if b"opendocument.presentation" in head:
        return "odp", "pptx"
    if b"opendocument.text" in head:
        return "odt" if data.startswith(b"PK") else "fodt", "docx"
    if b"Excel.Sheet" in head:
        return "xml", "xlsx"
    ending = PurePath(name).suffix.lower().lstrip(".")
    return ("xml" if b"<?mso-application" in head else ending or "doc"), "docx"


def _convert(program: str, data: bytes, *, ending: str, target: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="policy-rag-", ignore_cleanup_errors=True) as folder:
        source, profile = Path(folder, f"source.{ending}"), Path(folder, "profile")
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        source.write_bytes(data)
        command = [
            program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
            "--convert-to", _FILTERS[target], "--outdir", str(Path(folder, "out")), str(source),
        ]  # fmt: skip
        said = _run(command, folder=folder, name=name)
        try:
            return Path(folder, "out", f"source.{target}").read_bytes()
        except OSError as error:
            raise DocumentError(
                f"{name} could not be converted by LibreOffice ({said or 'it said nothing'}): it is damaged or needs a "
                "password. Open it, and save it as DOCX or PDF."
            ) from error


def _run(command: list[str], *, folder: str, name: str) -> str:
    """What the program says; it and all it started are gone afterwards."""
    environment = {**os.environ, "HOME": folder, "SAL_DISABLE_PRINTERLIST": "1"}
    try:
        running = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise DocumentError(
            f"{name}: LibreOffice cannot be started ({error.strerror}). Save it as DOCX or PDF."
        ) from error
    try:
        said, _ = running.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise DocumentError(
            f"{name} keeps LibreOffice busy for more than {_TIMEOUT_S} seconds. Save it as DOCX or PDF."
        ) from error
    finally:
        _kill(running)
    return said.decode("utf-8", "replace").strip()[-200:]


def _kill(running: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
