"""A turborepo whose pnpm 12 is named by devEngines: the Worker's package stands on another one's build."""
import re

from ..subject import Subject


def tasks(site):
    assert re.fullmatch(r"hello ada, by task [0-9a-f]{16}", site.page("/", **{"x-who": "ada"}))


SUBJECT = Subject(
    title="Turborepo", folder="turborepo", packages=["turbo", "pnpm"], root="apps/web", build="pnpm turbo run build --filter=web",
    log="Installing project dependencies: pnpm install --frozen-lockfile", answers={"what two packages' tasks made": tasks},
    notes="the root directory is `apps/web`; `devEngines` of the workspace name pnpm")
