"""D1: databases made by a deploy or by hand, statements by wrangler, API and binding, and who may not reach them."""
import json
import os
import signal
import threading
import time

import pytest

from harness.keeping import restored
from harness.server import http
from harness.wrangler import Wrangler
from test_live import workerds
from test_serving import fetch, url_of

WORKER = """export default { async fetch(request, env) {
  const url = new URL(request.url);
  try {
    await env.DB.prepare("CREATE TABLE IF NOT EXISTS kept (k TEXT PRIMARY KEY, v TEXT)").run();
    if (url.pathname === "/put") {
      await env.DB.prepare("INSERT OR REPLACE INTO kept VALUES (?, ?)").bind(url.searchParams.get("k"), url.searchParams.get("v")).run();
      return new Response("kept");
    }
    if (url.pathname === "/batch") {
      const insert = env.DB.prepare("INSERT INTO kept VALUES (?, ?)");
      await env.DB.batch([insert.bind("b1", "1"), insert.bind("b1", "again")]);
    }
    return new Response(String(await env.DB.prepare("SELECT v FROM kept WHERE k = ?").bind(url.searchParams.get("k")).first("v")));
  } catch (error) { return new Response(String(error.message)); }
} };
"""
# Eats processor time for as long as it is let.
SLOW = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < %d) SELECT count(*) FROM c"
KEPT = {"d1_databases": [{"binding": "DB"}]}


def databases(kiln):
    return f"//accounts/{kiln.account}/d1/database"


def make(kiln, name):
    return kiln.call("POST", databases(kiln), {"name": name}).result["uuid"]


def query(kiln, database, sql, *params, **more):
    return kiln.call("POST", f"{databases(kiln)}/{database}/query", {"sql": sql, "params": list(params)}, **more)


def rows(kiln, database, sql, *params):
    return query(kiln, database, sql, *params).result[-1]["results"]


@pytest.fixture
def wrangler(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.write(**{"index.js": WORKER})
    return wrangler


def test_a_binding_without_an_id_gets_a_database_and_finds_it_again(kiln, wrangler, name):
    wrangler.configure(**KEPT)
    before = {database["uuid"] for database in kiln.get(databases(kiln)).result}
    wrangler.run("deploy")
    (made,) = [database for database in kiln.get(databases(kiln)).result if database["uuid"] not in before]
    assert made["name"] == f"{name}-db"
    site = url_of(kiln, name)
    assert fetch(kiln, site + "put?k=a&v=one")[2] == "kept"
    wrangler.write(**{"index.js": WORKER + "// again\n"})
    wrangler.run("deploy")
    assert {database["uuid"] for database in kiln.get(databases(kiln)).result} == before | {made["uuid"]}
    assert fetch(kiln, site + "?k=a")[2] == "one"
    assert "UNIQUE constraint failed" in fetch(kiln, site + "batch")[2]
    assert fetch(kiln, site + "?k=b1")[2] == "null", "a batch is taken whole or not at all"
    assert rows(kiln, made["uuid"], "SELECT * FROM kept") == [{"k": "a", "v": "one"}]
    assert wrangler.bindings()["DB"] == {"type": "d1", "name": "DB", "id": made["uuid"]}


def test_a_push_deploys_a_worker_with_d1_untouched(kiln, repo, name):
    repo.commit({"index.js": WORKER, "wrangler.jsonc": json.dumps(
        {"name": name, "main": "index.js", "compatibility_date": "2026-11-01"} | KEPT)})
    kiln.connect(repo.bare, name)
    build = kiln.wait(repo.push()[0])
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(build["build_uuid"]))
    assert fetch(kiln, url_of(kiln, name) + "put?k=k&v=v")[2] == "kept"


