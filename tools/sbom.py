#!/usr/bin/python3
"""What a release is made of, as CycloneDX 1.5 JSON: the Debian packages whose code the programs hold or load, the npm packages of
kiln-tools, and the release's own files with their hashes.

    tools/sbom.py VERSION SECONDS BUILD_DIR TOOLS_DIR FILE...   > kiln-VERSION.cdx.json

SECONDS is the time that it carries. The same release gives the same bytes."""
import base64
import hashlib
import json
import re
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("kiln", "kiln-runner", "kiln-agent")


def output(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def installed():
    """name → (version, source package) of every Debian package of this machine."""
    lines = output("dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Version}\t${source:Package}\n").splitlines()
    return {name: (version, source) for status, name, version, source in (line.split("\t") for line in lines) if status == "installed"}


def loaded(build):
    """The Debian packages of the libraries that the programs are linked with."""
    paths = set()
    for program in PROGRAMS:
        done = subprocess.run(["ldd", build / program], capture_output=True, text=True)
        paths.update(re.findall(r"=> (/\S+)", done.stdout))
    found = set()
    for path in paths:
        real = str(Path(path).resolve())
        candidates = (real, real.removeprefix("/usr"), path, path.removeprefix("/usr"))
        for candidate in candidates:  # with a merged /usr dpkg knows it under either name
            done = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True)
            if done.returncode == 0:
                found.add(done.stdout.split(":")[0])
                break
        else:
            raise SystemExit(f"sbom: no package has {path}")
    return found


def compiled_in():
    """Libraries of tools/setup.sh whose headers or archives become part of the programs."""
    wanted = re.search(r"^packages=\((.*?)\)", (ROOT / "tools/setup.sh").read_text(), re.S | re.M).group(1).split()
    return {name for name in wanted if name.startswith("lib") and name.endswith("-dev")} | {"libstdc++-12-dev", "libc6-dev"}


def debian_component(name, version, source, how):
    return {"type": "library", "bom-ref": f"deb/{name}", "name": name, "version": version, "scope": "required",
            "purl": f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?distro=debian-12",
            "properties": [{"name": "kiln:how", "value": how}, {"name": "kiln:source-package", "value": source}]}


def debian_components(build):
    packages = installed()
    how = {name: "compiled in" for name in compiled_in()} | {name: "loaded" for name in loaded(build)}
    missing = sorted(set(how) - set(packages))
    if missing:
        raise SystemExit(f"sbom: not installed: {', '.join(missing)}")
    return [debian_component(name, *packages[name], how[name]) for name in sorted(how)]


def npm_component(path, package):
    name = path.rpartition("node_modules/")[2]
    kind, _, digest = package.get("integrity", "").partition("-")
    component = {"type": "library", "bom-ref": f"npm/{path}", "name": name, "version": package["version"], "scope": "required",
                 "purl": f"pkg:npm/{name.replace('@', '%40')}@{package['version']}",
                 "properties": [{"name": "kiln:how", "value": "in kiln-tools"}]}
    if kind == "sha512":
        component["hashes"] = [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]
    if package.get("license"):
        component["licenses"] = [{"expression": package["license"]}]
    return component


def npm_components(tools):
    """What npm installed of the lock file, and Node itself, which stands elsewhere there."""
    lock = json.loads((ROOT / "tools/toolchain/package-lock.json").read_text())["packages"]
    there = json.loads((tools / "node/default/lib/node_modules/.package-lock.json").read_text())["packages"]
    missing = sorted(path for path in there if path not in lock)
    if missing:
        raise SystemExit(f"sbom: not in the lock file: {', '.join(missing)}")
    return [npm_component(path, lock[path]) for path in sorted(there)]


def file_component(path):
    return {"type": "file", "bom-ref": f"file/{path.name}", "name": path.name,
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]}


def main(version, seconds, build, tools, *files):
    product = {"type": "application", "bom-ref": "kiln", "name": "kiln", "version": version,
               "licenses": [{"license": {"id": "Apache-2.0"}}]}
    components = [*map(file_component, sorted(map(Path, files))), *debian_components(Path(build)), *npm_components(Path(tools))]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([product, components], sort_keys=True))
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}", "version": 1,
               "metadata": {"timestamp": datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                            "component": product},
               "components": components,
               "dependencies": [{"ref": "kiln", "dependsOn": [one["bom-ref"] for one in components]}]}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    if len(sys.argv) < 5:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
