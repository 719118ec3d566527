"""Checks that wheel and source distribution hold every file of the packages: ``release_files.py DIST SOURCE``."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

PACKAGES = ("agemem_env/", "baselines/", "benchmarks/")

dist, source = map(Path, sys.argv[1:])
(wheel,), (archive,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
listed = subprocess.run(["git", "ls-files"], cwd=source, capture_output=True, text=True, check=True).stdout
wanted = {name for name in listed.splitlines() if name.startswith(PACKAGES)} | {"agemem.py"}
with zipfile.ZipFile(wheel) as zipped, tarfile.open(archive) as packed:
    in_wheel = {*zipped.namelist()}
    in_archive = {name.partition("/")[2] for name in packed.getnames()}
for where, names in ((wheel, in_wheel), (archive, in_archive)):
    missing = sorted(wanted - names)
    if missing:
        sys.exit(f"{where.name} lacks {len(missing)} files: {', '.join(missing[:5])}")
ours = (*PACKAGES, "agemem.py", f"{wheel.name.rpartition('-py3')[0]}.dist-info/")
foreign = sorted(name for name in in_wheel if not name.startswith(ours))
if foreign:
    sys.exit(f"{wheel.name} has files that are no part of it: {', '.join(foreign[:5])}")
print(f"{len(wanted)} files in {wheel.name} ({wheel.stat().st_size / 1e6:.1f} MB) and {archive.name}")