def test_wrangler_d1_does_all_that_it_offers(kiln, wrangler, name):
    db = f"{name}-hand"
    wrangler.run("d1", "create", db)
    listed = json.loads(wrangler.run("d1", "list", "--json").text)
    (uuid,) = [one["uuid"] for one in listed if one["name"] == db]
    assert uuid in wrangler.run("d1", "info", db).text
    execute = ["d1", "execute", db, "--remote", "--yes", "--json"]
    wrangler.run(*execute, "--command", "CREATE TABLE a (x INTEGER, t TEXT); INSERT INTO a VALUES (1, 'it''s; so')")
    (read,) = json.loads(wrangler.run(*execute, "--command", "SELECT * FROM a").text)
    assert read["results"] == [{"x": 1, "t": "it's; so"}] and read["meta"]["duration"] > 0
    assert "no such table: none" in wrangler.run(*execute, "--command", "SELECT * FROM none", fails=True).text
    wrangler.write(**{"in.sql": "-- a file; of mine\nINSERT INTO a VALUES (2, 'two');\nCREATE TRIGGER t AFTER DELETE ON a BEGIN\n"
                                "  INSERT INTO a VALUES (old.x + 10, 'gone'); END;\nDELETE FROM a WHERE x = 1;\n",
                      "bad.sql": "INSERT INTO a VALUES (3, 'three'); INSERT INTO none VALUES (1);"})
    told = wrangler.run("d1", "execute", db, "--remote", "--yes", "--file", "in.sql").text
    assert "Executed 3 queries" in told, told
    assert "no such table: none" in wrangler.run("d1", "execute", db, "--remote", "--yes", "--file", "bad.sql", fails=True).text
    assert rows(kiln, uuid, "SELECT x FROM a ORDER BY x") == [{"x": 2}, {"x": 11}]
    wrangler.run("d1", "export", db, "--remote", "--output", "out.sql")
    dumped = (wrangler.folder / "out.sql").read_text()
    assert "CREATE TABLE a (x INTEGER, t TEXT);" in dumped and "VALUES(2,'two');" in dumped and "CREATE TRIGGER t" in dumped
    copy = make(kiln, name + "-copy")
    wrangler.run("d1", "execute", name + "-copy", "--remote", "--yes", "--file", "out.sql")
    assert rows(kiln, copy, "SELECT * FROM a ORDER BY x") == rows(kiln, uuid, "SELECT * FROM a ORDER BY x")
    assert "time travel" in wrangler.run("d1", "time-travel", "info", db, fails=True).text
    wrangler.run("d1", "delete", db, "--skip-confirmation")
    assert kiln.get(f"{databases(kiln)}/{uuid}").error[:2] == (404, 7404)
    assert not list((kiln.data / "d1").glob(uuid + "*")), "its disk is given back"


def test_migrations_are_applied_once(kiln, wrangler, name):
    uuid = make(kiln, name)
    wrangler.configure(d1_databases=[{"binding": "DB", "database_name": name, "database_id": uuid}])
    wrangler.write(**{"migrations/0001_posts.sql": "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT);\n",
                      "migrations/0002_more.sql": "INSERT INTO posts (title) VALUES ('one; two');\nINSERT INTO posts (title) VALUES ('x');"})
    assert "0002_more.sql" in wrangler.run("d1", "migrations", "list", name, "--remote").text
    wrangler.run("d1", "migrations", "apply", name, "--remote")
    assert rows(kiln, uuid, "SELECT title FROM posts ORDER BY id") == [{"title": "one; two"}, {"title": "x"}]
    assert "No migrations to apply" in wrangler.run("d1", "migrations", "apply", name, "--remote").text
    assert [row["name"] for row in rows(kiln, uuid, "SELECT name FROM d1_migrations ORDER BY id")] == ["0001_posts.sql", "0002_more.sql"]


@pytest.mark.parametrize("release", ["4.125", "3.114"])
def test_older_wranglers_do_too(kiln, tmp_path, name, release):
    wrangler = Wrangler(kiln, tmp_path, name, release)
    wrangler.write(**{"index.js": WORKER, "in.sql": "CREATE TABLE a (x); INSERT INTO a VALUES (1);"})
    uuid = make(kiln, name)
    wrangler.configure(d1_databases=[{"binding": "DB", "database_name": name, "database_id": uuid}])
    wrangler.run("deploy")
    wrangler.run("d1", "execute", name, "--remote", "--yes", "--file", "in.sql")
    assert '"x": 1' in wrangler.run("d1", "execute", name, "--remote", "--json", "--command", "SELECT * FROM a").text
    assert fetch(kiln, url_of(kiln, name) + "put?k=a&v=one")[2] == "kept"


