"""Python projects: which file installs them, into what, and what of the host they see. Nothing is fetched: the packages are
made here."""
import base64
import hashlib
import shutil
import subprocess
import zipfile

import pytest

BACKEND = '''import zipfile


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "shop-1.0-py3-none-any.whl"
    files = {"shop.py": "WHO = 'the project itself'\\n",
             "shop-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\nRequires-Dist: tinydep\\n",
             "shop-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
             "shop-1.0.dist-info/RECORD": ""}
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
'''
PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "shop"
version = "1.0"
dependencies = ["tinydep"]
"""


def add_wheel(folder, name="tinydep"):
    """A wheel of one module, as an index would have it."""
    info = f"{name}-1.0.dist-info"
    files = {f"{name}.py": "WHO = 'a dependency'\n", f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += f"{path},sha256={digest},{len(text)}\n"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, text in (files | {f"{info}/RECORD": record}).items():
            wheel.writestr(path, text)


def build(kiln, repo, name, files, command, wheels=True):
    answer = kiln.connect(repo.bare, name, build_command=command, deploy_command="true")
    if wheels:
        add_wheel(repo.work / "wheels")
    trigger = answer["triggers"][0]["trigger_uuid"]
    kiln.call("PATCH", f"/triggers/{trigger}/environment_variables",
              {"PIP_NO_INDEX": {"value": "1", "is_secret": False},
               "PIP_FIND_LINKS": {"value": "/opt/buildhome/repo/wheels", "is_secret": False}}).result
    repo.commit(files)
    (number,) = repo.push()
    return kiln.wait(number), kiln.build_log(number)


def test_requirements_go_into_an_environment_of_the_builds_own(kiln, repo, name):
    done, log = build(kiln, repo, name, {"requirements.txt": "tinydep\n"},
                      "python -c 'import tinydep, sys; print(tinydep.WHO, sys.prefix)' && python3 -m pip --version && "
                      "! python3 -c 'import yaml' && echo $VIRTUAL_ENV")
    assert done["build_outcome"] == "success", "\n".join(log)
    assert "a dependency /opt/buildhome/.kiln-python" in log and "/opt/buildhome/.kiln-python" in log
    assert "Installing project dependencies: pip install -r requirements.txt" in log


def test_a_pyproject_is_installed_by_its_own_backend(kiln, repo, name):
    done, log = build(kiln, repo, name, {"pyproject.toml": PYPROJECT, "backend.py": BACKEND},
                      "cd / && python3 -c 'import shop, tinydep; print(shop.WHO, tinydep.WHO)'")
    assert done["build_outcome"] == "success", "\n".join(log)
    assert "the project itself a dependency" in log
    assert "Installing project dependencies: pip install ." in log


def test_a_pyproject_of_settings_alone_installs_nothing(kiln, repo, name):
    done, log = build(kiln, repo, name, {"pyproject.toml": "[tool.ruff]\nline-length = 100\n"}, "true", wheels=False)
    assert done["build_outcome"] == "success"
    assert any(line.startswith("No dependencies to install") for line in log)


@pytest.mark.parametrize("files,installer", [({"uv.lock": "version = 1\n", "pyproject.toml": PYPROJECT}, "uv"),
                                             ({"Pipfile": "[packages]\ntinydep = '*'\n"}, "pipenv")])
def test_uv_and_pipenv_are_fetched_where_the_machine_has_none(kiln, repo, name, files, installer):
    """Here no index has them, nor what they would fetch: the build fails at that, and its log says which command it was."""
    of_machine = {"uv": "uv sync --frozen", "pipenv": "pipenv install"}[installer]
    command = of_machine if shutil.which(installer, path="/usr/local/bin:/usr/bin:/bin") else f"pip install {installer}"
    done, log = build(kiln, repo, name, files, "true")
    assert done["build_outcome"] == "fail"
    assert f"Installing project dependencies: {command}" in log
    assert any(f'The install command "{command}"' in line for line in log)


@pytest.mark.parametrize("module", ["yaml", "pytest"])
def test_the_hosts_packages_are_not_there_in_any_build(kiln, repo, name, module):
    subprocess.run(["/usr/bin/python3", "-c", f"import {module}"], check=True)
    done, log = build(kiln, repo, name, {"a": ""}, f"! python3 -c 'import {module}' && python3 -c 'import ssl, json; print(\"stdlib\")'",
                      wheels=False)
    assert done["build_outcome"] == "success" and "stdlib" in log, "\n".join(log)


def test_pip_in_a_build_that_is_no_python_project(kiln, repo, name):
    done, log = build(kiln, repo, name, {"a": ""}, "pip install -q tinydep && python3 -c 'import tinydep; print(tinydep.WHO)'")
    assert done["build_outcome"] == "success" and "a dependency" in log, "\n".join(log)
