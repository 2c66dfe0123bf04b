import os
import tarfile
from pathlib import Path

CACHE = Path.home() / ".cache" / "buildkit"


def strip_leading(info):
    _, _, rest = info.name.partition("/")
    info.name = rest
    return info


def unpack_package(fileobj, name, version):
    home = CACHE / name / version
    if home.exists():
        return home
    home.mkdir(parents=True)
    package = tarfile.open(fileobj=fileobj, mode="r|gz")
    member = package.next()
    while member is not None:
        member = strip_leading(member)
        if member.name and not member.issym():
            package.extract(member, path=str(home), set_attrs=False)
        member = package.next()
    package.close()
    os.utime(home)
    return home
