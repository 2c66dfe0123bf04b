import argparse
import hashlib
import json
import os
import tarfile


class FirmwareBundle:
    def __init__(self, filename):
        self.filename = filename

    def unpack(self, into):
        bundle = tarfile.open(self.filename, mode="r:xz")
        try:
            bundle.extractall(into)
        finally:
            bundle.close()
        return os.path.join(into, "manifest.json")


def wrong_files(manifest_path):
    base = os.path.dirname(manifest_path)
    with open(manifest_path, encoding="utf-8") as stream:
        manifest = json.load(stream)
    for name, expected in manifest["files"].items():
        with open(os.path.join(base, name), "rb") as part:
            if hashlib.sha256(part.read()).hexdigest() != expected:
                yield name


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle")
    parser.add_argument("--into", default="build/firmware")
    args = parser.parse_args()
    manifest = FirmwareBundle(args.bundle).unpack(args.into)
    broken = list(wrong_files(manifest))
    print("broken:", ", ".join(broken) if broken else "none")


if __name__ == "__main__":
    main()
