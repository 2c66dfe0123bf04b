import subprocess

from bottle import Bottle, request, response

app = Bottle()


@app.route("/dns")
def lookup():
    domain = request.query.get("domain")
    kind = request.query.get("type") or "A"
    response.content_type = "text/plain"
    try:
        answer = subprocess.check_output(
            f"dig +short {domain} {kind}",
            shell=True,
            timeout=10,
        )
    except subprocess.CalledProcessError as problem:
        response.status = 502
        return "dig stopped with {}".format(problem.returncode)
    return answer.decode()


app.run(host="localhost", port=8081)
