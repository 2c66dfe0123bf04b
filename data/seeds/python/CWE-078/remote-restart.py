import os
import subprocess

from fastapi import APIRouter, HTTPException

router = APIRouter()


class Machine:
    def __init__(self, host: str):
        self.host = host

    def docker(self, action: str, container: str) -> tuple[int, str]:
        line = f"docker -H ssh://{self.host} {action} {container}"
        process = subprocess.Popen(line, shell=True, stdout=subprocess.PIPE, text=True)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output


machine = Machine(os.environ.get("CONTAINER_HOST", "localhost"))


@router.post("/containers/{name}/restart")
def restart(name: str):
    code, output = machine.docker("restart", name)
    if code != 0:
        raise HTTPException(502, "the container did not restart")
    return {"container": name, "output": output}
