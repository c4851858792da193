"""The wheel: what is in it, and that it works by itself, far from the checkout."""

import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[3]
SHARED = ("rules", "models", "systemd", "monitoring")


def tracked(*folders: str) -> list[str]:
    found = subprocess.run(["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in found.stdout.split("\0") if name and (ROOT / name).exists()]


def test_nothing_tracked_leads_elsewhere() -> None:
    """A link to an environment outside took, with the first merge, the place of that environment itself."""
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert [line for line in listed.stdout.splitlines() if line.startswith("120000")] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def gatepost(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an environment that has the wheel, and the libraries of this one."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=60)
    paths = dict.fromkeys(path for path in sys.path if path.endswith("site-packages"))
    (site,) = home.glob("lib/python3*/site-packages")
    (site / "libraries.pth").write_text("\n".join(paths) + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--quiet"]
    flags = ["--no-deps", "--no-index", "--no-compile", "--ignore-installed", "--no-warn-script-location"]
    subprocess.run([*pip, *flags, str(wheel)], check=True, capture_output=True, timeout=120)
    return home / "bin" / "gatepost"


def test_all_data_files_are_in_it(wheel: Path) -> None:
    """Each file that Git knows: rules, models, units, monitoring, and what lies beside the code."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    data = f"{'-'.join(wheel.name.split('-')[:2])}.data/data/share/gatepost/"

    assert [name for name in tracked(*SHARED) if data + name not in names] == []
    assert [name for name in tracked("gateway") if name not in names] == []


def test_it_works_far_from_the_checkout(gatepost: Path, tmp_path: Path) -> None:
    """Version, rules and models come from the wheel alone."""
    environ = {name: os.environ[name] for name in ("PATH", "XDG_CACHE_HOME")}
    environ |= {"HOME": str(tmp_path), "GATEPOST_STORE_FOLDER": str(tmp_path)}

    def run(*words: str) -> str:
        done = subprocess.run(
            [gatepost, *words], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert run("--version").strip().endswith(version)
    assert str(gatepost.parents[1]) in run("config", "show")
    assert "sha256:" in run("policy", "check")
    assert sysconfig.get_paths()["purelib"] not in run("config", "show")


def test_the_package_has_the_version_of_the_project() -> None:
    """debian/changelog follows pyproject.toml."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (ROOT / "debian" / "changelog").read_text().startswith(f"gatepost ({version}-")
