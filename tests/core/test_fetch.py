"""Fetching a picture, against a real HTTP server on the loopback."""

import base64
import http.server
import io
import threading

import pytest
from PIL import Image

from cnnviz_gui.core import fetch, web
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import ImageError
from cnnviz_gui.core.images import load
from cnnviz_gui.core.request import ImageRef


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (6, 5), (200, 10, 10)).save(buffer, "PNG")
    return buffer.getvalue()


PNG = png()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404)
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://10.0.0.1/picture")
            self.end_headers()
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", str(10 * len(PNG)))
            self.end_headers()
            self.wfile.write(PNG)
        elif self.path == "/huge":
            self.send_response(200)
            self.send_header("Content-Length", str(fetch.MAX_BYTES + 1))
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(fetch.MAX_BYTES // (1 << 16) + 4):
                self.wfile.write(bytes(1 << 16))
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(PNG)))
            self.end_headers()
            self.wfile.write(PNG)

    def log_message(self, *arguments):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, request, address):
        """The client hangs up on purpose."""


@pytest.fixture(scope="module")
def server():
    made = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


def here_only(url):
    return "" if url.startswith("http://127.0.0.1") else "not this machine"


def get(url, folder):
    return fetch.fetch_image(url, str(folder), NullContext(), refuse=here_only)


def test_a_fetched_picture_is_a_file_that_opens(server, tmp_path):
    path = get(f"{server}/cat.png", tmp_path)
    assert path.read_bytes() == PNG
    assert load(ImageRef(path=str(path))).pixels.shape == (5, 6, 3)


def test_the_same_bytes_are_kept_once(server, tmp_path):
    assert get(f"{server}/a", tmp_path) == get(f"{server}/b", tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/missing", "404"),
        ("/away", "refused"),
        ("/cut", "broke off"),
        ("/huge", "20 MB"),
        ("/endless", "20 MB"),
    ],
)
def test_what_goes_wrong_is_said_and_leaves_nothing_behind(server, tmp_path, path, said):
    with pytest.raises(ImageError, match=said):
        get(server + path, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_listens(tmp_path):
    with pytest.raises(ImageError, match="cannot be fetched"):
        get("http://127.0.0.1:1/cat.png", tmp_path)


def test_a_data_address_needs_no_network(tmp_path):
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    path = fetch.fetch_image(url, str(tmp_path / "not" / "there yet"), NullContext())
    assert path.read_bytes() == PNG


@pytest.mark.parametrize(
    "url", ["http://example.org/a.png", "ftp://example.org/a.png", "file:///etc/passwd"]
)
def test_only_https_is_asked(url, tmp_path):
    with pytest.raises(ImageError, match="only https"):
        fetch.fetch_image(url, str(tmp_path), NullContext())


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254"])
def test_a_private_host_is_never_asked(host, tmp_path):
    with pytest.raises(ImageError, match="not a public host"):
        fetch.fetch_image(f"https://{host}/a.png", str(tmp_path), NullContext())


def test_offline_mode_fetches_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "is_public", lambda host: True)
    web.set_offline(True)
    try:
        with pytest.raises(ImageError, match="offline mode is on"):
            fetch.fetch_image("https://example.org/cat.png", str(tmp_path), NullContext())
    finally:
        web.set_offline(False)
