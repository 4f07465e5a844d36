"""How a run's test files are spread over its processes, so that no file is what all others wait for: the longest begin first, and a file
whose tests come once for each proxy or the like, with a server for each, is as many pieces. For `-n N --dist loadfile`."""

# Files that take long, the longest first, as pytest names them. Whoever is not here comes behind them.
LONGEST = [
    "proxies/test_proxies.py",
    "test_cf.py",
    "test_forges_inbound.py",
    "crash/test_kills.py",
    "test_limits.py",
    "test_openapi_answers.py",
    "test_shapes.py",
    "test_walkthrough.py",
    "test_crash.py",
    "admission/test_admission.py",
    "page/test_page_states.py",
    "page/test_page_server.py",
    "test_credentials.py",
    "test_polling_git.py",
    "test_local.py",
    "test_submodules.py",
    "test_forge_hosts.py",
    "test_events.py",
    "wrangler/test_wrangler_versions.py",
    "wrangler/test_wrangler_deploys.py",
]
IN_PIECES = ["proxies/test_proxies.py"]


def place_of(nodeid):
    """Where a test's file stands in the run; equal for those that are not long."""
    file = nodeid.partition("::")[0]
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


def piece_of(nodeid):
    """What stays together in one process."""
    file, _, test = nodeid.partition("::")
    return f"{file} {test.rpartition('[')[2]}" if file in IN_PIECES else file


def scheduler(config, log):
    """xdist's own for `loadfile`, of these pieces."""
    from xdist.scheduler import LoadFileScheduling

    class Balanced(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return piece_of(nodeid)

    return Balanced(config, log)
