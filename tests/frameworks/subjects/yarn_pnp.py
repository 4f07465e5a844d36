"""Yarn 4 without node_modules: the bundler and what it bundles come out of zip files."""
from ..subject import Subject


def bundled(site):
    assert site.page("/7") == "7 is a number" and site.page("/seven") == "seven is none"


SUBJECT = Subject(
    title="Yarn 4, Plug'n'Play", folder="yarn-pnp", packages=["yarn", "esbuild"], build="yarn build",
    log="Installing project dependencies: yarn", answers={"a bundle of packages in zip files": bundled})
