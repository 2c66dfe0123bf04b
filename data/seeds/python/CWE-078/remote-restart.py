import os

import paramiko
from fastapi import APIRouter

router = APIRouter()


def connect() -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.connect(os.environ["DOCKER_HOST_NAME"], username="deploy")
    return client


@router.post("/containers/{name}/restart")
def restart(name: str):
    client = connect()
    try:
        _, stdout, _ = client.exec_command("docker restart " + name)
        output = stdout.read().decode()
    finally:
        client.close()
    return {"container": name, "output": output}