def test_the_api_answers_and_refuses_in_words(kiln, name):
    database = make(kiln, name)
    at = f"{databases(kiln)}/{database}"
    assert kiln.call("POST", databases(kiln), {"name": name}).error[:2] == (400, 7502)
    assert kiln.call("POST", databases(kiln), {"name": "a b"}).error[:2] == (400, 7400)
    assert kiln.get(f"{databases(kiln)}/none").error[:2] == (404, 7404)
    assert kiln.get(f"{databases(kiln)}/{name}").result["uuid"] == database
    assert kiln.call("POST", f"{at}/query", {}).error[:2] == (400, 7400)
    assert query(kiln, database, "-- nothing").error[:2] == (400, 7500)
    status, code, words = query(kiln, database, "SELECT * FROM none").error
    assert (status, code) == (400, 7500) and "no such table: none" in words
    assert "one statement" in query(kiln, database, "SELECT ?; SELECT ?", 1).error[2]
    made = kiln.call("POST", f"{at}/query", {"batch": [{"sql": "CREATE TABLE a (x)"}, {"sql": "INSERT INTO a VALUES (?)", "params": [0.1]}]})
    assert [one["success"] for one in made.result] == [True, True]
    assert query(kiln, database, "INSERT INTO a VALUES (2); INSERT INTO none VALUES (1)").error[1] == 7500
    raw = kiln.call("POST", f"{at}/raw", {"sql": "SELECT x, x'0102' AS b, NULL AS n FROM a"}).result
    assert raw[0]["results"] == {"columns": ["x", "b", "n"], "rows": [[0.1, [1, 2], None]]}
    assert kiln.get(f"{databases(kiln)}?name={name}&per_page=1").result[0]["file_size"] > 0
    assert kiln.call("POST", f"{at}/import", {"action": "ingest", "filename": "0" * 32}).error[0] == 404
    assert kiln.call("POST", f"{at}/import", {"action": "poll"}).error[:2] == (400, 7400)
    url = kiln.call("POST", f"{at}/import", {"action": "init", "etag": "0" * 32}).result["upload_url"]
    assert http("PUT", url, b"SELECT 1").status == 400, "it is not what was announced"
    assert http("PUT", url[:-1], b"SELECT 1").status == 404
    assert "time travel" in kiln.get(f"{at}/time_travel/bookmark").error[2]


def test_another_account_reaches_nothing(kiln, wrangler, name):
    database = make(kiln, name)
    query(kiln, database, "CREATE TABLE secret (x)")
    other = kiln.cli("account", "create", "--name", f"{name} other").stdout.strip()
    token = kiln.cli("token", "create", "--name", "other", "--account", other,
                     "--permissions", "scripts:read,scripts:write").stdout.strip()
    foreign = f"//accounts/{other}/d1/database"
    assert query(kiln, database, "SELECT 1", token=token).error[0] == 403
    assert kiln.call("POST", f"{foreign}/{database}/query", {"sql": "SELECT 1"}, token=token).error[:2] == (404, 7404)
    assert kiln.get(foreign, token=token).result == []
    wrangler.configure(d1_databases=[{"binding": "DB", "database_name": "x", "database_id": "11111111-1111-4111-8111-111111111111"}])
    words = wrangler.run("deploy", fails=True).text
    assert "names the D1 database" in words and "wrangler d1 create" in words, words


def test_a_preview_branch_sees_no_live_rows_in_its_build_or_in_its_worker(kiln, repo, name):
    database = make(kiln, name)
    config = json.dumps({"name": name, "main": "index.js", "compatibility_date": "2026-11-01",
                         "d1_databases": [{"binding": "DB", "database_name": name, "database_id": database}]})
    repo.commit({"index.js": WORKER, "wrangler.jsonc": config, "ask.mjs": ""})
    kiln.connect(repo.bare, name, build_command="node ask.mjs", deploy_command="npx wrangler deploy")
    kiln.wait(repo.push()[0])
    assert fetch(kiln, url_of(kiln, name) + "put?k=k&v=live")[2] == "kept"
    repo.commit({"ask.mjs": f"""
      const at = process.env.CLOUDFLARE_API_BASE_URL + "/accounts/" + process.env.CLOUDFLARE_ACCOUNT_ID + "/d1/database/{database}";
      const headers = {{ authorization: "Bearer " + process.env.CLOUDFLARE_API_TOKEN }};
      for (const action of ["query", "export", "import"])
        console.log(`${{action}} ${{(await fetch(at + "/" + action, {{ headers, method: "POST", body: JSON.stringify({{sql: "SELECT 1"}}) }})).status}}`);
    """}, branch="feature/x")
    build = kiln.wait(repo.push()[0])
    log = "\n".join(kiln.build_log(build["build_uuid"]))
    assert build["build_outcome"] == "success", log
    assert "query 403" in log and "export 403" in log and "import 403" in log, log
    preview = build["preview_alias_url"].rstrip("/")
    assert fetch(kiln, preview + "/?k=k")[2] == "null"
    assert fetch(kiln, preview + "/put?k=k&v=strange")[2] == "kept"
    assert fetch(kiln, preview + "/?k=k")[2] == "strange"
    assert fetch(kiln, url_of(kiln, name) + "?k=k")[2] == "live"


