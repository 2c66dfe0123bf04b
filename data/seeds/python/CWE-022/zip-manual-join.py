import os
import zipfile


def unpack(zip_path, destination):
    written = []
    with zipfile.ZipFile(zip_path) as bundle:
        for entry in bundle.infolist():
            target = os.path.join(destination, entry.filename)
            if entry.is_dir():
                os.makedirs(target, exist_ok=True)
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with bundle.open(entry) as source, open(target, "wb") as out:
                out.write(source.read())
            written.append(target)
    return written
