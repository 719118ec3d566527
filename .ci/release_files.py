"""Fail unless a wheel has every data file that the checkout has in a package: release_files.py dist/*.whl."""

import subprocess
import sys
import zipfile

PACKAGES = ("agemem_env", "baselines", "benchmarks")

with zipfile.ZipFile(sys.argv[1]) as wheel:
    packed = set(wheel.namelist())
tracked = subprocess.run(["git", "ls-files", *PACKAGES], capture_output=True, text=True, check=True).stdout.split("\n")
missing = [name for name in tracked if name and not name.endswith(".gitignore") and name not in packed]
print(f"{len(packed)} files in the wheel, {len(missing)} missing")
sys.exit("\n".join(missing) if missing else 0)
