"""What a build's own token gets out of the server's API."""
import json
import os
import urllib.error
import urllib.request

from probing import probe

BOUNDARY = "edge"


def _ask(victims, method, path, body=None, kind="application/json", token=None):
    """The status."""
    base = os.environ["CLOUDFLARE_API_BASE_URL"]
    request = urllib.request.Request(base + path, data=body, method=method, headers={
        "authorization": f"Bearer {token or os.environ['CLOUDFLARE_API_TOKEN']}", "content-type": kind})
    try:
        with urllib.request.urlopen(request, timeout=15) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _upload(victims, method, tail):
    about = json.dumps({"main_module": "index.js", "compatibility_date": "2025-05-01"})
    parts = (("metadata", "", about), ("index.js", '; filename="index.js"\r\nContent-Type: application/javascript+module',
                                       "export default { fetch() { return new Response('stolen'); } };"))
    body = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{text}\r\n'
                   for name, more, text in parts) + f"--{BOUNDARY}--\r\n"
    path = f"/accounts/{victims['account']}/workers/scripts/{victims['neighbour']}{tail}"
    status, _ = _ask(victims, method, path, body.encode(), f"multipart/form-data; boundary={BOUNDARY}")
    return f"{method} {tail} was answered {status}" if status < 300 else None


@probe("deploying-another-worker")
def deploy(victims):
    return _upload(victims, "PUT", "")


@probe("a-secret-for-another-worker")
def secret(victims):
    body = json.dumps({"name": "STOLEN", "text": "x", "type": "secret_text"}).encode()
    status, _ = _ask(victims, "PUT", f"/accounts/{victims['account']}/workers/scripts/{victims['neighbour']}/secrets", body)
    return f"was answered {status}" if status < 300 else None


@probe("uploading-a-version-of-another-worker")
def version(victims):
    return _upload(victims, "POST", "/versions")


@probe("making-a-build-token")
def tokens(victims):
    body = json.dumps({"build_token_name": "mine", "build_token_secret": "x" * 20, "cloudflare_token_id": "ab"}).encode()
    status, _ = _ask(victims, "POST", f"/accounts/{victims['account']}/builds/tokens", body)
    return f"was answered {status}" if status < 300 else None


@probe("changing-anothers-trigger")
def trigger(victims):
    body = json.dumps({"build_command": "id"}).encode()
    path = f"/accounts/{victims['account']}/builds/triggers/{victims['neighbour_trigger']}"
    status, _ = _ask(victims, "PATCH", path, body)
    return f"was answered {status}" if status < 300 else None


@probe("cancelling-anothers-build")
def cancel(victims):
    path = f"/accounts/{victims['account']}/builds/builds/{victims['neighbour_build']}/cancel"
    status, _ = _ask(victims, "PUT", path)
    return f"was answered {status}" if status < 300 else None


@probe("reading-anothers-log")
def log(victims):
    path = f"/accounts/{victims['account']}/builds/builds/{victims['neighbour_build']}/logs"
    status, text = _ask(victims, "GET", path)
    return "read it" if status == 200 and victims["log_secret"].encode() in text else None


@probe("another-account")
def account(victims):
    token = os.environ.get("OTHER_ACCOUNT_TOKEN")  # the control's, which is allowed to
    for path in ("/builds/tokens", "/workers/scripts", f"/builds/workers/{victims['other_tag']}/builds",
                 f"/builds/builds/{victims['other_build']}"):
        status, _ = _ask(victims, "GET", f"/accounts/{victims['other_account']}{path}", token=token)
        if status == 200:
            return f"GET {path}"
    return None
