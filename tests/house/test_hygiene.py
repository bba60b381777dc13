"""What is in the repository works on any machine: nothing names a host of a registry or a path of ours, everything installed is pinned by hash."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Put together here, so that this file does not hold what it looks for.
HOSTS = ["pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js", "deb.debian" + ".org"]
PATHS = ["/wor" + "k/", "/roo" + "t/", "/home" + "/", "/tmp" + "/", "C:" + "\\Users"]
BUILT = {".mp4", ".webm", ".glb", ".gltf", ".zip", ".sqlite3", ".whl", ".pyc"}
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-next.txt"]


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this copy is no git clone, so what belongs to the repository is not known")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts(paths: list[Path]) -> list[tuple[str, str]]:
    found = []
    for path in paths:
        try:
            found.append((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture
    return found


def test_no_file_names_the_host_of_a_package_registry(tracked: list[Path]) -> None:
    assert [(name, host) for name, text in texts(tracked) for host in HOSTS if host in text] == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on(tracked: list[Path]) -> None:
    pattern = re.compile("|".join(rf"(?<![\w.:/>}}-]){re.escape(path)}\w" for path in PATHS))
    assert [(name, match[0]) for name, text in texts(tracked) if not name.startswith("tests/") for match in [pattern.search(text)] if match] == []


def test_nothing_built_and_no_scratch_note_is_in_the_repository(tracked: list[Path]) -> None:
    names = [path.relative_to(ROOT) for path in tracked]
    assert [str(name) for name in names if name.suffix in BUILT or name.name in {"uv.lock", "pylock.toml"} or name.name.startswith("NOTE_")] == []
    assert [str(name) for name in names if name.parts[:2] == ("static", "vendor") or "node_modules" in name.parts] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_with_its_hashes(name: str) -> None:
    joined = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) > 50
    assert [line[:60] for line in lines if not re.match(r"[a-z0-9][\w.-]*(\[[\w,-]+\])?==\S+.*--hash=sha256:[0-9a-f]{64}", line)] == []


@pytest.mark.parametrize(("asked", "locked"), [("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt"),
                                               ("requirements-next.in", "requirements-next.txt")])  # fmt: skip
def test_every_wanted_package_is_locked(asked: str, locked: str) -> None:
    wanted = {re.split(r"[\[<>=;]", line)[0].strip().lower() for line in (ROOT / asked).read_text().splitlines() if line and line[0] not in "#-"}
    held = {match.lower() for match in re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==", (ROOT / locked).read_text(), re.MULTILINE)}
    assert wanted - held == set()


def test_the_browser_packages_are_pinned_by_hash_and_without_an_address() -> None:
    packages = json.loads((ROOT / "static/package-lock.json").read_text())["packages"]
    assert [name for name, facts in packages.items() if name and not facts.get("integrity")] == []
    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "static/.npmrc").read_text()


def test_no_template_holds_script_or_style() -> None:
    """The content security policy forbids both; a page with one would be broken, not merely ugly."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style\b|\sstyle=|\son[a-z]+=[\"']|javascript:", re.IGNORECASE)
    comments = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
    found = [(str(path.relative_to(ROOT)), match[0]) for path in (ROOT / "templates").rglob("*.html")
             for match in [inline.search(comments.sub("", path.read_text()))] if match]  # fmt: skip
    assert found == []


def documents() -> list[tuple[Path, str]]:
    return [(path, re.sub(r"<!--.*?-->", "", path.read_text(), flags=re.DOTALL)) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]]


def test_the_documents_link_only_to_what_is_there() -> None:
    broken = []
    for path, text in documents():
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target and not (path.parent / target).exists():
                broken.append((path.name, target))
    assert broken == []


def test_the_documents_name_only_files_that_exist() -> None:
    named = re.compile(r"`((?:pixsim|worlds|npcs|scenes|sessions|generation|templates|static|tests|docs)/[\w./-]*)`")
    missing = [(path.name, name) for path, text in documents() for name in named.findall(text) if not (ROOT / name).exists()]
    assert [pair for pair in missing if not pair[1].startswith("static/vendor")] == []


def test_make_help_tells_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert (
        targets == set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE)) == set(re.search(r"^\.PHONY: (.*)", makefile, re.MULTILINE)[1].split())
    )
