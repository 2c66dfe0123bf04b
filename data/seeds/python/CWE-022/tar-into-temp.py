import os
import subprocess
import tarfile
import tempfile


class Release:
    def __init__(self, tarball):
        self.tarball = tarball

    def build(self):
        with tempfile.TemporaryDirectory() as workdir:
            with tarfile.open(self.tarball) as sources:
                top = os.path.commonprefix(sources.getnames())
                sources.extractall(workdir)
            folder = os.path.join(workdir, top)
            subprocess.run(["make", "dist"], cwd=folder, check=True)
            return sorted(os.listdir(os.path.join(folder, "dist")))


def build_all(tarballs):
    return {tarball: Release(tarball).build() for tarball in tarballs}
