"""A PostgreSQL server for as long as it is needed: its own folder, its own port, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def server() -> Iterator[str]:
    """Address of a running server, `HOST:PORT`; everybody there is who they say they are.

    Raises
    ------
    FileNotFoundError
        If PostgreSQL is not installed.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(programs[-1]) if programs else shutil.which("initdb")
    if initdb is None:
        raise FileNotFoundError("PostgreSQL is missing (Debian: apt-get install postgresql)")
    # PostgreSQL does not run as root; its Debian package brings an account for it.
    account = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="bush-postgres-"))
    if account:
        shutil.chown(folder, account, account)
    as_account = {"user": account, "group": account, "extra_groups": []} if account else {}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    subprocess.run(
        [initdb, "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
        check=True, capture_output=True, cwd=folder, **as_account,
    )  # fmt: skip
    running = subprocess.Popen(
        [Path(initdb).with_name("postgres"), "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
         "-c", f"unix_socket_directories={folder}", "-c", "fsync=off", "-c", "max_connections=60"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **as_account,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield f"127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(folder, ignore_errors=True)


def database(address: str, name: str, *logins: str, like: str = "template1") -> None:
    """Make a database, a copy of `like`, that the logins, made too where missing, may make schemas in."""
    with psycopg.connect(f"postgresql://postgres@{address}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        for login in logins:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone() is None:
                connection.execute(f'CREATE ROLE "{login}" LOGIN')
            connection.execute(f'GRANT CREATE ON DATABASE "{name}" TO "{login}"')


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=1).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("PostgreSQL did not start")
