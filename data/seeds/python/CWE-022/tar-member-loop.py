import sys
import tarfile

IMAGE_SUFFIXES = (".png", ".jpg", ".webp")


def unpack_images(archive_path, target_dir):
    count = 0
    with tarfile.open(archive_path, "r:*") as tar:
        for member in tar:
            if not member.isfile():
                continue
            if member.name.lower().endswith(IMAGE_SUFFIXES):
                tar.extract(member, target_dir)
                count += 1
    return count


if __name__ == "__main__":
    print(unpack_images(sys.argv[1], sys.argv[2]), "images")
