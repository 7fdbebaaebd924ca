"""The gate before the studio, by plain HTTP against the real process."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.datastructures import Headers

from app.security import refusal
from tests.studio_process import Running, start_studio, stop_studio

HOST = "127.0.0.1:7860"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start_studio(tmp_path_factory.mktemp("gate") / "home")
    yield running
    stop_studio(running)


@pytest.fixture
def client(studio: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=studio.url, trust_env=False) as opened:
        yield opened


def test_a_spoofed_host_is_refused(client: httpx.Client) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 403
    assert client.get("/config", headers={"host": "evil.example:7860"}).status_code == 403


def test_a_foreign_origin_is_refused_and_gets_no_leave_to_read(client: httpx.Client) -> None:
    answer = client.get("/api/library", headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_another_port_of_this_machine_is_another_site(client: httpx.Client) -> None:
    assert client.get("/api/library", headers={"origin": "http://127.0.0.1:9999"}).status_code == 403
    assert client.get("/api/library", headers={"origin": str(client.base_url).rstrip("/")}).status_code == 200


def test_a_blind_upload_from_another_site_is_refused(client: httpx.Client) -> None:
    answer = client.post(
        "/gradio_api/upload", files={"files": ("a.txt", b"x")}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


def test_a_write_that_is_not_json_is_refused(client: httpx.Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert (
            client.post("/api/samples/novel", content=b"{}", headers={"content-type": kind}).status_code
            == 403
        )
    assert client.get("/api/library").json()["projects"] == []


def test_every_answer_forbids_foreign_loads(client: httpx.Client) -> None:
    for path in ("/", "/api/library", "/lw/js/dom.js"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_nothing_but_styles_scripts_and_fonts_is_served_from_the_assets(client: httpx.Client) -> None:
    assert client.get("/lw/css/base.css").status_code == 200
    assert client.get("/lw/fonts/OFL.txt").status_code == 200
    for path in ("catalogue.toml", "prompts/section.en.jinja", "__init__.py", "css/../catalogue.toml"):
        assert client.get(f"/lw/{path}").status_code == 404


def test_the_library_file_is_not_served(client: httpx.Client, studio: Running) -> None:
    for path in (f"/gradio_api/file={studio.home.library}", "/openapi.json", "/monitoring/summary"):
        assert client.get(path).status_code in (403, 404, 405), path


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:7860", "[::1]:7860"])
def test_the_names_of_this_machine_pass(host: str) -> None:
    assert refusal("GET", "/", Headers({"host": host})) is None


@pytest.mark.parametrize("host", ["", "0.0.0.0:7860", "127.0.0.1.evil.example", "localhost.evil.example:80"])
def test_names_that_only_look_like_it_do_not(host: str) -> None:
    assert refusal("GET", "/", Headers({"host": host})) is not None


def test_a_link_from_elsewhere_may_open_a_page_but_not_post() -> None:
    linked = {"host": HOST, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert refusal("GET", "/write", Headers(linked)) is None
    assert refusal("POST", "/api/draft", Headers(linked | {"content-type": "application/json"})) is not None


def test_all_pages_answer_with_our_styles(client: httpx.Client) -> None:
    for path in ("/", "/plan", "/write", "/models"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "/lw/css/base.css" in answer.text
