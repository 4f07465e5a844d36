"""Repositories that are asked for their heads, and the builds that come of it: `kiln repository list` until it says what is waited for."""
from .waiting import until

BUILD = {"build_command": "echo built", "deploy_command": "true", "preview_deploy_command": "true"}


def repository(kiln, url):
    (found,) = [one for one in kiln.cli_json("repository", "list") if one["clone_url"] == str(url)]
    return found


def wait_seen(kiln, url):
    """The repository, once its heads of the connecting are known."""
    return until(lambda: (one := repository(kiln, url))["watch"]["looked_on"] and not one["watch"]["error"] and one,
                 f"{url} to be looked at", 60)


def wait_error(kiln, url, words):
    return until(lambda: words in ((error := repository(kiln, url)["watch"]["error"]) or "") and error, f"'{words}' of {url}", 60)


def wait_looks(kiln, url, count=2):
    """Until so many more looks have been made."""
    times = set()
    until(lambda: times.add(repository(kiln, url)["watch"]["looked_on"]) or len(times) > count, f"{count} looks", 60)


def wait_build(kiln, worker, commit, seconds=60):
    """The Worker's build of that commit, once there is one."""
    def find():
        return next((one for one in kiln.builds_of(worker) if one["build_trigger_metadata"]["commit_hash"] == commit), None)
    return until(find, f"a build of {commit}", seconds)
