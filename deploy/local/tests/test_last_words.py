import re
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from deploy.local.settings import OWNERS_OF_DATA
from deploy.local.tests.conftest import Start
from shared.embedded.postgres import PostgresServer


def test_a_taken_port_is_named_before_anything_starts(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = start(bare=True, DUET_PORT=str(port))
        assert run.process.wait(30) == 1
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use" in run.everything_said()
    assert not (run.data_dir / "postgres").exists()


def test_a_port_that_another_duet_takes_during_the_start_ends_the_run(start: Start) -> None:
    second = start("two")
    second.wait_for_line("^Starting Duet")  # the port was free until here
    first = HTTPServer(("127.0.0.1", second.port), AlwaysReady)
    Thread(target=first.serve_forever, daemon=True).start()
    try:
        assert second.process.wait(60) == 1
    finally:
        first.shutdown()
        first.server_close()
    said = second.everything_said()
    assert "Duet cannot start: gateway ended with exit code 1." in said
    assert "address already in use" in said.lower()
    assert "Duet is ready" not in said


class AlwaysReady(BaseHTTPRequestHandler):
    """Somebody else's gateway, to a probe."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def test_a_data_directory_in_use_is_refused_and_its_user_left_in_peace(start: Start) -> None:
    first = start().until_ready()
    second = start()
    assert second.process.wait(30) == 1
    assert f"already runs on {first.data_dir} (process {first.process.pid})" in second.everything_said()
    assert first.process.poll() is None


def test_a_data_directory_of_another_postgres_is_refused(start: Start) -> None:
    first = start().until_ready()
    first.stop()
    (first.data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    second = start()
    assert second.process.wait(60) == 1
    assert "was made by PostgreSQL 17 and this is 18" in second.everything_said()


def test_a_given_database_that_does_not_answer_is_named_without_its_password(start: Start) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        run = start(DUET_POSTGRES_URL=f"postgresql://duet:hunter2@127.0.0.1:{port}/duet")
        assert run.process.wait(30) == 1
    said = run.everything_said()
    assert f"PostgreSQL at postgresql://duet:***@127.0.0.1:{port}/duet cannot be used" in said
    assert "hunter2" not in said


def test_a_given_server_without_the_database_says_which_one_to_make(
    start: Start, postgres_server: PostgresServer
) -> None:
    run = start(DUET_POSTGRES_URL=postgres_server.dsn("absent"))
    assert run.process.wait(30) == 1
    assert 'database "absent" does not exist. Make it with createdb.' in run.everything_said()


def test_given_servers_are_used_instead_of_embedded_ones(
    start: Start, empty_database_url: str, redis_url: str
) -> None:
    run = start(DUET_POSTGRES_URL=empty_database_url, DUET_REDIS_URL=redis_url).until_ready()
    assert run.running() == {*OWNERS_OF_DATA, "gateway", "relay-1", "relay-2"}


def test_a_program_that_cannot_start_ends_the_run_with_the_end_of_its_log(start: Start) -> None:
    run = start(DUET_STANDIN_FAULTS="auth=crash")
    assert run.process.wait(60) == 1
    said = run.everything_said()
    assert "Duet cannot start: auth ended with exit code 1." in said
    assert "the database of my dreams is missing" in said
    assert not run.running()


def test_a_program_that_never_gets_ready_ends_the_run_with_its_reason(start: Start) -> None:
    run = start(DUET_STANDIN_FAULTS="game=hopeless")
    assert run.process.wait(60) == 1
    reason = r"game is not ready after \d+ s: HTTP/1.1 503 Service Unavailable for a reason"
    assert re.search(reason, run.everything_said())


def test_a_setting_that_cannot_be_used_is_named(start: Start) -> None:
    run = start(DUET_RELAYS="0")
    assert run.process.wait(30) == 2
    assert "DUET_RELAYS must be a whole number from 1 to 64, not '0'" in run.everything_said()
