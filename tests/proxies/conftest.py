"""A server of its own behind each proxy."""
import json
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from harness.server import ROOT, Kiln
from proxies.proxies import ALL, API, OWN_DOMAIN, WORKERS, Certificates
from proxies.visitor import Visitor, settings


@pytest.fixture(scope="module", params=ALL)
def behind(request, tmp_path_factory):
    """kiln, proxy, visitor, and the outer addresses of the API and of a Worker."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "proxy").mkdir()
    proxy = ALL[request.param](folder / "proxy", Certificates(folder))
    config = settings(ROOT, proxy, API, WORKERS).replace("[workers]", f'[workers]\nzones = ["{OWN_DOMAIN}"]')
    kiln = Kiln(folder, config + "[api]\nfailed_auth_per_minute = 3\n[builds]\nconcurrency = 2\n").start()
    try:
        workers = urlsplit(json.loads(kiln.cli("status", "--json").stdout)["workers_url"])
        proxy.start(kiln, workers.port)
        yield SimpleNamespace(kiln=kiln, proxy=proxy, visitor=Visitor(proxy), url=f"https://{API}:{proxy.port}",
                              host_of=lambda label: f"{label}.dev.{WORKERS}")
    finally:
        proxy.stop()
        kiln.stop()
