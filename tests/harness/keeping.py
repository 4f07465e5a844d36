"""A server with Workers whose builds are cheap, and what `kiln restore` makes of its backups."""
import subprocess

from .githost import Repo
from .server import KILN, Kiln

# Uploads one version without wrangler, whose start would be most of the build.
DEPLOY_SH = """about='{"main_module": "index.js", "compatibility_date": "2025-05-01"}'
echo "export default { fetch() { return new Response('$WORKERS_CI_COMMIT_SHA'); } };" > index.js
curl -sS --fail-with-body -X PUT -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -F "metadata=$about;type=application/json" \\
  -F "index.js=@index.js;type=application/javascript+module" \\
  "$CLOUDFLARE_API_BASE_URL/accounts/$CLOUDFLARE_ACCOUNT_ID/workers/scripts/$1" > answer || { cat answer; exit 1; }
echo deployed
"""


def cheap_repo(kiln, folder, name, build="true"):
    """A connected repository whose builds run `build` and upload a version."""
    repo = Repo(folder, name)
    repo.commit({"deploy.sh": DEPLOY_SH, "wrangler.jsonc": f'{{ "name": "{name}", "main": "index.js", "compatibility_date": "2025-05-01" }}\n'})
    kiln.connect(repo.bare, name, build_command=build, deploy_command=f"sh deploy.sh {name}")
    return repo


def run_restore(archive, data, *words):
    return subprocess.run([KILN, "restore", str(archive), "--data-dir", str(data), *map(str, words)], capture_output=True, text=True,
                          timeout=120, stdin=subprocess.DEVNULL)


def restored(archive, folder, config="", *words):
    """A server, not started, over a new data directory with this backup in it."""
    folder.mkdir()
    kiln = Kiln(folder, config)
    done = run_restore(archive, kiln.data, *words)
    assert done.returncode == 0, done.stderr
    kiln.words = done.stdout + done.stderr
    return kiln
