"""Two Workers of one repository: one with a cron trigger and two entrypoints, one that calls them by RPC."""
from harness.waiting import until

from ..subject import Subject


def rpc(site):
    assert site.page("/sum") == "5"


def entrypoint(site):
    assert site.page("/shout") == "ADA"


def cron(site):
    until(lambda: site.page("/minutes") != "0", "the cron trigger to run", 90)


SUBJECT = Subject(
    title="two Workers, plain wrangler", folder="cron-rpc", packages=[],
    workers={"cron-rpc-api": "api", "cron-rpc-site": "site"},
    answers={"RPC over a service binding": rpc, "a named entrypoint": entrypoint, "a cron trigger": cron})
