"""Back MLflow up, and restore it: backup.py backup | restore [NAME]

An archive has database and artifacts. The database is copied first: a run that is FINISHED in it had all its artifacts
by then, and those never change. So the copy of the artifacts, which follows, has every file that the database names.
"""

import datetime
import hashlib
import os
import pathlib
import re
import shutil
import sqlite3
import sys
import tarfile

DATA = pathlib.Path("/data")
WORK = pathlib.Path("/work")
LOCAL = pathlib.Path("/backups")
KEEP = int(os.environ.get("KEEP", "7"))
S3 = os.environ.get("S3_DESTINATION", "")
# The file that the postgres container writes and reads; without it the database is sqlite.
DUMP = WORK / "mlflow.dump"
POSTGRES = os.environ.get("DATABASE") == "postgres"
# Other files in the folder or the bucket are neither counted nor deleted.
NAME = re.compile(r"mlflow-\d{8}T\d{6}Z\.tar\.gz")
DATABASES = ("mlflow.db", "auth.db")


class Folder:
    """Backups on a volume."""

    def names(self):
        return sorted(path.name for path in LOCAL.iterdir() if NAME.fullmatch(path.name))

    def put(self, archive, name):
        partial = LOCAL / f".{name}.partial"
        shutil.copyfile(archive, partial)
        partial.rename(LOCAL / name)

    def get(self, name, archive):
        shutil.copyfile(LOCAL / name, archive)

    def delete(self, name):
        (LOCAL / name).unlink()


class Bucket:
    """Backups in an S3 bucket."""

    def __init__(self, uri):
        import boto3

        self.bucket, _, path = uri.removeprefix("s3://").partition("/")
        self.prefix = path.rstrip("/") + "/" if path else ""
        self.client = boto3.client("s3", endpoint_url=os.environ.get("MLFLOW_S3_ENDPOINT_URL"))

    def names(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.prefix + "mlflow-"
        )
        names = (o["Key"].removeprefix(self.prefix) for page in pages for o in page.get("Contents", []))
        return sorted(name for name in names if NAME.fullmatch(name))

    def put(self, archive, name):
        self.client.upload_file(str(archive), self.bucket, self.prefix + name)

    def get(self, name, archive):
        self.client.download_file(self.bucket, self.prefix + name, str(archive))

    def delete(self, name):
        self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def backup(store):
    copies = []
    if POSTGRES:
        copies.append(DUMP)
    elif not (DATA / DATABASES[0]).exists():
        sys.exit(f"the database {DATA / DATABASES[0]} does not exist")
    for name in DATABASES:
        if (DATA / name).exists():
            copy = WORK / name
            with sqlite3.connect(DATA / name) as source, sqlite3.connect(copy) as target:
                source.backup(target)
            copies.append(copy)
    sums = WORK / "SHA256SUMS"
    sums.write_text("".join(f"{digest(copy)}  {copy.name}\n" for copy in copies))
    archive = WORK / "archive.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        for copy in [sums, *copies]:
            tar.add(copy, copy.name)
        if (DATA / "artifacts").is_dir():
            tar.add(DATA / "artifacts", "artifacts")
    name = datetime.datetime.now(datetime.timezone.utc).strftime("mlflow-%Y%m%dT%H%M%SZ.tar.gz")
    store.put(archive, name)
    print(f"backed up to {name}, {archive.stat().st_size} bytes", flush=True)
    for old in store.names()[:-KEEP]:
        store.delete(old)
        print(f"deleted {old}", flush=True)


def restore(store, name):
    names = store.names()
    if not names:
        sys.exit("no backup exists")
    name = name or names[-1]
    if name not in names:
        sys.exit(f"backup {name} does not exist; existing backups: {' '.join(names)}")
    archive = WORK / "archive.tar.gz"
    store.get(name, archive)
    unpacked = WORK / "unpacked"
    with tarfile.open(archive) as tar:
        # Older Pythons have no filters; the archive is trusted.
        tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        tar.extractall(unpacked)
    for line in (unpacked / "SHA256SUMS").read_text().splitlines():
        wanted, _, file = line.partition("  ")
        if digest(unpacked / file) != wanted:
            sys.exit(f"{name}: {file} is damaged")
    database = DUMP.name if POSTGRES else DATABASES[0]
    if not (unpacked / database).exists():
        sys.exit(f"{name} has no {database}: it was created from another kind of database")
    for database in DATABASES:
        # The journal of the old database must not be applied to the restored one.
        for left in DATA.glob(database + "*"):
            left.unlink()
        if (unpacked / database).exists():
            shutil.copyfile(unpacked / database, DATA / database)
    if (unpacked / "artifacts").is_dir():
        shutil.rmtree(DATA / "artifacts", ignore_errors=True)
        shutil.copytree(unpacked / "artifacts", DATA / "artifacts", copy_function=shutil.copyfile)
    if (unpacked / DUMP.name).exists():
        shutil.move(unpacked / DUMP.name, DUMP)
    print(f"restored {name}", flush=True)


store = Bucket(S3) if S3 else Folder()
if sys.argv[1] == "backup":
    backup(store)
else:
    restore(store, os.environ.get("BACKUP", ""))
