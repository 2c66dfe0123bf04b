from tarfile import ReadError, open as open_tar


def extract_some(source, names, folder="."):
    missing = []
    try:
        tar = open_tar(source)
    except ReadError:
        return list(names)
    wanted = set(names)
    for entry in tar.getmembers():
        if entry.name in wanted:
            tar.extract(entry, folder)
            wanted.discard(entry.name)
    missing.extend(sorted(wanted))
    tar.close()
    return missing
