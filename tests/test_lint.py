"""The house's own static checks find what they are for."""
import importlib.util

import pytest

from harness.server import ROOT


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("code", [
    "fs::exists(path);",
    "std::filesystem::absolute((*words)[\"--root\"]);",
    "const bool there = fs::is_directory(root / \"a, b\") && access(root);",
    "std::error_code error; fs::rename(from, to);",
    "for (const auto& entry : fs::directory_iterator(folder, error)) {}",
    "std::error_code error; for (fs::directory_iterator entry(folder, error), end; entry != end; ++entry) {}",
    "fs::directory_iterator entry(folder);",
    "if (entry->is_directory()) return;",
])
def test_calls_of_the_file_system_that_throw_are_found(code):
    assert load("check_filesystem").problems_in(code)


@pytest.mark.parametrize("code", [
    "std::error_code error; fs::exists(path, error);",
    "std::error_code ignored; fs::permissions(file, perms(0755), fs::perm_options::add, ignored);",
    "std::error_code e; for (fs::directory_iterator entry(folder, e), end; !e && entry != end; entry.increment(e)) {}",
    "std::error_code e; if (entry->is_directory(e)) return;",
    "// fs::exists(path) throws\nconst char* words = \"fs::exists(path)\";",
])
def test_calls_that_do_not_throw_are_let_through(code):
    assert load("check_filesystem").problems_in(code) == []
