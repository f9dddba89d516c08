from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scale.servers import Served, chroma


@pytest.fixture(scope="module")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real Chroma server, running when a test begins."""
    server = chroma(tmp_path_factory.mktemp("chroma"))
    server.start()
    server.wait()
    yield server
    server.kill()
