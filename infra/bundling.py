"""The Lambda package: dependencies for Lambda's machine, functions/ and shared/. No Docker.

One package for all functions. It is built from what is on disk only (the wheelhouse that set-up
fetched), and it is the same bytes twice: fixed modes, no installer's notes, and bytecode that is
checked against nothing. CDK's zip dates every file 1980, which makes Python throw ordinary
bytecode away on each cold start; hash-based unchecked bytecode stays.

The package's folder is named by a digest of its inputs, so that it is built once, and two
builders at the same time do not disturb each other.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from infra.wheelhouse import LAMBDA_PYTHON, REQUIREMENTS, ROOT, WHEELHOUSE

OWN_FOLDERS = ("functions", "shared")
PLATFORM = "aarch64-manylinux_2_34"

# What no function reads at run time: caches, notes for people, other packages' tests, and the
# installer's own records (they name local paths, so they would make each build differ).
EXCLUDED_FOLDERS = {"__pycache__", "tests", "test", "samples"}
EXCLUDED_FILES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
EXCLUDED_SUFFIXES = {".md", ".pyc", ".pyi"}


class BundlingError(Exception):
    """The package cannot be built; the text says what to do."""


def package(target: Path | None = None) -> Path:
    """Return the folder of the Lambda package, built if it is not there yet.

    Args:
        target: where packages are kept; the repository's own .build folder if not given.

    Raises:
        BundlingError: set-up did not fetch the wheels, or the installer failed.
    """
    kept = target or ROOT / ".build"
    compiler = bytecode_compiler()
    folder = kept / f"lambda-{_inputs_digest(compiler)}"
    if not folder.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        if compiler is None:
            print(
                f"No Python {LAMBDA_PYTHON} on this machine: the package carries sources only, "
                "and its functions start a little slower.",
                file=sys.stderr,
            )
        with tempfile.TemporaryDirectory(dir=kept, prefix="building-") as name:
            built = Path(name) / "package"
            build(built, compiler)
            # Somebody else may have built the same in the meantime: theirs is as good.
            if not folder.is_dir():
                built.rename(folder)
    return folder


def build(folder: Path, compiler: str | None) -> None:
    """Build the package in ``folder``, which must not exist.

    Args:
        folder: what is zipped; the root of the functions' import path.
        compiler: the Python that compiles bytecode; None to ship sources only.
    """
    _install(folder)
    for name in OWN_FOLDERS:
        shutil.copytree(
            ROOT / name,
            folder / name,
            ignore=lambda where, names: [n for n in names if _excluded(Path(where) / n)],
        )
    _strip(folder)
    if compiler is not None:
        _compile(folder, compiler)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def bytecode_compiler(minor: str = LAMBDA_PYTHON) -> str | None:
    """Return a Python of exactly this minor version, or None.

    Bytecode of another minor version is of no use to Lambda. A candidate is run, not only
    looked up: a version manager may have a shim that refuses.
    """
    ask = "import sys; print('.'.join(map(str, sys.version_info[:2])))"
    for candidate in (sys.executable, shutil.which(f"python{minor}")):
        if candidate is None:
            continue
        answer = subprocess.run([candidate, "-c", ask], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.strip() == minor:
            return candidate
    return None


def _inputs_digest(compiler: str | None) -> str:
    """A digest of everything that the package is made from."""
    digest = hashlib.sha256(f"{LAMBDA_PYTHON} {PLATFORM} {compiler is not None}\n".encode())
    sources = [Path(__file__), REQUIREMENTS]
    sources += [path for name in OWN_FOLDERS for path in _files(ROOT / name)]
    for path in sources:
        digest.update(f"{path.relative_to(ROOT).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files(folder: Path) -> Iterator[Path]:
    """The files that are shipped from one of our folders, in a fixed order."""
    for path in sorted(folder.iterdir()):
        if _excluded(path):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _excluded(path: Path) -> bool:
    if path.is_dir():
        return path.name in EXCLUDED_FOLDERS or path.name.startswith(".")
    return path.name in EXCLUDED_FILES or path.suffix in EXCLUDED_SUFFIXES


def _install(folder: Path) -> None:
    """Put the pinned dependencies into ``folder``, from the wheelhouse alone."""
    if not (WHEELHOUSE / REQUIREMENTS.name).is_file():
        raise BundlingError("The wheels for Lambda are not here. Run `make setup` first.")
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-config"]
    command += ["--offline", "--no-index", "--find-links", str(WHEELHOUSE), "--no-cache"]
    command += ["--no-deps", "--only-binary", ":all:", "--link-mode", "copy"]
    command += ["--python-platform", PLATFORM, "--python-version", LAMBDA_PYTHON]
    command += ["--target", str(folder), "--requirement", str(REQUIREMENTS)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise BundlingError(
            "The wheels for Lambda do not fit requirements.txt. Run `make setup` again.\n"
            + answer.stderr.strip()
        )


def _strip(folder: Path) -> None:
    """Remove what no function reads."""
    shutil.rmtree(folder / "bin", ignore_errors=True)  # the dependencies' commands
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.exists() and _excluded(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _compile(folder: Path, compiler: str) -> None:
    """Compile all sources to unchecked hash-based bytecode."""
    command = [compiler, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    # The file names in tracebacks are Lambda's, not this machine's.
    command += ["-s", str(folder), "-p", "/var/task", str(folder)]
    # With a random hash seed the sets inside code objects come in a random order.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if answer.returncode != 0:
        raise BundlingError(f"A source does not compile:\n{answer.stdout.strip()}")