def test_a_database_takes_no_more_than_it_may(fresh_kiln, name):
    kiln = fresh_kiln("[workers]\nd1_database_size = \"1MiB\"\n")
    database = make(kiln, name)
    query(kiln, database, "CREATE TABLE a (x)")
    fill = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 900) INSERT INTO a SELECT randomblob(1000) FROM c"
    assert query(kiln, database, fill).status == 200
    assert "Exceeded maximum DB size" in query(kiln, database, fill).error[2]
    assert rows(kiln, database, "SELECT count(*) AS n FROM a") == [{"n": 900}]
    assert query(kiln, database, "DELETE FROM a WHERE rowid < 500").status == 200, "what frees room is taken"


def test_a_slow_statement_holds_up_nobody_elses(kiln, name):
    slow, quick = make(kiln, name + "-slow"), make(kiln, name + "-quick")
    query(kiln, slow, "SELECT 1"), query(kiln, quick, "SELECT 1")
    over = threading.Event()
    thread = threading.Thread(target=lambda: (query(kiln, slow, SLOW % 20_000_000), over.set()))
    began = time.monotonic()
    thread.start()
    taken = []
    while not over.is_set() and len(taken) < 200:
        before = time.monotonic()
        query(kiln, quick, "SELECT 1")
        taken.append(time.monotonic() - before)
    thread.join()
    slowest = time.monotonic() - began
    print(f"{len(taken)} statements beside one of {slowest:.1f} s, the slowest {max(taken):.3f} s")
    assert max(taken) < slowest / 2


def test_what_was_acknowledged_survives_kill_9_of_both(fresh_kiln, name):
    kiln = fresh_kiln("")
    database = make(kiln, name)
    query(kiln, database, "CREATE TABLE a (x INTEGER PRIMARY KEY)")
    at = f"{kiln.api}/accounts/{kiln.account}/d1/database/{database}/query"
    auth = {"authorization": f"Bearer {kiln.token}", "content-type": "application/json"}
    acknowledged = []
    marks = {100: threading.Event(), 200: threading.Event()}

    def write(writer):
        for n in range(1000):
            try:
                if http("POST", at, json.dumps({"sql": "INSERT INTO a VALUES (?)", "params": [writer * 1000 + n]}).encode(), auth).status == 200:
                    acknowledged.append(writer * 1000 + n)
            except OSError:
                return
            for mark, event in marks.items():
                if len(acknowledged) >= mark:
                    event.set()

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for writer in writers:
        writer.start()
    assert marks[100].wait(60)
    running = workerds(kiln)
    assert running, "the database has a process"
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    assert marks[200].wait(60)
    kiln.kill9()
    for writer in writers:
        writer.join()
    kiln.start()
    kept = {row["x"] for row in rows(kiln, database, "SELECT x FROM a")}
    assert len(acknowledged) >= 200 and set(acknowledged) - kept == set()


def test_a_backup_holds_databases(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln("")
    database = make(kiln, name)
    query(kiln, database, "CREATE TABLE a (x); INSERT INTO a VALUES (1), (2)")
    kiln.cli("backup", tmp_path / "backup", "--with-key")
    query(kiln, database, "DELETE FROM a")
    copy = restored(tmp_path / "backup", tmp_path / "copy").start()
    try:
        assert rows(copy, database, "SELECT x FROM a") == [{"x": 1}, {"x": 2}]
        assert query(copy, database, "INSERT INTO a VALUES (3)").status == 200
    finally:
        copy.stop()


def test_files_of_a_newer_runtime_are_left_alone(fresh_kiln, name):
    kiln = fresh_kiln("[workers]\nidle_seconds = 1\n")
    database = make(kiln, name)
    query(kiln, database, "CREATE TABLE a (x)")
    kiln.stop()
    (kiln.data / "d1" / database / "workerd").write_text("9999-01-01")
    kiln.start()
    assert query(kiln, database, "SELECT * FROM a").error[0] == 502
    assert "was written by workerd 9999-01-01" in kiln.log()
