"""The Lambda package: the same bytes twice, for Lambda's machine, and nothing superfluous."""

from __future__ import annotations

import hashlib
import shutil
import struct
import sys
from pathlib import Path

import pytest

from infra import bundling, wheelhouse

pytestmark = pytest.mark.slow

THIS_MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
ARM64 = 0xB7  # e_machine of an ELF file for AArch64


def contents(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file's mode and digest, by its path."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode & 0o777,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def package() -> Path:
    """The whole package, as it is deployed."""
    return bundling.package()


@pytest.fixture
def without_dependencies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds carry our own code only: quick."""
    monkeypatch.setattr(bundling, "_install", lambda folder: folder.mkdir())


def test_it_is_the_same_bytes_twice(package: Path, tmp_path: Path) -> None:
    again = tmp_path / "somewhere" / "else" / "twice"
    again.parent.mkdir(parents=True)
    bundling.build(again, bundling.bytecode_compiler())
    assert contents(package) == contents(again)


def test_it_carries_our_code_and_its_data(package: Path) -> None:
    for path in ("functions/ingest.py", "shared/domain/orders.py", "shared/brands/aoba.toml"):
        assert (package / path).is_file()
    assert list(package.glob("shared/lifecycles/*/templates/**/*"))


def test_it_carries_no_caches_tests_or_build_records(package: Path) -> None:
    for path in package.rglob("*"):
        assert path.name not in bundling.EXCLUDED_FILES, path
        assert not {"tests", "test", "samples"} & set(path.relative_to(package).parts), path
    assert not (package / "bin").exists()
    for outside in ("infra", "local", "ops", "boto3", "botocore", "moto"):
        assert not (package / outside).exists()


def test_no_local_path_stands_in_it(package: Path) -> None:
    here = str(wheelhouse.ROOT).encode()
    for path in package.rglob("*"):
        if path.is_file():
            assert here not in path.read_bytes(), path


def test_native_code_is_for_lambdas_machine(package: Path) -> None:
    libraries = list(package.rglob("*.so"))
    assert libraries
    for library in libraries:
        header = library.read_bytes()[:20]
        assert header[:4] == b"\x7fELF", library
        assert struct.unpack("<H", header[18:20])[0] == ARM64, library


def test_it_is_well_below_lambdas_limit(package: Path) -> None:
    size = sum(path.stat().st_size for path in package.rglob("*") if path.is_file())
    assert size < 150 * 1024 * 1024  # Lambda's own limit is 250 MB, unzipped


@pytest.mark.usefixtures("without_dependencies")
def test_bytecode_is_hash_based_unchecked_and_the_same_twice(tmp_path: Path) -> None:
    compiler = bundling.bytecode_compiler(THIS_MINOR)
    once, twice = tmp_path / "once", tmp_path / "twice"
    bundling.build(once, compiler)
    bundling.build(twice, compiler)
    assert contents(once) == contents(twice)
    sources, compiled = list(once.rglob("*.py")), list(once.rglob("*.pyc"))
    assert {path.stem for path in sources} == {path.stem.partition(".")[0] for path in compiled}
    assert len(sources) == len(compiled)
    for path in compiled:
        # PEP 552: bit 0 says hash-based, bit 1 says that the source is to be checked.
        (flags,) = struct.unpack("<I", path.read_bytes()[4:8])
        assert flags == 0b01, path
        assert str(tmp_path).encode() not in path.read_bytes(), path


@pytest.mark.usefixtures("without_dependencies")
def test_without_a_compiler_it_ships_sources(tmp_path: Path) -> None:
    bundling.build(tmp_path / "package", None)
    assert not list(tmp_path.rglob("*.pyc"))
    assert (tmp_path / "package/functions/ingest.py").is_file()


def test_bytecode_of_another_minor_version_is_not_shipped() -> None:
    assert bundling.bytecode_compiler("3.2") is None
    assert bundling.bytecode_compiler(THIS_MINOR) == sys.executable


def test_without_the_wheels_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "WHEELHOUSE", tmp_path)
    with pytest.raises(bundling.BundlingError, match="make setup"):
        bundling.build(tmp_path / "package", None)


def test_with_the_wrong_wheels_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(wheelhouse.REQUIREMENTS, tmp_path)
    monkeypatch.setattr(bundling, "WHEELHOUSE", tmp_path)
    with pytest.raises(bundling.BundlingError, match="make setup"):
        bundling.build(tmp_path / "package", None)


def test_the_wheelhouse_holds_what_is_pinned() -> None:
    assert wheelhouse.is_current(), "run `make setup`"
