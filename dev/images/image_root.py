"""An image's root file system, unpacked, in which the image's Java program runs as in a container."""

import io
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ImageRoot:
    name: str
    root: Path
    environment: dict[str, str]
    entrypoint: list[str]

    @staticmethod
    def unpack(archive: Path, root: Path) -> "ImageRoot":
        """Unpacks a docker-archive into a new folder and mounts /proc in it. Needs root."""
        root.mkdir()
        with tarfile.open(archive) as tar:
            manifest = json.load(tar.extractfile("manifest.json"))[0]
            config = json.load(tar.extractfile(manifest["Config"]))["config"]
            for layer in manifest["Layers"]:
                with tarfile.open(fileobj=io.BytesIO(tar.extractfile(layer).read())) as files:
                    files.extractall(root)
        for folder in ("dev", "proc", "tmp", "model"):
            (root / folder).mkdir(exist_ok=True)
        for device, minor in (("null", 3), ("random", 8), ("urandom", 9)):
            (root / "dev" / device).unlink(missing_ok=True)
            os.mknod(root / "dev" / device, 0o020666, os.makedev(1, minor))
        (root / "dev/termination-log").touch()
        subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
        return ImageRoot(
            manifest["RepoTags"][0].rsplit("/", 1)[1].split(":")[0],
            root,
            dict(variable.split("=", 1) for variable in config["Env"]),
            config["Entrypoint"],
        )

    def command(self, *jvm_options: str) -> list:
        """The entrypoint's command, with more options for its JVM."""
        java = self.environment["JAVA_HOME"] + "/bin/java"
        return [shutil.which("chroot"), self.root, java, *jvm_options, *self.entrypoint[1:]]

    def unmount(self):
        subprocess.run(["umount", self.root / "proc"], check=True)
