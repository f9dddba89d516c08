"""The guard the other tests rely on really refuses; 192.0.2.1 is reserved for documentation (RFC 5737)."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from network_guard import OutgoingConnectionError
from pytest_socket import SocketConnectBlockedError


def test_a_connection_to_a_public_address_is_refused() -> None:
    with socket.socket() as client, pytest.raises(SocketConnectBlockedError, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


@pytest.mark.parametrize("host", ["policy-rag.invalid", "192.0.2.1"])
def test_a_lookup_is_refused_and_recorded(host: str, outgoing: list[str]) -> None:
    with pytest.raises(OutgoingConnectionError, match=host):
        socket.getaddrinfo(host, 443)
    assert outgoing == [host]
    outgoing.clear()


def test_a_datagram_is_refused_and_recorded(outgoing: list[str]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(OutgoingConnectionError):
        client.sendto(b"?", ("192.0.2.1", 53))
    assert outgoing == ["192.0.2.1"]
    outgoing.clear()


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(("localhost", server.getsockname()[1])) as client:
            client.sendall("政策".encode())
        connection, _ = server.accept()
        with connection:
            assert connection.recv(16).decode() == "政策"


def test_unix_sockets_are_open(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
        assert client.getpeername() == str(tmp_path / "s")


def test_a_command_that_a_test_starts_is_guarded(command_environment: dict[str, str]) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80))"
    result = subprocess.run([sys.executable, "-c", code], env=command_environment, capture_output=True, text=True)
    log = Path(command_environment["NETWORK_GUARD_LOG"])
    assert (result.returncode, log.read_text(encoding="utf-8")) == (1, "192.0.2.1\n")
    assert "OutgoingConnectionError" in result.stderr
    log.unlink()
