import subprocess

from aiohttp import web


class Clip(web.View):
    async def get(self):
        video = self.request.match_info["video"]
        job = {
            "input": f"/media/{video}.mp4",
            "output": f"/media/clips/{video}.mp4",
        }
        code = self.cut(job)
        return web.json_response({"clip": job["output"], "code": code})

    def cut(self, job):
        line = f"ffmpeg -y -ss 0 -t 10 -i {job['input']} -c copy {job['output']}"
        return subprocess.run(line, shell=True).returncode


app = web.Application()
app.router.add_view("/clips/{video}", Clip)
