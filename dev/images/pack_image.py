#!/usr/bin/env python3
"""Pack a root file system (a folder or a tar) as a docker-archive, the same bytes for the same input.

usage: pack_image.py OUT.tar NAME:TAG ROOTFS [--entrypoint A,B] [--user U] [--env K=V] [--workdir D]
"""

import argparse
import hashlib
import io
import json
import tarfile
from pathlib import Path

EPOCH = 1767225600  # 2026-01-01, the time of every file in every image


def entry(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.mtime = EPOCH
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def layer(rootfs: Path) -> bytes:
    if not rootfs.is_dir():
        return rootfs.read_bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(rootfs.rglob("*")):
            tar.add(path, arcname=str(path.relative_to(rootfs)), recursive=False, filter=entry)
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("name")
    parser.add_argument("rootfs", type=Path)
    parser.add_argument("--entrypoint", default="")
    parser.add_argument("--user", default="65532:65532")
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("--workdir", default="/")
    arguments = parser.parse_args()

    content = layer(arguments.rootfs)
    digest = hashlib.sha256(content).hexdigest()
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {
                "Entrypoint": [word for word in arguments.entrypoint.split(",") if word],
                "User": arguments.user,
                "Env": [path, *arguments.env],
                "WorkingDir": arguments.workdir,
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": "mkimage"}],
        }
    ).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    layer_name = f"{digest}/layer.tar"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [arguments.name], "Layers": [layer_name]}]).encode()
    with tarfile.open(arguments.out, "w") as archive:
        for name, data in ((config_name, config), (layer_name, content), ("manifest.json", manifest)):
            info = entry(tarfile.TarInfo(name))
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


if __name__ == "__main__":
    main()
